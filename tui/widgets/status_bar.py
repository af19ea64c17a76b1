"""The bottom line: keys that do something here, and who does the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

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
    """One line of key hints, as many as fit, with a note on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"status--key", "status--word", "status--note"}

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $panel;

        & > .status--key { color: $primary; text-style: bold; }
        & > .status--word { color: $foreground; }
        & > .status--note { color: $warning; }
    }
    """

    def __init__(
        self, hints: Sequence[Hint] = (), last: Sequence[Hint] = (), *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._hints, self._last = list(hints), list(last)
        self._note = ""

    def show(self, hints: Sequence[Hint], last: Sequence[Hint], note: str = "") -> None:
        """Show these hints, and the `last` ones whatever the room."""
        shown = (list(hints), list(last), note)
        if shown != (self._hints, self._last, self._note):
            self._hints, self._last, self._note = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width, plain = self.size.width, self.rich_style
        least = sum(_width(hint) for hint in self._last)
        note = cut(f" {self._note} ", max(0, width - least)) if self._note else ""
        segments: list[Segment] = []
        for key, word in fitting(self._hints, self._last, width - cell_len(note)):
            segments += [
                Segment(f" {key}", plain + self._look("key")),
                Segment(f" {word} ", plain + self._look("word")),
            ]
        line = Strip(segments).adjust_cell_length(width - cell_len(note), plain)
        return Strip([*line, Segment(note, plain + self._look("note"))]) if note else line

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"status--{name}", partial=True)
