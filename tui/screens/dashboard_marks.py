"""Acting on many tasks of the dashboard: marks, what is done to them, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from backend.errors import ReeltopError
from backend.language import N_, _
from backend.text import clean_line
from tui.formatters import capital
from tui.screens.dashboard_find import FindingScreen
from tui.undo import Step, Way

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service

_STEPS = {
    "account": N_("account"),
    "resend": N_("resend"),
    "resume": N_("resume"),
    "download": N_("download"),
    "retry": N_("retry"),
}
_OF_ONE = frozenset({"view", "open_file", "log", "page_text"})
"""What is about the task under the cursor, whatever is marked."""


class _Sweep(NamedTuple):
    """Marking while moving: from where to where, and the marks before and with it."""

    start: str
    end: str
    before: frozenset[str]
    marks: frozenset[str]


class MarkingScreen(FindingScreen):
    """Marked tasks go before the one under the cursor."""

    _range_from: str | None = None
    _sweep: _Sweep | None = None

    # -- Marks --------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the task under the cursor, or take its mark away, and go on to the next."""
        key = self.table.cursor_key
        if key is not None:
            self._mark(self.table.marks.symmetric_difference({key}))
            self._range_from = key
            self.table.action_step(1)

    def action_mark_range(self) -> None:
        """Mark all from the task marked last to the one under the cursor."""
        here = self.table.cursor_key
        if here is not None:
            between = self.table.keys_between(self._range_from or here, here)
            self._range_from = here
            self._mark_anew(self.table.marks.union(between))

    def action_mark_moving(self, step: int) -> None:
        """Mark the task under the cursor and the one that the cursor goes to; on the way back, no more."""
        here, marks = self.table.cursor_key, self.table.marks
        if here is None:
            return
        sweep = self._sweep
        if sweep is None or (sweep.end, sweep.marks) != (here, marks):
            sweep = _Sweep(here, here, marks, marks)
        self.table.action_step(step)
        end = self.table.cursor_key or here
        swept = sweep.before.union(self.table.keys_between(sweep.start, end))
        if sweep.marks == sweep.before:
            self._mark_anew(swept)
        else:
            self._mark(swept)
        self._range_from = end
        self._sweep = sweep._replace(end=end, marks=swept)

    def action_mark_shown(self) -> None:
        """Mark all that are shown."""
        self._mark_anew(self.table.marks.union(self.table.keys))

    def action_invert_marks(self) -> None:
        """Of those shown, mark what is not marked, and the other way round."""
        self._mark_anew(self.table.marks.symmetric_difference(self.table.keys))

    def action_clear_marks(self) -> None:
        """Take all marks away."""
        if self.table.marks:
            self._mark_anew(frozenset())

    def _mark(self, keys: Iterable[str]) -> None:
        self.table.set_marks(keys)
        self._show_counts()
        self._show_hints()

    def _show_hints(self) -> None:
        """Say which keys do something."""
        raise NotImplementedError

    def _mark_anew(self, marks: frozenset[str]) -> None:
        """Mark exactly these, so that it can be undone."""
        before = self.table.marks
        self._mark(marks)

        async def put(keys: frozenset[str]) -> None:
            self._mark(keys.intersection(self.service.tasks if self.service is not None else ()))

        undone, done = _("the marks as before"), _("the marks")
        self.app.undo.did(Step(undone, partial(put, before), done, partial(put, marks)))

    # -- Actions ------------------------------------------------------------------------------------------

    def chosen(self) -> list[Task]:
        """Return the marked tasks, those shown first and in order, or else the one under the cursor."""
        service, marks = self.service, self.table.marks
        if service is None:
            return []
        if not marks:
            task = self.task_at_hand()
            return [task] if task is not None else []
        shown = [key for key in self.table.keys if key in marks]
        others = [key for key in service.tasks if key in marks.difference(shown)]
        return [service.tasks[key] for key in (*shown, *others)]

    def action_task(self, name: str) -> None:
        if not self.table.marks or name in _OF_ONE:
            super().action_task(name)
        elif name == "compare":
            self._compare_marked()
        else:
            self.action_many(name)

    def _compare_marked(self) -> None:
        tasks = self.chosen()
        if len(tasks) != 2 or self.service is None:
            words = _("Two tasks are compared; {count} are marked")
            self.app.say(words.format(count=len(tasks)), "warning")
            return
        from tui.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(self.service, tasks[0], tasks[1]))

    def action_many(self, name: str) -> None:
        """Do something to the marked tasks, or to the one under the cursor."""
        from tui.bulk import Bulk
        from tui.bulk_words import choose

        if self.service is None:
            return
        shown = frozenset(self.table.keys)
        chosen, reason = choose(name, self.chosen(), shown.__contains__)
        if reason:
            self.app.say(capital(reason), "warning")
        elif chosen.tasks:
            self.app.run_worker(Bulk(self.app, self.service, chosen).run(name), group=f"many {name}")

    def action_undo(self) -> None:
        """Take back what was done last."""
        self.app.run_worker(self._undo(), group="undo")

    def action_redo(self) -> None:
        """Do again what was taken back last."""
        self.app.run_worker(self._redo(), group="undo")

    async def _undo(self) -> None:
        undo = self.app.undo
        async with undo.turn:
            if (step := undo.take()) is None:
                self.app.say(_("There is nothing to undo"))
            else:
                await self._change(step.back, partial(undo.took_back, step), _("Undone: {what}"), step.undone)

    async def _redo(self) -> None:
        undo = self.app.undo
        async with undo.turn:
            if (step := undo.take_again()) is None:
                self.app.say(_("There is nothing to do again"))
            else:
                note = partial(undo.did_again, step)
                await self._change(step.again, note, _("Done again: {what}"), step.done)

    async def _change(self, way: Way, note: Callable[[], None], words: str, what: str) -> None:
        try:
            await way()
        except (ReeltopError, OSError) as error:
            self.app.say(_("That cannot be done: {reason}").format(reason=clean_line(str(error))), "error")
        else:
            note()
            self.app.say(words.format(what=what))

    # -- What only a person can solve ---------------------------------------------------------------------

    def action_fix(self) -> None:
        """Do the next step for the task under the cursor, if it needs a person."""
        from backend.attention import Step as NextStep

        task = self.task_at_hand()
        needs = self.tasks.needs(task) if task is not None else None
        if needs is None:
            self.app.say(_("This task needs nothing from you") if task else _("There is no task here"))
        elif needs.step is NextStep.ACCOUNT and task is not None:
            self.app.action_accounts(task.account)
        else:
            super().action_task(needs.step.value)

    def _next_step(self, service: Service) -> str:
        """Return the word for the footer of what the task under the cursor needs; empty if nothing."""
        task = self.task_at_hand()
        needs = self.tasks.needs(task) if self._is_filled and task is not None else None
        if needs is None:
            return ""
        return _("{title} ({hint})").format(title=_(_STEPS[needs.step.value]), hint=_(needs.reason))
