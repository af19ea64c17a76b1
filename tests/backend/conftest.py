"""What tests of the transport share: a server of this process, and the door to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.backend.engine.loopback import Loopback, loopback


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with loopback() as made:
        yield made


@pytest.fixture
async def transport(tmp_path: Path) -> AsyncIterator[Transport]:
    """With the patience that it has for people; the machine may be busy."""
    clock = SystemClock()
    made = Transport(clock, TokenCache(tmp_path / "tokens", clock))
    yield made
    await made.close()
