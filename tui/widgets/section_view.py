"""Shows sections of labelled rows, and repaints no more of them than changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.detail import Section
from tui.widgets.detail_lines import Line, lay_out
from tui.widgets.line_table_columns import changed_span

_AIRY = 16
"""Lines of height from which on some may stay empty."""


class SectionView(ScrollView, can_focus=True):
    """Sections, scrollable; text in them can be selected with the mouse."""

    ALLOW_SELECT = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", show=False),
        Binding("j", "scroll_down", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "section--title",
        "section--rule",
        "section--label",
        "section--strong",
        "section--muted",
        "section--active",
        "section--good",
        "section--doubtful",
        "section--bad",
    }

    DEFAULT_CSS = """
    SectionView {
        overflow: hidden auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        padding: 0 0 0 1;

        & > .section--title { text-style: bold; color: $primary; }
        & > .section--rule { color: $panel; }
        & > .section--label { color: $text-muted; }
        & > .section--strong { text-style: bold; }
        & > .section--muted { color: $text-muted; }
        & > .section--active { color: $primary; }
        & > .section--good { color: $success; }
        & > .section--doubtful { color: $warning; }
        & > .section--bad { color: $error; }
    }
    """

    def __init__(self, sections: Sequence[Section] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections = tuple(sections)
        self._lines: list[Line] = []
        self._laid_out: dict[Section, list[Line]] = {}
        self._width, self._airy = 0, True
        self._shown: dict[int, Strip] = {}
        self._drawn: dict[int, tuple[Line, Style, Strip]] = {}
        """Strips by the place of their lines, as they are without a selection."""
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections."""
        if tuple(sections) != self._sections:
            self._sections = tuple(sections)
            self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        airy = self.size.height >= _AIRY
        known = self._laid_out if (width, airy) == (self._width, self._airy) else {}
        if width != self._width:
            self._drawn.clear()
        self._width, self._airy = width, airy
        self._laid_out = {
            section: known[section] if section in known else lay_out(section, width, airy=airy)
            for section in self._sections
        }
        self._lines = [line for section in self._sections for line in self._laid_out[section]]
        size = Size(width, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
        self._repaint()

    def _repaint(self) -> None:
        if not (self.is_on_screen and self.screen.is_current):
            self.refresh()
            return
        regions = []
        for y in range(self.scrollable_content_region.height):
            if span := changed_span(self._shown.get(y), self._strip(y)):
                start, end = span
                regions.append(Region(start, y, end - start, 1))
        if regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        self._shown.clear()
        self._lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._drawn.clear()

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        self._shown[y] = strip = self._strip(y)
        return strip.apply_offsets(0, y + self.scroll_offset.y)

    def _strip(self, y: int) -> Strip:
        width, plain = self._width, self.rich_style
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return Strip.blank(width, plain)
        line = self._lines[index]
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        known = self._drawn.get(index)
        if span is None and known is not None and known[:2] == (line, plain):
            return known[2]
        segments = [Segment(text, self._style(style)) for text, style in line]
        if span is not None:
            segments = self._highlighted(segments, span)
        strip = Strip(segments).adjust_cell_length(width, plain)
        if span is None:
            self._drawn[index] = line, plain, strip
        return strip

    def _highlighted(self, segments: Sequence[Segment], span: tuple[int, int]) -> list[Segment]:
        start, end = span
        length = sum(len(segment.text) for segment in segments)
        end = length if end < 0 else min(end, length)
        look = self.screen.get_component_rich_style("screen--selection")
        pieces: list[Segment] = []
        place = 0
        for text, style, _ in segments:
            before = max(0, min(start - place, len(text)))
            after = max(before, min(end - place, len(text)))
            pieces += [
                Segment(text[:before], style),
                Segment(text[before:after], (style or Style()) + look),
                Segment(text[after:], style),
            ]
            place += len(text)
        return [piece for piece in pieces if piece.text]

    def _style(self, name: str | Style | None) -> Style:
        if not isinstance(name, str):
            return self.rich_style + name
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style + (self.get_component_rich_style(f"section--{name}") if name else Style())
            self._styles[name] = style
        return style

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text under a selection made with the mouse."""
        return selection.extract(self.text), "\n"

    def scroll_half_page(self, direction: int) -> None:
        """Scroll by half a page, at once."""
        step = max(1, self.scrollable_content_region.height // 2)
        self.scroll_to(y=self.scroll_offset.y + direction * step, animate=False)

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: every frame of an animation would be a page of bytes."""
        super().scroll_to(x, y, **{**options, "animate": False})
