"""What there is to do, by account: kept from the store's notices, so that nothing scans all tasks."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime

from backend.attention import was_stopped_by_user
from backend.engine.schedule import expected_end
from backend.ledger.store import TaskStore
from backend.models import ArtifactState, Status, Task

_Group = dict[str, int] | dict[str, None]
_Place = tuple[_Group | None, Status]
_OPEN = frozenset({Status.SUBMITTING, Status.QUEUED, Status.RUNNING, Status.UNCONFIRMED})


class Board:
    """Ids of waiting tasks, of open ones (sent, not final), of those with files to fetch, and of those that
    are no longer watched. `typical` is as for :class:`.engine.Engine`."""

    def __init__(self, store: TaskStore, typical: Callable[[Task], float | None] = lambda task: None) -> None:
        self._store = store
        self._typical = typical
        self._order: dict[str, int] = {}
        self._waiting: dict[str, dict[str, int]] = {}
        self._open: dict[str, dict[str, None]] = {}
        self._stopped: dict[str, dict[str, None]] = {}
        self._fetch: dict[str, None] = {}
        self._where: dict[str, _Place] = {}

    def rebuild(self) -> None:
        """Read the whole store anew."""
        self._order.clear()
        self._waiting.clear()
        self._open.clear()
        self._stopped.clear()
        self._fetch.clear()
        self._where.clear()
        for task in self._store.tasks.values():
            self._place(task)

    def refresh(self, ids: Iterable[str]) -> list[Task]:
        """Read some tasks anew and return those of which something is to be done that was not before."""
        tasks: Mapping[str, Task] = self._store.tasks
        changed = set(ids)
        new = {task_id for task_id in changed if task_id not in self._order and task_id in tasks}
        # Only the store knows in which order tasks came that were added at once.
        ordered = [task_id for task_id in tasks if task_id in new] if len(new) > 1 else list(new)
        moved = []
        for task_id in (*ordered, *(changed - new)):
            before = self._remove(task_id)
            if task := tasks.get(task_id):
                self._place(task)
                if before is None or _differ(before, self._where[task_id]) or task.status is Status.WAITING:
                    moved.append(task)
        return moved

    def waiting(self, account: str) -> list[Task]:
        """Return the account's waiting tasks, in no order."""
        return [self._store.tasks[task_id] for task_id in self._waiting.get(account, ())]

    def next_waiting(self, account: str, now: datetime, impatient: Container[str] = ()) -> Task | None:
        """Return the first waiting task of an account that is not to be left alone until later.

        For those `impatient` the time has come whatever their trouble says.
        """
        ids = self._waiting.get(account, {})
        tasks = self._store.tasks
        ready = (task_id for task_id in ids if task_id in impatient or _is_due(tasks[task_id], now))
        first = min(ready, key=ids.__getitem__, default=None)
        return tasks[first] if first else None

    def count_waiting(self, account: str) -> int:
        """Return how many tasks of an account wait."""
        return len(self._waiting.get(account, ()))

    def open(self, account: str) -> list[Task]:
        """Return the account's tasks that were sent and are not final."""
        return [self._store.tasks[task_id] for task_id in self._open.get(account, ())]

    def slots(self, account: str, now: datetime) -> int:
        """Return how many of the account's slots are held.

        An unconfirmed task may exist, so it holds one, until by its deadline the provider must be done.
        """
        opened = sum(
            task.status is not Status.UNCONFIRMED or task.deadline is None or now < task.deadline
            for task in self.open(account)
        )
        return opened + len(self.going_on(account, now))

    def going_on(self, account: str, now: datetime) -> list[datetime]:
        """Return when the slots come free that are held by jobs which are no longer watched.

        The user stopped watching them, and no provider has a cancel: they hold their slots until such jobs
        have usually ended.
        """
        ids = self._stopped.get(account, {})
        ends = {task_id: self._end(self._store.tasks[task_id], now) for task_id in ids}
        for task_id, end in ends.items():
            if end is None or end <= now:
                del ids[task_id]
        return [end for end in ends.values() if end is not None and end > now]

    def frees_at(self, account: str, now: datetime) -> list[datetime]:
        """Return when slots come free by time alone."""
        opened = [task.deadline for task in self.open(account) if task.status is Status.UNCONFIRMED]
        return [*(at for at in opened if at is not None and at > now), *self.going_on(account, now)]

    def to_fetch(self) -> list[str]:
        """Return the ids of tasks that have files which are not here."""
        return list(self._fetch)

    def _remove(self, task_id: str) -> _Place | None:
        place = self._where.pop(task_id, None)
        if place and place[0] is not None:
            place[0].pop(task_id, None)
        return place

    def _end(self, task: Task, now: datetime) -> datetime | None:
        """Return when a task is expected to be done that is no longer watched, if that is to come."""
        if task.sent_at is None or task.deadline is None or task.deadline <= now:
            return None  # asked first: it costs nothing, what the user did is to be read from the record
        if not was_stopped_by_user(task):
            return None
        return min(task.deadline, expected_end(task.sent_at, self._typical(task)) or task.deadline)

    def _place(self, task: Task) -> None:
        order = self._order.setdefault(task.id, len(self._order))
        group: _Group | None = None
        if task.status is Status.WAITING:
            group = waiting = self._waiting.setdefault(task.account, {})
            waiting[task.id] = order
        elif task.status in _OPEN:
            group = opened = self._open.setdefault(task.account, {})
            opened[task.id] = None
        elif task.status is Status.LOST:
            group = stopped = self._stopped.setdefault(task.account, {})
            stopped[task.id] = None
        elif has_files_to_fetch(task):
            group = self._fetch
            self._fetch[task.id] = None
        self._where[task.id] = (group, task.status)


def _differ(one: _Place, other: _Place) -> bool:
    return one[0] is not other[0] or one[1] is not other[1]


def has_files_to_fetch(task: Task) -> bool:
    """Whether a finished task has a result that is not here."""
    return task.status is Status.SUCCEEDED and any(
        artifact.state is not ArtifactState.SAVED for artifact in task.artifacts
    )


def _is_due(task: Task, now: datetime) -> bool:
    return task.trouble is None or task.trouble.next_try is None or task.trouble.next_try <= now
