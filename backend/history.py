"""How long jobs usually take, learned from finished ones."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from statistics import median

from backend.models import Status, Task

_ENOUGH = 3
_REMEMBERED = 50


class History:
    """Durations of succeeded tasks by provider, operation and model."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )
        self._typical: dict[tuple[str, str, str], float] = {}
        self._seen: set[str] = set()

    def learn(self, tasks: Iterable[Task]) -> None:
        """Take note of those that have succeeded, each once."""
        for task in tasks:
            if (
                task.status is Status.SUCCEEDED
                and task.sent_at
                and task.finished_at
                and task.id not in self._seen
            ):
                self._seen.add(task.id)
                self._seconds[_kind(task)].append((task.finished_at - task.sent_at).total_seconds())
                self._typical.pop(_kind(task), None)

    def typical_seconds(self, task: Task) -> float | None:
        """Return the median seconds from sending to the end of tasks of its kind; None below three."""
        kind = _kind(task)
        if kind not in self._typical and len(seconds := self._seconds.get(kind, ())) >= _ENOUGH:
            self._typical[kind] = median(seconds)
        return self._typical.get(kind)

    def runs(self, task: Task) -> int:
        """Return how many past runs :meth:`typical_seconds` rests on."""
        return len(self._seconds.get(_kind(task), ()))


def _kind(task: Task) -> tuple[str, str, str]:
    return task.provider, task.operation, task.model
