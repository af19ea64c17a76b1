"""How far batches have come; kept up at the cost of the tasks that changed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from backend.models import Task


class BatchTally:
    """Counts the tasks of every batch, and those of them that have ended, however they did."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        """Count all of `tasks`, a live view."""
        self._tasks = tasks
        self._known: dict[str, tuple[str, bool]] = {}
        self._ended: Counter[str] = Counter()
        self._total: Counter[str] = Counter()
        self.learn(tasks)

    def learn(self, ids: Iterable[str]) -> None:
        """Count these anew: they are new, different or gone."""
        for task_id in ids:
            self._add(self._known.pop(task_id, None), -1)
            task = self._tasks.get(task_id)
            if task is not None and task.batch:
                self._known[task_id] = task.batch, task.status.is_final
                self._add(self._known[task_id], 1)

    def of(self, batch: str) -> tuple[int, int]:
        """Return how many tasks of a batch have ended, and how many there are."""
        return self._ended[batch], self._total[batch]

    def _add(self, known: tuple[str, bool] | None, number: int) -> None:
        if known is not None:
            batch, has_ended = known
            self._total[batch] += number
            self._ended[batch] += number * has_ended
