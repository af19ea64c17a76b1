"""One stream of what happens, merged while its reader is busy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.news import News


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the last one, merged."""

    tasks: frozenset[str] = frozenset()
    accounts: bool = False
    lead: bool = False
    notices: tuple[str, ...] = ()
    news: tuple[News, ...] = ()
    requests: bool = False
    """Whether the request log has more; told only while somebody looks at it."""

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.tasks | other.tasks,
            self.accounts or other.accounts,
            self.lead or other.lead,
            self.notices + other.notices,
            self.news + other.news,
            self.requests or other.requests,
        )


class Feed:
    """Hands changes to any number of readers; a slow one gets fewer and larger ones."""

    def __init__(self) -> None:
        self._readers: list[_Reader] = []

    def publish(self, changes: Changes) -> None:
        """Tell every reader. Call it on the event loop."""
        for reader in self._readers:
            reader.add(changes)

    def subscribe(self) -> AsyncIterator[Changes]:
        """Return what happens from this moment on."""
        reader = _Reader()
        self._readers.append(reader)
        return self._read(reader)

    async def _read(self, reader: _Reader) -> AsyncIterator[Changes]:
        try:
            while True:
                yield await reader.next()
        finally:
            self._readers.remove(reader)


class _Reader:
    def __init__(self) -> None:
        self._tasks: set[str] = set()
        self._others = Changes()
        self._filled = asyncio.Event()

    def add(self, changes: Changes) -> None:
        self._tasks |= changes.tasks
        if changes.accounts or changes.lead or changes.notices or changes.news or changes.requests:
            self._others |= replace(changes, tasks=frozenset())
        self._filled.set()

    async def next(self) -> Changes:
        await self._filled.wait()
        self._filled.clear()
        changes = replace(self._others, tasks=frozenset(self._tasks))
        self._tasks, self._others = set(), Changes()
        return changes
