"""What is due when: ids by their times. Nothing scans all of them to find the next."""

from __future__ import annotations

import heapq
from collections.abc import Iterator


class Agenda:
    """A heap in which an id has one place; an entry that was planned anew is passed over."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        """The valid entries of the heap."""

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._due

    def __len__(self) -> int:
        return len(self._due)

    def __iter__(self) -> Iterator[str]:
        """Yield what is planned, in no order."""
        yield from list(self._due)

    def plan(self, task_id: str, due: float) -> None:
        """Have an id come up at `due`, and not when it was to before."""
        self._due[task_id] = due
        heapq.heappush(self._heap, (due, task_id))

    def forget(self, task_id: str) -> None:
        """Have an id not come up."""
        self._due.pop(task_id, None)

    def due_at(self, task_id: str) -> float | None:
        """Return when an id comes up."""
        return self._due.get(task_id)

    def next_due(self) -> float | None:
        """Return when the first one comes up."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop(self, until: float) -> str | None:
        """Take the first one out, if it comes up by `until`."""
        due = self.next_due()
        if due is None or due > until:
            return None
        _, task_id = heapq.heappop(self._heap)
        del self._due[task_id]
        return task_id
