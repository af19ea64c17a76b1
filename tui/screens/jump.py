"""A letter over every place of the screen below; pressing it goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.errors import NoWidget
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.action import Scope
from tui.actions import also, bindings
from tui.widgets.view_bar import ViewBar

_LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM"


class Place(NamedTuple):
    """Where a letter stands, and what brings one there."""

    y: int
    x: int
    go: Callable[[], object]


class JumpScreen(ModalScreen[Place | None]):
    """Dismissed with the place that was chosen, or with None."""

    CSS = """
    JumpScreen { background: transparent; }
    JumpScreen Static {
        position: absolute;
        width: 3;
        height: 1;
        background: $warning;
        color: $background;
        text-style: bold;
    }
    JumpScreen:ansi Static { color: ansi_black; }
    JumpScreen:nocolor Static { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.BOX), also("jump", "cancel")]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        found = sorted(places(below), key=lambda place: place[:2])
        self._places = dict(zip(_LETTERS, found, strict=False))

    def compose(self) -> ComposeResult:
        for letter, place in self._places.items():
            label = Static(f" {letter} ", markup=False)
            label.styles.offset = (place.x, place.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        if event.character in self._places:
            event.stop()
            self.dismiss(self._places[event.character])

    def on_click(self) -> None:
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Stay."""
        self.dismiss(None)


def places(screen: Screen[Any]) -> Iterator[Place]:
    """Yield a screen's tabs, and what can have the focus there, as far as they are seen."""
    for bar in screen.query(ViewBar):
        for x, number in bar.tab_cells():
            chosen = ViewBar.Chosen(number)
            yield Place(bar.region.y, bar.region.x + x, partial(bar.post_message, chosen))
    for widget in screen.focus_chain:
        try:
            seen = screen.find_widget(widget).visible_region
        except NoWidget:
            continue
        if seen.width and seen.height:
            yield Place(seen.y, seen.x, widget.focus)
