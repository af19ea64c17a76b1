"""What a field held before, to use it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from backend.former import Former, takes_items
from backend.language import _
from backend.text import clean_block, clean_line
from tui.actions import key
from tui.screens.list_dialog import FindDialog, LineInput
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable

if TYPE_CHECKING:
    from backend.providers.fields import FieldSpec


class FormerScreen(FindDialog[str | None]):
    """Returns the text that was chosen."""

    def __init__(self, title: str, spec: FieldSpec, former: Sequence[Former]) -> None:
        """`former` are the newest first."""
        super().__init__(clean_line(_("Used before: {field}").format(field=title)))
        self._adds = takes_items(spec)
        self._former = {str(number): each for number, each in enumerate(former)}
        self._shown = {number: self._words(each.text) for number, each in self._former.items()}
        self._searched = {
            number: f"{self._shown[number]} {each.place}".casefold() for number, each in self._former.items()
        }

    def _words(self, text: str) -> str:
        """Return a value as it is shown: an item of a list by what is in it."""
        item = json.loads(text) if self._adds else text
        return " ".join(map(str, item.values())) if isinstance(item, dict) else text

    def compose_box(self) -> ComposeResult:
        yield LineInput("", placeholder=_("words that it holds"))
        columns = (
            Column("at", _("When"), 16, priority=1),
            Column("place", _("For"), 18, priority=2),
            Column("text", _("Text"), 10, grow=1),
        )
        yield LineTable(columns, self._row)
        with VerticalScroll(can_focus=False):
            yield Static(id="whole", markup=False)
        take = _("add it to the list") if self._adds else _("take it in place of what is there")
        yield KeyNote(("enter", take), (key("close"), _("close")))

    def _row(self, number: str) -> Sequence[Cell]:
        former = self._former[number]
        times = f" · {former.times}×" if former.times > 1 else ""
        at = f"{former.at.astimezone():%Y-%m-%d %H:%M}"
        return Cell(at), Cell(clean_line(former.place) + times), Cell(clean_line(self._shown[number]))

    @property
    def searched(self) -> Mapping[str, str]:
        return self._searched

    def on_mount(self) -> None:
        self.find()

    @on(LineTable.CursorMoved)
    def _show_whole(self) -> None:
        number = self.table.cursor_key
        text = clean_block(self._shown[number]) if number is not None else ""
        self.query_one("#whole", Static).update(Content(text))

    @on(Input.Submitted)
    @on(LineTable.RowSelected)
    def action_take(self) -> None:
        """Take what is under the cursor."""
        number = self.table.cursor_key
        if number is not None:
            self.dismiss(self._former[number].text)
