"""A task store in memory that keeps a record of what was written, and can be made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from backend.errors import StoreError, TransitionError
from backend.ledger.archive import Archived
from backend.ledger.store import Change
from backend.models import TRANSITIONS, Status, Task

Listener = Callable[[frozenset[str]], None]


class MemoryStore:
    """Obeys the state machine as the real one does."""

    def __init__(self) -> None:
        self.leads = True
        self.notices: tuple[str, ...] = ()
        self.disk: dict[str, Task] = {}
        """What a durable write has put there."""
        self.writes: list[tuple[str, Status, bool]] = []
        self.broken = False
        self._tasks: dict[str, Task] = {}
        self._listeners: list[Listener] = []

    @property
    def tasks(self) -> Mapping[str, Task]:
        return MappingProxyType(self._tasks)

    async def add(self, tasks: Iterable[Task]) -> None:
        added = list(tasks)
        await asyncio.sleep(0)
        for task in added:
            self._tasks[task.id] = self.disk[task.id] = task
        self._tell(frozenset(task.id for task in added))

    async def update(self, task_id: str, change: Change, *, durable: bool = True) -> Task:
        await asyncio.sleep(0)
        if self.broken:
            raise StoreError("No space left on device")
        before = self._tasks[task_id]
        after = change(before)
        if after.status is not before.status and after.status not in TRANSITIONS[before.status]:
            raise TransitionError(f"{before.status} -> {after.status}")
        self._tasks[task_id] = after
        self.writes.append((task_id, after.status, durable))
        if durable:
            self.disk[task_id] = after
        self._tell(frozenset({task_id}))
        return after

    async def archive(self, task_ids: Iterable[str]) -> None:
        raise NotImplementedError

    async def archived(self) -> tuple[Sequence[Archived], int]:
        return [], 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def flush(self) -> None:
        self.disk.update(self._tasks)

    async def close(self) -> None:
        await self.flush()

    def give_lead(self, leads: bool) -> None:
        self.leads = leads
        self._tell(frozenset())

    def _tell(self, ids: frozenset[str]) -> None:
        asyncio.get_running_loop().call_soon(lambda: [listener(ids) for listener in self._listeners])
