"""Asks for a line, or for a few."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, TextArea

from backend.language import _
from backend.text import clean_input
from tui.action import Scope
from tui.actions import bindings, key
from tui.screens.dialog import Dialog
from tui.widgets.key_note import KeyNote


class AskText(Dialog[str | None]):
    """Dismissed with the text, or with None."""

    DEFAULT_CSS = """
    AskText Input { background: $panel; margin-bottom: 1; }
    AskText TextArea { height: 6; background: $panel; border: none; padding: 0; margin-bottom: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.WRITING)

    def __init__(self, heading: str, hint: str, text: str = "", *, lines: bool = False) -> None:
        super().__init__(heading)
        self._hint, self._text, self._lines = hint, text, lines

    def compose_box(self) -> ComposeResult:
        if self._lines:
            area = TextArea(self._text, show_line_numbers=False, soft_wrap=True, tab_behavior="focus")
            area.cursor_blink = False
            yield area
        else:
            line = Input(self._text, compact=True, select_on_focus=False)
            line.cursor_blink = False
            yield line
        keeps = key("keep") if self._lines else "enter"
        yield KeyNote((keeps, _("keep")), (key("close"), _("leave as it was")), before=self._hint)

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Keep what is typed."""
        text = self.query_one(TextArea).text if self._lines else self.query_one(Input).value
        self.dismiss(clean_input(text))
