"""The typed door to the ledger. Reads come from memory; a write costs what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from backend.models import Task

Change = Callable[[Task], Task]
"""Makes the new version of a task from the newest one; may be called again, so no side effects."""


class TaskStore(Protocol):
    """Tasks on disk, shared live by every reeltop on the machine."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """All tasks by id, oldest first: a live, read-only view."""
        ...

    @property
    def leads(self) -> bool:
        """Whether this process is the one that submits, polls and downloads."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user must know about the store: a damaged file set aside, a lock that cannot be had."""
        ...

    async def add(self, tasks: Iterable[Task]) -> None:
        """Record new tasks. On return they are fsynced. Raises StoreError."""
        ...

    async def update(self, task_id: str, change: Change, *, durable: bool = True) -> Task:
        """Apply `change` to the newest version of a task and return the result.

        On return a durable change is fsynced; another is on disk within 250 ms and costs no wait. Raises
        StoreError, TransitionError for a forbidden status change, KeyError for an unknown id.
        """
        ...

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Call `listener` on the event loop with the ids that changed, here or in another process.

        An empty set says that the lead changed. Returns what ends the subscription.
        """
        ...

    async def flush(self) -> None:
        """Return when everything so far is on disk."""
        ...

    async def close(self) -> None:
        """Flush, give up the lead and close."""
        ...
