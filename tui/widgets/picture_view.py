"""Shows a picture, and repaints no more of it than changed."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from backend.media.picture import Picture
from backend.text import clean_line
from tui.painting import Painting
from tui.widgets.detail_lines import wrap
from tui.widgets.line_table_columns import changed_span


class PictureView(Widget):
    """One picture in the middle of the room; blank without one."""

    DEFAULT_CSS = "PictureView { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Strip] = []
        self._painting: Painting | None = None
        self._words = ""

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._painting.picture if self._painting is not None else None

    def show(self, painting: Painting) -> None:
        """Show a picture; what does not fit is cut off."""
        if self._painting is not None and self._painting.painter is not painting.painter:
            self._let_go()
        self._painting, self._words = painting, ""
        self._paint(self._laid_out())

    def say(self, words: str) -> None:
        """Show words instead of a picture."""
        self._let_go()
        self._words = clean_line(words)
        self._paint(self._laid_out())

    def on_unmount(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._painting is not None:
            self._painting.painter.let_go(self)
        self._painting = None

    def on_resize(self) -> None:
        self._rows = self._laid_out()
        self.refresh()

    def _laid_out(self) -> list[Strip]:
        width, height = self.size
        plain = self.rich_style
        blank = Strip.blank(width, plain)
        if self._painting is None:
            lines = [
                _in_middle(Strip([Segment(text, plain)]), width, plain)
                for text in wrap(self._words, max(1, width - 2))
            ]
        else:
            art = self._painting.painter.draw(self._painting, self, width, height)
            styled = ([Segment(text, style or plain) for text, style, _ in row] for row in art)
            lines = [_in_middle(Strip(row), width, plain) for row in styled]
        above = max(0, height - len(lines)) // 2
        rows = [blank] * above + lines[:height]
        return rows + [blank] * (height - len(rows))

    def _paint(self, rows: list[Strip]) -> None:
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        regions = []
        for y, (old, new) in enumerate(zip(before, rows, strict=True)):
            if span := changed_span(old, new):
                regions.append(Region(span[0], y, span[1] - span[0], 1))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        if y < len(self._rows):
            return self._rows[y]
        return Strip.blank(self.size.width, self.rich_style)


def _in_middle(strip: Strip, width: int, plain: Style) -> Strip:
    left = max(0, width - strip.cell_length) // 2
    padded = Strip([Segment(" " * left, plain), *strip]) if left else strip
    return padded.adjust_cell_length(width, plain)
