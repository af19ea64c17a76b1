"""The line above the table: the views with how many tasks are in each, and how many of all are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from backend.text import clean_line
from tui.widgets.detail_lines import cut

_LONGEST_NAME = 24
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as the bar shows it."""

    name: str
    count: int | None
    """None while it is being counted."""

    @property
    def text(self) -> str:
        count = "" if self.count is None else f"{self.count} "
        return f" {cut(clean_line(self.name), _LONGEST_NAME)} {count}"


def fitting(tabs: Sequence[Tab], chosen: int, room: int) -> range:
    """Return which tabs are shown: the chosen one, and its neighbours as far as there is room."""
    widths = [cell_len(tab.text) for tab in tabs]
    start = end = chosen
    room -= widths[chosen] if tabs else 0
    while True:
        if start > 0 and widths[start - 1] <= room:
            start -= 1
            room -= widths[start]
        elif end + 1 < len(tabs) and widths[end + 1] <= room:
            end += 1
            room -= widths[end]
        else:
            return range(start, min(end + 1, len(tabs)))


class ViewBar(Widget):
    """One line of tabs, with words on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"view--tab", "view--chosen", "view--words"}

    DEFAULT_CSS = """
    ViewBar {
        height: 1;
        background: $surface;

        & > .view--tab { color: $text-muted; }
        & > .view--chosen { background: $primary; color: $background; text-style: bold; }
        &:ansi > .view--chosen { color: ansi_black; }
        &:nocolor > .view--chosen { text-style: bold reverse; }
        & > .view--words { color: $foreground; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A tab was clicked on."""

        place: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: tuple[tuple[Tab, ...], int, str] = ((), 0, "")

    def show(self, tabs: Sequence[Tab], chosen: int, words: str) -> None:
        """Show these tabs, one of them chosen, and `words` on the right."""
        state = (tuple(tabs), chosen, words)
        if state != self._state:
            self._state = state
            self.refresh()

    def _laid_out(self) -> tuple[range, str]:
        tabs, chosen, words = self._state
        words = cut(words, self.size.width)
        # Two cells for the signs that there are more tabs on either side.
        room = self.size.width - cell_len(words) - 2 - 2 * bool(words)
        return (fitting(tabs, chosen, room) if tabs else range(0)), words

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        tabs, chosen, _ = self._state
        shown, words = self._laid_out()
        plain = self.rich_style
        segments = [Segment(_MORE if shown and shown.start else " ", plain)]
        for place in shown:
            name = "chosen" if place == chosen else "tab"
            segments.append(Segment(tabs[place].text, plain + self._look(name)))
        segments.append(Segment(_MORE if shown and shown.stop < len(tabs) else " ", plain))
        line = Strip(segments).adjust_cell_length(self.size.width - cell_len(words) - bool(words), plain)
        tail = Segment(words + " " * bool(words), plain + self._look("words"))
        return Strip([*line, tail]).adjust_cell_length(self.size.width, plain)

    def tab_cells(self) -> Iterator[tuple[int, int]]:
        """Yield for each tab that is shown its first cell and its place."""
        edge = 1
        for place in self._laid_out()[0]:
            yield edge, place
            edge += cell_len(self._state[0][place].text)

    def on_click(self, event: events.Click) -> None:
        for start, place in self.tab_cells():
            if start <= event.x < start + cell_len(self._state[0][place].text):
                self.post_message(self.Chosen(place))
                return

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"view--{name}", partial=True)
