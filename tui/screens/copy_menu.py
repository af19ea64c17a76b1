"""What of a task to copy, and the same as plain text where the terminal takes none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from backend.language import N_, _
from backend.text import clean_block
from tui.action import Scope
from tui.actions import bindings, key
from tui.detail import Row, Section
from tui.formatters import many
from tui.screens.dialog import Dialog
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable
from tui.widgets.section_view import SectionView
from tui.wording import Copyable


class Choice(NamedTuple):
    """What was chosen, and whether to show it rather than to send it to the clipboard."""

    item: Copyable
    show: bool


class CopyScreen(Dialog[Choice | None]):
    """A menu of letters."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST, Scope.COPYING)

    def __init__(self, items: Sequence[Copyable], count: int = 1) -> None:
        """`count` is that of the tasks that it is copied of."""
        words = _("Copy") if count == 1 else _("Copy of {tasks}").format(tasks=many(count))
        super().__init__(words)
        self._items = {item.letter: item for item in items}

    def compose_box(self) -> ComposeResult:
        columns = (
            Column("key", N_("Key"), 4),
            Column("name", N_("What"), 16),
            Column("text", N_("Text"), 10, grow=1),
        )
        yield LineTable(columns, self._row, classes="listing")
        yield KeyNote(
            (_("letter or enter"), _("send to the clipboard")),
            (key("as_text"), _("show as plain text")),
            (key("close"), _("close")),
        )

    def _row(self, key: str) -> Sequence[Cell]:
        item = self._items[key]
        return Cell(item.letter, "mark"), Cell(item.name), Cell(item.text)

    def on_mount(self) -> None:
        table = self.query_one(LineTable)
        table.set_keys(list(self._items))
        table.styles.height = len(self._items) + 1
        table.focus()

    def on_key(self, event: events.Key) -> None:
        if event.character in self._items:
            event.stop()
            self.dismiss(Choice(self._items[event.character], show=False))

    @on(LineTable.RowSelected)
    def _select(self, event: LineTable.RowSelected) -> None:
        self.dismiss(Choice(self._items[event.key], show=False))

    def action_view(self) -> None:
        """Show the text under the cursor instead."""
        key = self.query_one(LineTable).cursor_key
        if key is not None:
            self.dismiss(Choice(self._items[key], show=True))


class TextScreen(Dialog[None]):
    """A text to select from by hand."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST)

    def __init__(self, heading: str, text: str, *, is_finding: bool = False) -> None:
        """`is_finding`: with the line open in which words to find are typed."""
        super().__init__(heading)
        self._is_finding = is_finding
        self._text = text
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        yield SectionView([Section("", (Row("", clean_block(self._text)),), is_whole=True)])
        words = _("select with the mouse (in tmux with shift held) and copy as your terminal does")
        yield KeyNote((key("find"), _("find")), (key("close"), _("close")), before=words)

    def on_mount(self) -> None:
        view = self.query_one(SectionView)
        view.focus()
        if self._is_finding:
            self.call_after_refresh(view.action_find)
