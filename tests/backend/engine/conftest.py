"""What all tests of the engine share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import Workshop, workshop


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def inline_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run what belongs into a thread at once, so that a test is the same every time."""

    async def to_thread(work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        await asyncio.sleep(0)
        return work(*args, **options)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)


@pytest.fixture
async def shop(clock: FakeClock, tmp_path: Path, inline_threads: None) -> AsyncIterator[Workshop]:
    """An engine with one account, not started yet."""
    async with workshop(clock, tmp_path / "downloads") as made:
        yield made
