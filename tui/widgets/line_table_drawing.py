"""A view of lines that sends only what changed of them to the terminal.

Each line of the screen remembers what it showed last, and only the difference is refreshed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from rich.style import Style
from textual.geometry import Region
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.line_table_columns import changed_span
from tui.widgets.line_table_painter import LinePainter


class DrawnLines(ScrollView):
    """Lines that draw themselves, whatever is in them."""

    _painter: LinePainter

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._shown: dict[int, Strip] = {}

    def on_mount(self) -> None:
        self.app.screen_change_signal.subscribe(self, self._on_screen_change)

    def on_show(self) -> None:
        self._repaint()

    def _on_screen_change(self, _screen: Screen[Any]) -> None:
        self._repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget_styles()

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        # Textual reports a change in component styles only by a refresh without regions.
        if not regions:
            self._painter.forget_styles()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @property
    def _is_drawn(self) -> bool:
        # Textual repaints what lies over a changed region, so covered changes would cost bytes too.
        if not self.is_on_screen or self.screen not in self.app.screen_stack:
            return False
        stack = self.app.screen_stack
        above = stack[stack.index(self.screen) + 1 :]
        return all(screen.styles.background.a < 1 for screen in above)

    def _repaint(self, lines: Iterable[int] | None = None) -> None:
        """Refresh the parts of lines that differ from what they showed last; None: of all lines."""
        if not self._is_drawn:
            return
        regions = []
        for y in range(self.size.height) if lines is None else lines:
            if span := changed_span(self._shown.get(y), self._line(y)):
                start, end = span
                regions.append(Region(start, y, end - start, 1))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen: the header, a row, or nothing."""
        self._shown[y] = strip = self._line(y)
        return strip

    def _line(self, y: int) -> Strip:
        """Return what is to stand in a line of the screen."""
        raise NotImplementedError

    def _component_style(self, name: str) -> Style:
        return self.get_component_rich_style(f"line-table--{name}") if name else self.rich_style
