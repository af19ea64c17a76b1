"""Which tasks are in which view: the shown view is looked through at once, the others in pieces. Pure.

The tasks are what the caller has just now; what changed while pieces are left must be said to :meth:`learn`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.models import Task
from backend.query_fields import Moment
from tui.views import View

_PIECE = 4000
"""Tasks times views that are looked at at a time: some 3 ms."""


class ViewMembers:
    """The ids of the tasks in each view."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views
        self._members: list[set[str]] = [set() for _ in views]
        self._piece = max(1, _PIECE // len(views)) if views else _PIECE
        self._is_known = False
        """Whether all views have been looked through once."""
        self._left: list[str] = []
        """Ids that are still to be looked at, the next ones last."""
        self._whole: set[int] = set()
        """Places of views that need not be looked at for these."""

    @property
    def is_counting(self) -> bool:
        """Whether pieces are left for :meth:`look_on`."""
        return bool(self._left)

    def counts(self) -> list[int | None]:
        """Return how many tasks are in each view; None of those that were never looked through."""
        return [
            len(members) if self._is_known or place in self._whole else None
            for place, members in enumerate(self._members)
        ]

    def look(self, tasks: Mapping[str, Task], moment: Moment, *, moving_only: bool = False) -> None:
        """Begin to look at every task again; with those of one piece that is all.

        With `moving_only` at views alone that time changes: of the others, :meth:`learn` hears all there is.
        """
        kept = moving_only and self._is_known and not self._left
        self._whole = {place for place, view in enumerate(self._views) if kept and not view.query.moves}
        self._left = list(tasks)
        if len(self._left) <= self._piece:
            self.look_on(tasks, moment)

    def look_on(self, tasks: Mapping[str, Task], moment: Moment) -> None:
        """Look at the next piece."""
        ids = self._left[-self._piece :]
        del self._left[-self._piece :]
        piece = [tasks[task_id] for task_id in ids if task_id in tasks]
        for place, (view, members) in enumerate(zip(self._views, self._members, strict=True)):
            if place not in self._whole:
                members.difference_update(ids)
                members.update(task.id for task in piece if view.query.matches(task, moment))
        self._is_known = self._is_known or not self._left

    def of(self, place: int, tasks: Mapping[str, Task], moment: Moment) -> set[str]:
        """Return the members of a view; what is left of it is looked at now."""
        members = self._members[place]
        if self._left and place not in self._whole:
            members.clear()
            query = self._views[place].query
            fitting = query.select(tasks.values(), moment) if query.tests else None
            members.update(tasks if fitting is None else (task.id for task in fitting))
            self._whole.add(place)
        return members

    def learn(self, task_id: str, task: Task | None, moment: Moment) -> None:
        """Look again at a task: it is new, different or, if None, gone."""
        for view, members in zip(self._views, self._members, strict=True):
            if task is not None and view.query.matches(task, moment):
                members.add(task_id)
            else:
                members.discard(task_id)
