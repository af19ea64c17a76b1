"""Acting on many tasks of the dashboard: marks, what is done to them, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend.errors import ReeltopError
from backend.language import N_, _
from backend.text import clean_line
from tui.formatters import capital
from tui.screens.dashboard_find import FindingScreen

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


class MarkingScreen(FindingScreen):
    """Marked tasks go before the one under the cursor."""

    _range_from: str | None = None

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
        keys, here = list(self.tasks.keys), self.table.cursor_key
        if here is None:
            return
        start = keys.index(self._range_from) if self._range_from in keys else keys.index(here)
        first, last = sorted((start, keys.index(here)))
        self._range_from = here
        self._remember_marks()
        self._mark(self.table.marks.union(keys[first : last + 1]))

    def action_mark_shown(self) -> None:
        """Mark all that are shown."""
        self._remember_marks()
        self._mark(self.table.marks.union(self.tasks.keys))

    def action_invert_marks(self) -> None:
        """Of those shown, mark what is not marked, and the other way round."""
        self._remember_marks()
        self._mark(self.table.marks.symmetric_difference(self.tasks.keys))

    def action_clear_marks(self) -> None:
        """Take all marks away."""
        if self.table.marks:
            self._remember_marks()
            self._mark(())

    def _mark(self, keys: Iterable[str]) -> None:
        self.table.set_marks(keys)
        self._show_counts()
        self._show_hints()

    def _show_hints(self) -> None:
        """Say which keys do something."""
        raise NotImplementedError

    def _remember_marks(self) -> None:
        before = self.table.marks

        async def back() -> None:
            tasks = self.service.tasks if self.service is not None else {}
            self._mark(key for key in before if key in tasks)

        self.app.undo.did(_("the marks as before"), back)

    # -- Actions ------------------------------------------------------------------------------------------

    def chosen(self) -> list[Task]:
        """Return the marked tasks, those shown first and in order, or else the one under the cursor."""
        service, marks = self.service, self.table.marks
        if service is None:
            return []
        if not marks:
            task = self.task_at_hand()
            return [task] if task is not None else []
        shown = [key for key in self.tasks.keys if key in marks]
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
        shown = frozenset(self.tasks.keys)
        chosen, reason = choose(name, self.chosen(), shown.__contains__)
        if reason:
            self.app.say(capital(reason), "warning")
        elif chosen.tasks:
            self.app.run_worker(Bulk(self.app, self.service, chosen).run(name), group=f"many {name}")

    def action_undo(self) -> None:
        """Take back what was done last."""
        step = self.app.undo.take()
        if step is None:
            self.app.say(_("There is nothing to undo"))
            return

        async def undo() -> None:
            try:
                await step.back()
            except (ReeltopError, OSError) as error:
                self.app.say(_("Cannot be undone: {reason}").format(reason=clean_line(str(error))), "error")
            else:
                self.app.say(_("Undone: {what}").format(what=step.words))

        self.app.run_worker(undo(), group="undo")

    # -- What only a person can solve ---------------------------------------------------------------------

    def action_fix(self) -> None:
        """Do the next step for the task under the cursor, if it needs a person."""
        from backend.attention import Step

        task = self.task_at_hand()
        needs = self.tasks.needs(task) if task is not None else None
        if needs is None:
            self.app.say(_("This task needs nothing from you") if task else _("There is no task here"))
        elif needs.step is Step.ACCOUNT and task is not None:
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
