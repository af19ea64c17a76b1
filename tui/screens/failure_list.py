"""Why tasks fail: each way to fail once, with how many tasks it met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from backend.display import Display
from backend.failure_groups import FailureGroup, FailureGroups
from backend.language import N_, _
from backend.text import clean_line
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.detail import Row, Section, failure_rows
from tui.failure_words import stands
from tui.formatters import code_and_words
from tui.messages import TasksChanged
from tui.screens.dialog import Dialog
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable
from tui.widgets.section_view import SectionView

if TYPE_CHECKING:
    from backend.models import Task

_COLUMNS = (
    Column("count", N_("Tasks"), 5, align="right"),
    Column("account", N_("Account"), 12, grow=1),
    Column("stands", N_("They are"), 15, grow=1),
    Column("words", N_("Why"), 20, grow=4),
)
_HIGHEST = 10


class FailureList(Dialog[str | None]):
    """Returns the filter of the group that was chosen. What it lists keeps up with what happens."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST), also("failures", "cancel")]

    def __init__(self, tasks: Mapping[str, Task], now: Callable[[], datetime]) -> None:
        """`tasks` is a live view."""
        super().__init__(_("Why tasks fail"))
        self._tasks = tasks
        self._now = now
        self._groups = FailureGroups()
        self._groups.learn(tasks, tasks)
        self._by_filter: dict[str, FailureGroup] = {}
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        yield LineTable(_COLUMNS, self._row, empty_text=_("No task has failed or is in trouble any more"))
        yield SectionView()
        yield KeyNote(("enter", _("show these tasks")), (key("close"), _("close")))

    def on_mount(self) -> None:
        self._show_list()
        table = self.query_one(LineTable)
        table.focus()
        seconds = getattr(self.app, "display_settings", Display()).refresh
        self.set_interval(seconds, table.refresh_visible)

    def _row(self, key: str) -> Sequence[Cell]:
        group = self._by_filter[key]
        return (
            Cell(str(group.count)),
            Cell(group.key.account),
            Cell(stands(group, self._now()), "" if group.key.status else "mark"),
            Cell(code_and_words(group.failure)),
        )

    @on(TasksChanged)
    def _update(self, event: TasksChanged) -> None:
        self._groups.learn(self._tasks, event.ids)
        self._show_list()

    def _show_list(self) -> None:
        table = self.query_one(LineTable)
        self._by_filter = {group.key.filter: group for group in self._groups.groups()}
        table.set_keys(list(self._by_filter))
        table.styles.height = min(_HIGHEST, max(2, len(self._by_filter))) + 1
        table.refresh_visible()
        self._show_group()

    @on(LineTable.CursorMoved)
    def _show_group(self) -> None:
        key = self.query_one(LineTable).cursor_key
        group = self._by_filter.get(key or "")
        rows = failure_rows(group.failure) if group else ()
        filter_row = (Row(_("Filter"), clean_line(key)),) if group and key else ()
        self.query_one(SectionView).show_sections([Section("", (*rows, *filter_row))])

    @on(LineTable.RowSelected)
    def _choose(self, event: LineTable.RowSelected) -> None:
        self.dismiss(event.key)
