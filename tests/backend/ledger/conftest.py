"""An open store, and a maker of others on the same folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from backend.errors import StoreError
from backend.ledger.store import TaskStore
from backend.ledger.tinydb_store import open_store

Opener = Callable[..., Awaitable[TaskStore]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
async def opened(folder: Path) -> AsyncIterator[Opener]:
    """Open stores on the folder, looking often; close what a test leaves open."""
    stores: list[TaskStore] = []

    async def open_one(**options: object) -> TaskStore:
        store = await open_store(folder, **{"poll": 0.01, **options})  # type: ignore[arg-type]
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        with suppress(StoreError):
            await store.close()


@pytest.fixture
async def store(opened: Opener) -> TaskStore:
    return await opened()
