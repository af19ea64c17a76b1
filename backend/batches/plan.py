"""Holds a batch's rows against what the ledger has of it: what is made, what is missing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from backend.batches.rows import Row, fingerprint_of
from backend.costs import CostTotal, total
from backend.models import Status, Task


class State(StrEnum):
    """How a row stands before the batch is run."""

    NEW = "new"
    MADE = "made"
    """It has a task: under way, succeeded, or of an outcome that only the user can settle."""
    FAILED = "failed"
    """Its task failed or was refused."""
    CHANGED = "changed"
    """It has a task that was made from other content."""
    WITHDRAWN = "withdrawn"
    """Its task was taken back before it was sent: as good as new."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, how it stands, and its latest task."""

    row: Row
    state: State
    task: Task | None
    sends: bool
    """Whether a new task is to be made for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What running a batch would do."""

    name: str
    file: str
    entries: Sequence[Entry]
    warnings: Mapping[str, int] = field(default_factory=dict)
    """How many rows each is about."""
    strays: Sequence[Task] = ()
    """Tasks of this batch that were made from rows which are not in the file any more."""

    @property
    def new(self) -> list[Entry]:
        """The rows of which a task is to be made."""
        return [entry for entry in self.entries if entry.sends]

    @property
    def under_way(self) -> list[Task]:
        """The tasks of earlier runs that have not ended."""
        found = (entry.task for entry in self.entries if not entry.sends)
        return [task for task in found if task is not None and not task.status.is_final]

    def states(self) -> Counter[State]:
        """Return how many rows are in which state."""
        return Counter(entry.state for entry in self.entries)

    def cost(self) -> CostTotal:
        """Return what the new tasks will probably cost."""
        return total(entry.row.estimate for entry in self.entries if entry.sends)


def make_plan(
    name: str,
    file: str,
    rows: Sequence[Row],
    made: Iterable[Task],
    *,
    warnings: Mapping[str, int],
    changed: bool = False,
    retry_failed: bool = False,
) -> Plan:
    """Return the plan; `made` are the tasks of this batch, oldest first.

    `changed`, `retry_failed`: whether such rows get a new task.
    """
    latest = {task.row: task for task in made}
    entries = []
    for row in rows:
        task = latest.pop(row.key, None)
        state = _state(row, task)
        sends = (
            state in (State.NEW, State.WITHDRAWN)
            or (state is State.CHANGED and changed)
            or (state is State.FAILED and (retry_failed or (changed and not _is_same(row, task))))
        )
        entries.append(Entry(row, state, task, sends))
    return Plan(name=name, file=file, entries=entries, warnings=warnings, strays=list(latest.values()))


def was_withdrawn(task: Task) -> bool:
    """Whether a task ended before anything of it was sent, so that nothing can have been created."""
    return (
        task.status is Status.CANCELLED
        and task.remote_id is None
        and not any(event.what == "unconfirmed" for event in task.events)
    )


def _state(row: Row, task: Task | None) -> State:
    if task is None:
        return State.NEW
    if was_withdrawn(task):
        return State.WITHDRAWN
    if task.status in (Status.FAILED, Status.REJECTED, Status.CANCELLED):
        return State.FAILED
    return State.MADE if _is_same(row, task) else State.CHANGED


def _is_same(row: Row, task: Task | None) -> bool:
    return task is not None and row.fingerprint == fingerprint_of(task.account, task.operation, task.request)
