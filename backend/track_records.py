"""How an account has done lately: what came of its last tasks, and what went wrong last."""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backend.models import Failure, Status, Task

REMEMBERED = 50
"""Finished tasks that count."""

_ENDS = frozenset({Status.SUCCEEDED, Status.FAILED, Status.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """What came of an account's last finished tasks, up to :data:`REMEMBERED`.

    Tasks that were withdrawn or are no longer watched do not count: nobody knows how they would have ended.
    """

    succeeded: int = 0
    failed: int = 0
    rejected: int = 0
    last_failure: Failure | None = None
    """Of the task that failed or was refused last, however long ago."""
    failed_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.succeeded + self.failed + self.rejected


class TrackRecords:
    """Keeps the records of all accounts, at the cost of the tasks that changed."""

    def __init__(self) -> None:
        self._ends: dict[str, list[tuple[datetime, str, Status]]] = defaultdict(list)
        """The last ones by account, oldest first."""
        self._last: dict[str, tuple[datetime, Failure]] = {}
        self._seen: set[str] = set()

    def learn(self, tasks: Iterable[Task]) -> None:
        """Take note of those that have ended, each once."""
        for task in tasks:
            if task.status not in _ENDS or task.id in self._seen:
                continue
            self._seen.add(task.id)
            at, ends = task.finished_at or task.updated_at, self._ends[task.account]
            insort(ends, (at, task.id, task.status))
            del ends[:-REMEMBERED]
            last = self._last.get(task.account)
            if task.failure is not None and (last is None or at >= last[0]):
                self._last[task.account] = at, task.failure

    def of(self, account: str) -> TrackRecord:
        """Return the record of an account."""
        counts = Counter(status for _, _, status in self._ends.get(account, ()))
        at, failure = self._last.get(account, (None, None))
        return TrackRecord(
            succeeded=counts[Status.SUCCEEDED],
            failed=counts[Status.FAILED],
            rejected=counts[Status.REJECTED],
            last_failure=failure,
            failed_at=at,
        )
