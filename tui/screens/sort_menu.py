"""What to sort the tasks by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from backend.language import N_, _
from backend.query_fields import FIELDS, ORDERS
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.screens.dialog import Dialog
from tui.task_list import Sort, sort_by
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable

_NEWEST = "newest"


class SortMenu(Dialog[tuple[Sort | None] | None]):
    """A list of fields. The one that is in force turns round when chosen again."""

    DEFAULT_CSS = "SortMenu LineTable { height: auto; margin-bottom: 1; background: $surface; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LIST),
        also("sort", "next"),
        also("switch", "select"),
    ]

    def __init__(self, sort: Sort | None) -> None:
        super().__init__(_("Sort by"))
        self._sort = sort

    def compose_box(self) -> ComposeResult:
        columns = (
            Column("name", N_("Field"), 12),
            Column("now", N_("Now"), 6),
            Column("help", N_("What it is"), 10, grow=1),
        )
        yield LineTable(columns, self._row, classes="listing")
        yield KeyNote(
            ("enter", _("sort, or turn round what is in force")),
            (key("sort"), _("next field")),
            (key("close"), _("close")),
        )

    def _row(self, key: str) -> Sequence[Cell]:
        if key == _NEWEST:
            return Cell(key), Cell("●" if self._sort is None else ""), Cell(_("newest first"), "empty")
        now = "" if self._sort is None or self._sort[0] != key else "▼" if self._sort[1] else "▲"
        return Cell(key), Cell(now), Cell(_(FIELDS[key].help), "empty")

    def on_mount(self) -> None:
        table = self.query_one(LineTable)
        keys = [_NEWEST, *ORDERS]
        table.set_keys(keys)
        table.styles.height = len(keys) + 1
        table.move_to(self._sort[0] if self._sort else _NEWEST)
        table.focus()

    def action_next(self) -> None:
        """Go to the next field."""
        self.query_one(LineTable).action_step(1)

    def action_select(self) -> None:
        """Choose the field under the cursor."""
        self.query_one(LineTable).action_select()

    @on(LineTable.RowSelected)
    def _select(self, event: LineTable.RowSelected) -> None:
        if event.key == _NEWEST:
            self.dismiss((None,))
            return
        self.dismiss((sort_by(event.key, self._sort),))
