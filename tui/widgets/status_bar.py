"""The bottom line: keys that do something here, to be pressed or clicked, and who does the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from tui.action import key_of_word
from tui.widgets.detail_lines import cut

Hint = tuple[str, str]
"""A key and its word."""


def fitting(hints: Sequence[Hint], last: Sequence[Hint], room: int) -> list[Hint]:
    """Return as many hints as fit beside the `last` ones, which are never left out."""
    room -= sum(_width(hint) for hint in last)
    shown: list[Hint] = []
    for hint in hints:
        room -= _width(hint)
        if room < 0:
            break
        shown.append(hint)
    return [*shown, *last]


def _width(hint: Hint) -> int:
    return cell_len(hint[0]) + cell_len(hint[1]) + 3


class StatusBar(Widget):
    """One line of key hints, as many as fit, with a note on the right; for a while, what was to be said."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--key",
        "status--word",
        "status--note",
        "status--said",
        "status--warning",
        "status--error",
    }

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $panel;

        & > .status--key { color: $primary; text-style: bold; }
        & > .status--word { color: $foreground; }
        & > .status--note { color: $warning; }
        & > .status--said { color: $foreground; text-style: bold; }
        & > .status--warning { color: $warning; text-style: bold; }
        & > .status--error { color: $error; text-style: bold; }
    }
    """

    def __init__(
        self, hints: Sequence[Hint] = (), last: Sequence[Hint] = (), *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._hints, self._last = list(hints), list(last)
        self._note = ""
        self._said: Hint | None = None
        """Kind and words."""
        self._saying: Timer | None = None

    def show(self, hints: Sequence[Hint], last: Sequence[Hint], note: str = "") -> None:
        """Show these hints, and the `last` ones whatever the room."""
        shown = (list(hints), list(last), note)
        if shown != (self._hints, self._last, self._note):
            self._hints, self._last, self._note = shown
            self.refresh()

    def say(self, words: str, kind: str, seconds: float) -> None:
        """Show `words` instead of the hints for so long, or until something else is to be said."""
        if self._saying is not None:
            self._saying.stop()
        self._said = (kind, words)
        self._saying = self.set_timer(seconds, self.hush)
        self.refresh()

    def hush(self) -> None:
        """Show the hints again."""
        self._said = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width, plain = self.size.width, self.rich_style
        if self._said is not None:
            kind, words = self._said
            said = Segment(cut(f" {words}", width), plain + self._look(kind))
            return Strip([said]).adjust_cell_length(width, plain)
        shown, note = self._laid_out()
        segments: list[Segment] = []
        for key, word in shown:
            segments += [
                Segment(f" {key}", plain + self._look("key")),
                Segment(f" {word} ", plain + self._look("word")),
            ]
        line = Strip(segments).adjust_cell_length(width - cell_len(note), plain)
        return Strip([*line, Segment(note, plain + self._look("note"))]) if note else line

    def _laid_out(self) -> tuple[list[Hint], str]:
        width = self.size.width
        least = sum(_width(hint) for hint in self._last)
        note = cut(f" {self._note} ", max(0, width - least)) if self._note else ""
        return fitting(self._hints, self._last, width - cell_len(note)), note

    def on_click(self, event: events.Click) -> None:
        """Press the key whose hint was clicked."""
        edge = 0
        for hint in () if self._said is not None else self._laid_out()[0]:
            edge += _width(hint)
            if event.x < edge:
                key = key_of_word(hint[0])
                if key is not None:
                    self.app.simulate_key(key)
                return

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"status--{name}", partial=True)
