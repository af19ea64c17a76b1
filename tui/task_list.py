"""Which tasks are shown, in which order; keeps up with changes at the cost of what changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Reversible, Sequence
from datetime import datetime

from backend.attention import Accounts, Attention, attention
from backend.batch_tally import BatchTally
from backend.models import Task
from backend.query import Query, parse
from backend.query_fields import ORDERS, Moment, haystack
from tui.view_members import ViewMembers
from tui.views import ATTENTION, View

Sort = tuple[str, bool]
"""A field of the filter language, and whether the greatest comes first."""

_PROBLEMS = parse("is:problem")
_GREATEST_FIRST = frozenset({"cost", "progress", "elapsed", "status"})
"""What people want the other way round at first."""


def sort_by(field: str, before: Sort | None) -> Sort:
    """Return the order by a field that was chosen: the other way round if it is in force already."""
    if before is not None and before[0] == field:
        return field, not before[1]
    return field, field in _GREATEST_FIRST


class TaskList:
    """Tasks that fit a view, a filter and perhaps the problems only; newest first, or sorted.

    After any assignment, :meth:`refresh` has to be called.
    """

    def __init__(self, now: Callable[[], datetime], views: Sequence[View]) -> None:
        self.views: Sequence[View] = views
        self.view = 0
        """Place of the chosen view."""
        self.query = parse("")
        self.problems_only = False
        self.by_batch = False
        self.sort: Sort | None = None
        """What the user sorts by, unless the filter or the view says otherwise."""
        self.accounts: Accounts | None = None
        self._now = now
        self._tasks: Mapping[str, Task] = {}
        self._texts: dict[str, str] = {}
        self._members = ViewMembers(views)
        self._tally: BatchTally | None = None
        self._shown: set[str] = set()
        self._order: list[tuple[bool, dict[str, str | float | None]]] = []
        self._keys: list[str] | None = None
        # Ages are compared as of one moment, or tasks that changed later would seem older.
        self._sorted_at = now()

    # -- What there is ------------------------------------------------------------------------------------

    @property
    def keys(self) -> Sequence[str]:
        """The ids of the tasks to show, in order."""
        if self._keys is None:
            self._keys = self._in_order()
        return self._keys

    @property
    def total(self) -> int:
        """How many tasks there are at all."""
        return len(self._tasks)

    @property
    def is_about_needs(self) -> bool:
        """Whether the chosen view is of what needs a person."""
        return self._view.name == ATTENTION

    def newest(self) -> str | None:
        """Return the newest task of those shown."""
        return next((key for key in self._newest_first() if key in self._shown), None)

    def counts(self) -> list[int | None]:
        """Return how many tasks are in each view; None where that is not known yet."""
        return self._members.counts()

    @property
    def is_counting(self) -> bool:
        """Whether the counts of views may be other ones after :meth:`count_on`."""
        return self._members.is_counting

    @property
    def sorted_by(self) -> tuple[Sort, ...]:
        """What the tasks are sorted by: as the filter says, else the user, else the view."""
        if self.query.sort:
            return self.query.sort
        return (self.sort,) if self.sort else self._view.query.sort

    @property
    def moves(self) -> bool:
        """Whether time alone can change what is shown or counted."""
        return any(query.moves for query in (self.query, *(view.query for view in self.views)))

    def batch_progress(self, batch: str) -> tuple[int, int]:
        """Return how many tasks of a batch have ended, and how many there are, shown or not."""
        if self._tally is None:
            self._tally = BatchTally(self._tasks)
        return self._tally.of(batch)

    def needs(self, task: Task) -> Attention | None:
        """Return why a task needs a person, if it does."""
        return attention(task, self._now(), self.accounts)

    def fitting(self, query: Query) -> Callable[[str], bool]:
        """Return the test of whether the task of a key fits a filter, now, whether it is the one in force."""
        moment = self._moment()
        return lambda key: query.matches(self._tasks[key], moment)

    # -- What happens -------------------------------------------------------------------------------------

    def show(self, tasks: Mapping[str, Task]) -> None:
        """Show these tasks, a live view, from now on."""
        self._tasks = tasks
        self._texts.clear()
        self._tally = None
        self._members = ViewMembers(self.views)
        self.refresh()

    def refresh(self) -> None:
        """Look at every task of the chosen view again, and at some of the others: see :meth:`count_on`."""
        moment = self._moment()
        self._members.look(self._tasks, moment)
        self._narrow(moment)

    def look_again(self) -> None:
        """Do as :meth:`refresh`, but only for what time alone can have changed."""
        moment = self._moment()
        self._members.look(self._tasks, moment, moving_only=True)
        if self.problems_only or self.sorted_by or self.query.moves or self._view.query.moves:
            self._narrow(moment)

    def count_on(self) -> None:
        """Go on counting the views that are not shown, for some ms; when, is the caller's choice."""
        self._members.look_on(self._tasks, self._moment())

    def narrow(self) -> None:
        """Look at the tasks of the chosen view again: the filter is another one."""
        self._narrow(self._moment())

    def update(self, ids: Iterable[str]) -> None:
        """Look at these tasks again: they are new, different or gone."""
        ids = list(ids)
        if self._tally is not None:
            self._tally.learn(ids)
        moment = self._moment()
        in_view = self._in_view(moment)
        changed = False
        for task_id in ids:
            self._texts.pop(task_id, None)
            task = self._tasks.get(task_id)
            self._members.learn(task_id, task, moment)
            fits = task is not None and task_id in in_view and self._fits(task, moment)
            changed = _put(self._shown, task_id, fits) or changed
            if fits and task is not None:
                changed = self._learn_order(task, self._sorted_at) or changed
        if changed or self.by_batch:
            self._keys = None

    # -- inside -------------------------------------------------------------------------------------------

    @property
    def _view(self) -> View:
        return self.views[self.view]

    def _in_view(self, moment: Moment) -> set[str]:
        return self._members.of(self.view, self._tasks, moment)

    def _newest_first(self) -> Iterator[str]:
        keys = self._tasks.keys()
        return reversed(keys) if isinstance(keys, Reversible) else reversed(list(keys))

    def _moment(self) -> Moment:
        return Moment(self._now(), self.accounts, self._text)

    def _text(self, task: Task) -> str:
        text = self._texts.get(task.id)
        if text is None:
            text = self._texts[task.id] = haystack(task)
        return text

    def _fits(self, task: Task, moment: Moment) -> bool:
        return self.query.matches(task, moment) and (
            not self.problems_only or _PROBLEMS.matches(task, moment)
        )

    def _narrow(self, moment: Moment) -> None:
        mine = self._in_view(moment)
        shown = list(self._tasks.values())
        if len(mine) < len(shown):
            shown = [task for task in shown if task.id in mine]
        for query in (self.query, _PROBLEMS) if self.problems_only else (self.query,):
            shown = _unsorted(query).select(shown, moment)
        self._shown = {task.id for task in shown}
        self._sorted_at = moment.now
        self._order = [(descending, {}) for _, descending in self.sorted_by]
        for (name, _), (_, known) in zip(self.sorted_by, self._order, strict=True):
            order = ORDERS[name]
            known.update((task.id, order(task, moment.now)) for task in shown)
        self._keys = None

    def _learn_order(self, task: Task, now: datetime) -> bool:
        changed = False
        for (name, _), (_, known) in zip(self.sorted_by, self._order, strict=True):
            key = ORDERS[name](task, now)
            changed = changed or task.id not in known or known[task.id] != key
            known[task.id] = key
        return changed

    def _in_order(self) -> list[str]:
        every = list(self._newest_first())
        keys = every if len(self._shown) == len(every) else [key for key in every if key in self._shown]
        for descending, known in reversed(self._order):
            keys = _sorted(keys, known, descending=descending)
        return self._grouped(keys) if self.by_batch else keys

    def _grouped(self, keys: list[str]) -> list[str]:
        """Put tasks of a batch together, the newest batch first; those of none come last."""
        ranks: dict[str, int] = {}
        for key in self._newest_first():
            if batch := self._tasks[key].batch:
                ranks.setdefault(batch, len(ranks))
        return sorted(keys, key=lambda key: ranks.get(self._tasks[key].batch, len(ranks)))


def _put(members: set[str], member: str, belongs: bool) -> bool:
    """Add or remove a member, and say whether that changed anything."""
    if (member in members) is belongs:
        return False
    if belongs:
        members.add(member)
    else:
        members.discard(member)
    return True


def _sorted(keys: list[str], known: Mapping[str, str | float | None], *, descending: bool) -> list[str]:
    # Tasks without a value come last, whichever way round.
    having = [key for key in keys if known.get(key) is not None]
    having.sort(key=known.__getitem__, reverse=descending)  # type: ignore[arg-type]
    return having if len(having) == len(keys) else having + [key for key in keys if known.get(key) is None]


def _unsorted(query: Query) -> Query:
    return Query(query.text, query.tests)
