"""The line in which a filter is typed, with what it could go on with below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from backend.language import _
from backend.query import QueryError, parse
from backend.query_completion import Completion, complete
from backend.text import clean_input, clean_line
from tui.action import Scope
from tui.actions import bindings, key
from tui.messages import FilterChanged, FilterLeft, FilterOpened

_MOST = 40
"""Candidates looked at: more than fit on any line."""


class FilterInput(Input):
    """A line of text whose arrows and tab are for the completion."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.FILTER)

    def _bar(self) -> FilterBar:
        return next(each for each in self.ancestors if isinstance(each, FilterBar))

    def action_complete(self) -> None:
        """Take the candidate."""
        self._bar().take()

    def action_choose(self, step: int) -> None:
        """Go to another candidate; above the first, to earlier filters."""
        self._bar().choose(step)

    def action_give_up(self) -> None:
        """Go back to the filter before."""
        self._bar().give_up()

    def action_explain(self) -> None:
        """Show the whole language."""
        from tui.screens.filter_help import FilterHelp

        self.app.push_screen(FilterHelp())


class FilterBar(Vertical):
    """Hidden while there is no filter; the line below it only while it is typed."""

    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        display: none;
        background: $surface;

        &.-filtered, &.-open { display: block; }
        Horizontal { height: 1; }
        #slash { width: 3; color: $primary; text-style: bold; }
        FilterInput { width: 1fr; background: $surface; }
        FilterInput:focus { background: $panel; background-tint: $foreground 0%; }
        #candidates { height: 1; display: none; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-open #candidates { display: block; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known: Mapping[str, Sequence[str]] = {}
        self._earlier: Sequence[str] = ()
        self._place = -1
        self._before = ""
        self._kept = ""
        self._candidates: list[Completion] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(" / ", id="slash", markup=False)
            line = FilterInput(select_on_focus=False, compact=True)
            line.cursor_blink = False
            line.can_focus = False
            yield line
        yield Static("", id="candidates", markup=False)

    @property
    def line(self) -> FilterInput:
        """Where it is typed."""
        return self.query_one(FilterInput)

    @property
    def is_open(self) -> bool:
        """Whether something is being typed."""
        return self.has_class("-open")

    def open(self, known: Mapping[str, Sequence[str]], earlier: Sequence[str]) -> None:
        """Begin to type; `known` is for completion, `earlier` filters come back with up."""
        self._known, self._earlier, self._place = known, earlier, -1
        self._before = self._kept
        self.add_class("-open")
        self.line.can_focus = True
        self.line.focus()
        self.line.cursor_position = len(self.line.value)
        self._look()
        self.post_message(FilterOpened())

    def set_text(self, text: str) -> None:
        """Show a filter that was not typed here."""
        self._kept = text
        with self.prevent(Input.Changed):
            self.line.value = text
        self.set_class(bool(text), "-filtered")

    def take(self) -> None:
        """Complete the term at the cursor with the candidate."""
        if self._candidates:
            chosen = self._candidates[self._at]
            self.line.value = chosen.into(self.line.value)
            self.line.cursor_position = chosen.start + len(chosen.text)

    def choose(self, step: int) -> None:
        """Move among the candidates; upwards from the first, and from nothing, to filters used before."""
        if step < 0 and (self._at == 0 or self._place >= 0):
            self._go_back(1)
        elif step > 0 and self._place >= 0:
            self._go_back(-1)
        elif self._candidates:
            self._at = max(0, min(self._at + step, len(self._candidates) - 1))
            self._say()

    def _go_back(self, step: int) -> None:
        place = self._place + step
        if -1 <= place < len(self._earlier):
            self._place = place
            self.line.value = self._earlier[place] if place >= 0 else ""
            self.line.cursor_position = len(self.line.value)

    def give_up(self) -> None:
        """Leave with the filter that was there before."""
        self._leave(self._before)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            parse(event.value)
        except QueryError as error:
            self.line.cursor_position = min(error.column - 1, len(event.value))
            self._say()
            return
        self._leave(event.value.strip())

    def _leave(self, text: str) -> None:
        self.remove_class("-open")
        self.line.can_focus = False
        self.set_text(text)
        self.post_message(FilterLeft(text))

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        event.stop()
        if (clean := clean_input(event.value).replace("\n", " ")) != event.value:
            self.line.value = clean
            return
        self._look()
        try:
            parse(event.value)
        except QueryError:
            return
        self.post_message(FilterChanged(event.value.strip()))

    def _look(self) -> None:
        text = self.line.value
        self._candidates = complete(text, self.line.cursor_position, self._known)[:_MOST]
        self._at = 0
        self._say()

    def _say(self) -> None:
        self.query_one("#candidates", Static).update(self._words())

    def _words(self) -> Text:
        text, words = self.line.value, Text(no_wrap=True, overflow="ellipsis")
        try:
            parse(text)
        except QueryError as error:
            if text.strip() and not self._candidates:
                return words.append(clean_line(str(error)), style="bold")
        if not self._candidates:
            return words.append(_keys(), style="dim")
        for place, each in enumerate(self._candidates[self._at :], self._at):
            words.append(clean_line(each.text), style="reverse" if place == self._at else "")
            if place == self._at and each.help:
                words.append(f" {_(each.help)}", style="dim")
            words.append("  ")
        return words


def _keys() -> str:
    words = _("{tab} completes · {up} earlier · enter keeps it · {esc} takes it back · {f1} explains")
    return words.format(tab=key("complete"), up=key("earlier"), esc=key("give_up"), f1=key("explain"))
