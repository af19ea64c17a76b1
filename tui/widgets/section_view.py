"""Shows sections of labelled rows, and repaints no more of them than changed."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.action import Scope
from tui.actions import bindings
from tui.detail import Section
from tui.text_search import Match, SearchText
from tui.widgets.detail_lines import Line, lay_out
from tui.widgets.line_table_columns import changed_span

if TYPE_CHECKING:
    from tui.widgets.find_line import FindLine

_AIRY = 16
"""Lines of height from which on some may stay empty."""
_MUCH = 60_000
"""Characters from which on it would be felt if keys had to wait while they are laid out."""


class SectionView(ScrollView, can_focus=True):
    """Sections, scrollable; words in them can be found, and text selected with the mouse."""

    ALLOW_SELECT = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", show=False),
        Binding("j", "scroll_down", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
        *bindings(Scope.TEXT),
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
        "section--match",
        "section--lit",
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
        & > .section--match { text-style: underline; }
        & > .section--lit { text-style: bold reverse; }
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
        self._finder: FindLine | None = None
        self._search: SearchText | None = None
        self._matches: Sequence[Match] = ()
        self._lit: int | None = None

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.text for line in self._lines)

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
        new = [section for section in self._sections if section not in known]
        if sum(len(row.text) for section in new for row in section.rows) > _MUCH:
            self._lay_out_aside(known)
        else:
            self._take(_laid_out(self._sections, known, width, airy=airy))

    @work(group="lay out", exclusive=True)
    async def _lay_out_aside(self, known: Mapping[Section, list[Line]]) -> None:
        sections, width, airy = self._sections, self._width, self._airy
        laid_out = await asyncio.to_thread(_laid_out, sections, known, width, airy=airy)
        search = await asyncio.to_thread(SearchText, _lines(laid_out.values()))
        if (sections, width, airy) == (self._sections, self._width, self._airy):
            self._take(laid_out, search)

    def _take(self, laid_out: dict[Section, list[Line]], search: SearchText | None = None) -> None:
        self._laid_out, self._search = laid_out, search
        self._lines = _lines(laid_out[section] for section in self._sections)
        size = Size(self._width, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
        self._repaint()
        if self._finder is not None:
            self._finder.look_again()

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
        looks = self._looks(index)
        known = self._drawn.get(index)
        if not looks and known is not None and known[:2] == (line, plain):
            return known[2]
        segments = [Segment(text, self._style(style)) for text, style in line.spans]
        for start, end, look in looks:
            segments = self._highlighted(segments, start, end, look)
        strip = Strip(segments).adjust_cell_length(width, plain)
        if not looks:
            self._drawn[index] = line, plain, strip
        return strip

    def _looks(self, index: int) -> list[tuple[int, int, Style]]:
        """Return what of a line looks other than it is: from which character to which, and how."""
        looks: list[tuple[int, int, Style]] = []
        if self._search is not None and self._matches:
            for place, start, end in self._search.on_line(index, self._matches):
                name = "section--lit" if place == self._lit else "section--match"
                looks.append((start, end, self.get_component_rich_style(name, partial=True)))
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(index)) is not None:
            looks.append((*span, self.screen.get_component_rich_style("screen--selection")))
        return looks

    def _highlighted(self, segments: Sequence[Segment], start: int, end: int, look: Style) -> list[Segment]:
        length = sum(len(segment.text) for segment in segments)
        end = length if end < 0 else min(end, length)
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
        """Return the text under a selection made with the mouse, without the ends that wrapping made."""
        return _selected(self._lines, selection), "\n"

    def scroll_half_page(self, direction: int) -> None:
        """Scroll by half a page, at once."""
        step = max(1, self.scrollable_content_region.height // 2)
        self.scroll_to(y=self.scroll_offset.y + direction * step, animate=False)

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: every frame of an animation would be a page of bytes."""
        super().scroll_to(x, y, **{**options, "animate": False})

    # -- Finding ------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._finder is not None or action not in ("find_step", "find_end")

    def action_find(self) -> None:
        """Type words to find here, and in the views beside this one."""
        if self._finder is None:
            from tui.widgets.find_line import FindLine

            FindLine(self).open()
        else:
            self._finder.type()

    def action_find_step(self, step: int) -> None:
        """Go to the next match, or to the one before."""
        if self._finder is not None:
            self._finder.step(step)

    def action_find_end(self) -> None:
        """Show the text as it is again."""
        if self._finder is not None:
            self._finder.end()

    def be_searched(self, finder: FindLine | None) -> None:
        """Tell `finder` whenever the text is another one; None: nothing is searched any more."""
        self._finder, self._matches, self._lit = finder, (), None
        self._repaint()

    def find(self, words: str) -> int:
        """Underline wherever `words` are, and return how often that is."""
        if self._search is None:
            self._search = SearchText(self._lines)
        self._matches, self._lit = self._search.find(words), None
        self._repaint()
        return len(self._matches)

    def light(self, place: int | None, *, reveal: bool = True) -> None:
        """Make one of the matches stand out, and bring it into view if wanted; None: none of them."""
        self._lit = place
        if place is not None and reveal and self._search is not None:
            line, height = self._search.line_of(self._matches[place]), self.scrollable_content_region.height
            if not self.scroll_offset.y <= line < self.scroll_offset.y + height:
                self.scroll_to(y=line - height // 2)
        self._repaint()

    def first_match(self, line: int) -> int | None:
        """Return the place of the first match that does not begin above a line; None if all do."""
        if self._search is None:
            return None
        place = bisect_left(self._matches, line, key=self._search.line_of)
        return place if place < len(self._matches) else None

    @property
    def lit_line(self) -> int | None:
        """The line of the match that stands out."""
        if self._search is None or self._lit is None:
            return None
        return self._search.line_of(self._matches[self._lit])

    def on_blur(self) -> None:
        if self._finder is not None:
            self._finder.heed_focus()

    def on_hide(self) -> None:
        self.action_find_end()

    def on_unmount(self) -> None:
        self.action_find_end()


def _laid_out(
    sections: Iterable[Section], known: Mapping[Section, list[Line]], width: int, *, airy: bool
) -> dict[Section, list[Line]]:
    return {
        section: known[section] if section in known else lay_out(section, width, airy=airy)
        for section in sections
    }


def _lines(laid_out: Iterable[list[Line]]) -> list[Line]:
    return [line for lines in laid_out for line in lines]


def _selected(lines: Sequence[Line], selection: Selection) -> str:
    text, joint = "", "\n"
    for number, line in enumerate(lines):
        if (span := selection.get_span(number)) is None:
            continue
        start, end = span
        if text and joint != "\n":
            start = max(start, line.start)
        text += joint if text else ""
        text, joint = text + (line.text[start:] if end < 0 else line.text[start:end]), line.joint
    return text
