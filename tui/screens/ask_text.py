"""Asks for a line, or for a few."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static, TextArea

from backend.language import _
from backend.text import clean_input
from tui.screens.dialog import Dialog


class AskText(Dialog[str | None]):
    """Dismissed with the text, or with None."""

    DEFAULT_CSS = """
    AskText Input { background: $panel; margin-bottom: 1; }
    AskText TextArea { height: 6; background: $panel; border: none; padding: 0; margin-bottom: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,f5", "keep", show=False, priority=True)]

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
        keys = _("^s or f5: keep") if self._lines else _("enter: keep")
        words = filter(None, (self._hint, keys, _("esc: leave as it was")))
        yield Static(" · ".join(words), classes="note", markup=False)

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Keep what is typed."""
        text = self.query_one(TextArea).text if self._lines else self.query_one(Input).value
        self.dismiss(clean_input(text))
