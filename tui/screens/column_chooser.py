"""Which columns the table has, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from backend.language import N_, _
from tui.action import Scope
from tui.actions import bindings, key
from tui.cells import BY_KEY, COLUMNS
from tui.screens.dialog import Dialog
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable

_USUAL = tuple(column.key for column in COLUMNS)


class ColumnChooser(Dialog[tuple[str, ...] | None]):
    """Dismissed with the columns chosen, in order; with none of them for the usual ones."""

    DEFAULT_CSS = """
    ColumnChooser LineTable { height: auto; margin-bottom: 1; background: $surface; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST, Scope.CHOOSING, Scope.COLUMNS)

    def __init__(self, chosen: Sequence[str]) -> None:
        super().__init__(_("Columns"))
        self._chosen = set(chosen or _USUAL)
        self._order = list(chosen or _USUAL)
        self._order += [key for key in BY_KEY if key not in self._chosen]

    def compose_box(self) -> ComposeResult:
        yield LineTable(
            (Column("on", "", 3), Column("name", N_("Column"), 10, grow=1)), self._row, classes="listing"
        )
        yield KeyNote(
            (key("switch"), _("on or off")),
            (key("column_down"), _("move down")),
            (key("column_up"), _("move up")),
            (key("usual_columns"), _("the usual ones")),
            ("enter", _("keep")),
            (key("close"), _("as it was")),
        )

    def _row(self, key: str) -> Sequence[Cell]:
        return Cell("[x]" if key in self._chosen else "[ ]", "mark"), Cell(_(BY_KEY[key].title))

    @property
    def table(self) -> LineTable:
        """The list of columns."""
        return self.query_one(LineTable)

    def on_mount(self) -> None:
        self.table.set_keys(self._order)
        self.table.styles.height = len(self._order) + 1
        self.table.focus()

    def action_switch(self) -> None:
        """Show the column, or not; at least one stays."""
        key = self.table.cursor_key
        if key is not None and (key not in self._chosen or len(self._chosen) > 1):
            self._chosen.symmetric_difference_update({key})
            self.table.refresh_visible()

    def action_move(self, step: int) -> None:
        """Move the column among the others."""
        key = self.table.cursor_key
        if key is not None:
            place = self._order.index(key)
            self._order.insert(max(0, place + step), self._order.pop(place))
            self.table.set_keys(self._order)
            self.table.move_to(key)

    def action_reset(self) -> None:
        """Go back to the usual columns."""
        self._chosen = set(_USUAL)
        self._order = [*_USUAL, *(key for key in BY_KEY if key not in _USUAL)]
        self.table.set_keys(self._order)
        self.table.refresh_visible()

    @on(LineTable.RowSelected)
    def _keep(self) -> None:
        columns = tuple(key for key in self._order if key in self._chosen)
        self.dismiss(() if columns == _USUAL else columns)
