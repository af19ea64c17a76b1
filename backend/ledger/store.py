"""The typed door to the ledger. Reads come from memory; a write costs what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from backend.altered import altered
from backend.errors import StoreError, TransitionError
from backend.language import _
from backend.ledger.archive import Archived
from backend.models import TRANSITIONS, Task

Change = Callable[[Task], Task]
"""Makes the new version of a task from the newest one. It may be called again, on a newer version, and from
another thread: it must touch nothing but its argument. What equals its argument changes nothing."""


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
        """What the user must know about the store: a damaged file set aside, a disk that is full, a file
        system without locks."""
        ...

    async def add(self, tasks: Iterable[Task]) -> None:
        """Record new tasks, all or none. On return they are fsynced and among :attr:`tasks`.

        Raises StoreError, also for an id that is there already.
        """
        ...

    async def update(self, task_id: str, change: Change, *, durable: bool = True) -> Task:
        """Apply `change` to the newest version of a task and return the result, with a new `updated_at`.

        A durable change is fsynced on return, and not seen by anybody before. Another is seen at once, is on
        disk within 250 ms and costs no wait, unless a durable one of the same task is under way: changes of a
        task keep their order. If another process forbids it meanwhile, it is dropped; if the disk refuses it,
        it is tried again, and a notice says so. Raises StoreError, TransitionError for a forbidden status
        change, KeyError for an unknown id, and what `change` raises.
        """
        ...

    async def archive(self, task_ids: Iterable[str]) -> None:
        """Put finished tasks away, all or none: they leave :attr:`tasks` for :meth:`archived`.

        On return that is fsynced. Raises StoreError, also for a task that is not final, KeyError.
        """
        ...

    async def archived(self) -> tuple[Sequence[Archived], int]:
        """Return the tasks that were put away, oldest first, and how many of them cannot be read.

        One that is among :attr:`tasks` (again) is not among them. Raises OSError.
        """
        ...

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Call `listener` on the event loop with the ids that changed, here or in another process.

        It is called once for all that changed in one turn of the loop. An empty set says that the lead or the
        notices changed. Returns what ends the subscription.
        """
        ...

    async def flush(self) -> None:
        """Return when everything so far is on disk. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Flush, give up the lead and close. Raises StoreError if something could not be flushed."""
        ...


def apply_change(task: Task, change: Change, at: datetime) -> Task:
    """Return the new version of a task, or the task itself if nothing changed.

    Raises TransitionError for a forbidden status change, StoreError for another id.
    """
    new = change(task)
    if new == task:
        return task
    if new.id != task.id:
        raise StoreError(_("task {task} cannot become task {other}").format(task=task.id, other=new.id))
    if new.status is not task.status and new.status not in TRANSITIONS[task.status]:
        raise TransitionError(
            _("task {task} cannot go from {before} to {after}").format(
                task=task.id, before=task.status.word, after=new.status.word
            )
        )
    return altered(new, updated_at=at)
