"""The list of tasks on the dashboard: views, order, columns, counts. Keeps how it was left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from backend.language import _, ngettext
from backend.text import clean_line
from tui.action import Group
from tui.actions import ACTIONS, key
from tui.cells import BY_KEY, COLUMNS, MORE_COLUMNS, NEEDS
from tui.task_actions import TaskScreen
from tui.widgets.detail_lines import cut
from tui.widgets.line_table import LineTable
from tui.widgets.task_table import TaskTable
from tui.widgets.view_bar import Tab, ViewBar

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from textual.timer import Timer

    from backend.clock import Clock
    from backend.service import Service
    from backend.ui_state import UiState
    from tui.task_list import Sort, TaskList
    from tui.widgets.line_table import Column

_NOT_BESIDE_NEEDS = ("model", "progress", "result")
_LONGEST_BATCH = 20
"""Cells of a batch's name above the table."""
_BETWEEN_COUNTS = 0.01
"""Seconds between two pieces of counting the views, for keys and changes to come in between."""


_NEEDS_TASKS = {
    action.call.partition("(")[0] for action in ACTIONS if action.group in (Group.FIND, Group.MANY)
} | {"view"}


class ListScreen(TaskScreen):
    """What of the dashboard decides which tasks are shown, and how, but for the filter."""

    tasks: TaskList
    """There from when the service is open; until then none of these actions does anything."""
    _left: UiState
    _is_filled = False
    _view_before: str | None = None
    _counting: Timer | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._is_filled or action not in _NEEDS_TASKS

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        return self.query_one(TaskTable)

    # -- How it was left ----------------------------------------------------------------------------------

    def _restore(self, service: Service, clock: Clock) -> Awaitable[None] | None:
        """Make the list as the dashboard was left. Return what it takes a moment to mount, if any."""
        # Nothing of this is needed for the first paint.
        from tui.task_list import TaskList
        from tui.views import make_views

        self._left = left = service.load_ui_state()
        self.tasks = TaskList(clock.now, make_views(self._account_names(service), service.views))
        self._is_filled = True
        names = [view.name for view in self.tasks.views]
        self.tasks.view = names.index(left.view) if left.view in names else 0
        self.tasks.by_batch = left.by_batch
        self.tasks.sort = _read_sort(left.sort)
        return None

    def _account_names(self, service: Service) -> list[str]:
        names = [account.name for account in service.accounts()]
        return list(dict.fromkeys((*names, *(task.account for task in service.tasks.values()))))

    def _keep(self) -> None:
        """Keep how the dashboard is left, if that is another way than before."""
        sort = self.tasks.sort
        left = replace(
            self._left,
            view=self.tasks.views[self.tasks.view].name,
            by_batch=self.tasks.by_batch,
            sort="" if sort is None else f"{'-' * sort[1]}{sort[0]}",
        )
        self._remember(left)

    def _remember(self, left: UiState) -> None:
        if left != self._left and self.service is not None:
            self._left = left
            self.app.run_worker(self._save(self.service, left), group="ui state", exclusive=True)

    async def _save(self, service: Service, left: UiState) -> None:
        try:
            await service.save_ui_state(left)
        except OSError as error:
            words = _("How the dashboard looks cannot be kept: {reason}")
            self.app.say(words.format(reason=error.strerror), "warning")

    # -- What is shown ------------------------------------------------------------------------------------

    def _show_list(self) -> None:
        """Show what the list has now, and how much that is."""
        self.table.show_columns(self._columns())
        self.table.show_list()
        self._show_counts()

    def _show_counts(self) -> None:
        tabs = [
            Tab(view.title, count) for view, count in zip(self.tasks.views, self.tasks.counts(), strict=True)
        ]
        shown = _("{count} of {total} shown")
        words = [shown.format(count=len(self.table.keys), total=self.tasks.total)]
        if self.tasks.by_batch:
            words.insert(0, self._batch_words())
        if self.tasks.problems_only:
            words.insert(0, _("problems only"))
        if marked := len(self.table.marks):
            words.insert(0, _("{count} marked").format(count=marked))
        if self.table.is_held:
            words.insert(0, _("HELD"))
        self.query_one(ViewBar).show(tabs, self.tasks.view, " · ".join(words))
        self.table.empty_text = self._why_empty()
        if self.tasks.is_counting and self._counting is None:
            self._counting = self.set_timer(_BETWEEN_COUNTS, self._count_on)

    def _count_on(self) -> None:
        self._counting = None
        self.tasks.count_on()
        self._show_counts()

    def _batch_words(self) -> str:
        """Return how far the batch under the cursor has come."""
        task = self.task_at_hand()
        if task is None or not task.batch:
            return _("by batch")
        ended, total = self.tasks.batch_progress(task.batch)
        words, name = _("batch {name}: {ended} of {total} ended"), cut(clean_line(task.batch), _LONGEST_BATCH)
        return words.format(name=name, ended=ended, total=total)

    def _why_empty(self) -> str:
        if not self.tasks.total:
            if self.service and self.service.is_read_only:
                return _("No tasks yet; {help} helps").format(help=key("help"))
            if self.service and not self.service.is_configured:
                words = _("{new} tries one in the sandbox, {accounts} adds a real account, {help} helps")
                return words.format(new=key("new"), accounts=key("accounts"), help=key("help"))
            return _("No tasks yet: {new} makes one, {help} helps").format(new=key("new"), help=key("help"))
        if self.tasks.query.text:
            words = _("None of {count} tasks fits here; {key} takes the filter away")
            return words.format(count=self.tasks.total, key=key("back"))
        if self.tasks.is_about_needs:
            return _("Nothing needs you")
        return _("None of {count} tasks is in this view").format(count=self.tasks.total)

    def _columns(self) -> list[Column]:
        chosen = [BY_KEY[key] for key in self._left.columns if key in BY_KEY] or list(COLUMNS)
        if self._left.wide:
            chosen += [column for column in (*COLUMNS, *MORE_COLUMNS) if column not in chosen]
        if self.tasks.by_batch and BY_KEY["batch"] not in chosen:
            chosen.insert(1, BY_KEY["batch"]._replace(priority=1))
        if self.tasks.is_about_needs:
            chosen = [column for column in chosen if column.key not in _NOT_BESIDE_NEEDS] + [NEEDS]
        return chosen

    def action_hold(self) -> None:
        """Keep the tasks that are shown, in their order, while their values go on; or let go."""
        self.table.hold(not self.table.is_held)
        self._show_counts()

    def _release(self) -> None:
        """Let go: something else is to be shown."""
        if self.table.is_held:
            self.table.hold(False)
            self._show_counts()

    # -- Views --------------------------------------------------------------------------------------------

    def action_next_view(self, step: int) -> None:
        """Go to the view beside this one."""
        self._go_to_view((self.tasks.view + step) % len(self.tasks.views))

    def action_view(self, number: int) -> None:
        """Go to a view by its number, from 1."""
        if number <= len(self.tasks.views):
            self._go_to_view(number - 1)
        else:
            count = len(self.tasks.views)
            words = ngettext("There is {count} view", "There are {count} views", count)
            self.app.say(words.format(count=count), "warning")

    @on(ViewBar.Chosen)
    def _choose_tab(self, event: ViewBar.Chosen) -> None:
        self._go_to_view(event.place)

    def action_last_view(self) -> None:
        """Go to the view that was shown before this one."""
        names = [view.name for view in self.tasks.views]
        if self._view_before in names:
            self._go_to_view(names.index(self._view_before))
        else:
            self.app.say(_("No other view was shown yet"))

    def _choose_view(self, place: int) -> None:
        """Take a view, and remember the one before."""
        if place != self.tasks.view:
            self._view_before = self.tasks.views[self.tasks.view].name
            self.tasks.view = place

    def _go_to_view(self, place: int) -> None:
        self._choose_view(place)
        self._release()
        self.tasks.narrow()
        self._show_list()
        self._keep()

    # -- Order and columns --------------------------------------------------------------------------------

    def action_by_batch(self) -> None:
        """Put tasks of a batch together, or not."""
        self.tasks.by_batch = not self.tasks.by_batch
        self._sort_by(self.tasks.sort)

    def action_sort(self) -> None:
        """Choose what to sort by."""
        from tui.screens.sort_menu import SortMenu

        self.app.push_screen(SortMenu(self.tasks.sort), self._sort_if)

    def _sort_if(self, chosen: tuple[Sort | None] | None) -> None:
        if chosen is not None:
            self._sort_by(chosen[0])

    @on(LineTable.HeaderClicked)
    def _sort_by_title(self, event: LineTable.HeaderClicked) -> None:
        from backend.query_fields import ORDERS
        from tui.task_list import sort_by

        if self._is_filled and event.column in ORDERS:
            self._sort_by(sort_by(event.column, self.tasks.sort))

    def action_turn_sort(self) -> None:
        """Sort the other way round."""
        if self.tasks.sort is None:
            self._sort_by(("age", True))
        else:
            name, descending = self.tasks.sort
            self._sort_by((name, not descending))

    def _sort_by(self, sort: Sort | None) -> None:
        self.tasks.sort = sort
        self._release()
        self.tasks.narrow()
        self._show_list()
        self._keep()
        if self.tasks.query.sort:
            self.app.say(_("The filter says how to sort: sort: in it goes before this"))

    def action_wide(self) -> None:
        """Show all columns that have room, or only those chosen."""
        self._remember(replace(self._left, wide=not self._left.wide))
        self._show_list()
        if not self._left.wide:
            words = _("The columns that you chose")
        elif self.table.size.width < self.size.width:
            words = _("All columns that have room; {key} hides the detail, for more")
        else:
            words = _("All columns that have room")
        self.app.say(words.format(key=key("pane")))

    def action_columns(self) -> None:
        """Choose columns and their order."""
        from tui.screens.column_chooser import ColumnChooser

        chosen = [key for key in self._left.columns if key in BY_KEY]
        self.app.push_screen(ColumnChooser(chosen), self._choose_columns)

    def _choose_columns(self, columns: tuple[str, ...] | None) -> None:
        if columns is not None:
            self._remember(replace(self._left, columns=columns, wide=False))
            self._show_list()


def _read_sort(text: str) -> Sort | None:
    """Return an order that was kept, if there still is such a field."""
    from backend.query_fields import ORDERS

    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in ORDERS else None
