"""Draws the lines of a line table, and remembers those that may be needed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from backend.language import _
from tui.widgets.line_table_columns import GAP, Cell, Column, fit, lay_out, with_arrow

_CURSOR = "▌"
_MARK = "●"
_GUTTER = len(_CURSOR) + len(_MARK)
_CACHED_ROWS = 400

_lay_out_once = lru_cache(maxsize=32)(lay_out)


class Look(NamedTuple):
    """How a row is to be drawn, whatever is in it."""

    width: int
    at_cursor: bool = False
    marked: bool = False


@dataclass(slots=True)
class _Row:
    cells: tuple[Cell, ...]
    strip: Strip | None = None
    look: Look | None = None
    styles: int = 0


class LinePainter:
    """Turns rows into strips; `find_style` gives a component's style, and for "" the plain one."""

    def __init__(
        self,
        columns: Sequence[Column],
        render_row: Callable[[str], Sequence[Cell]],
        find_style: Callable[[str], Style],
    ) -> None:
        self._render_row = render_row
        self._find_style = find_style
        self._styles: dict[tuple[str, ...], Style] = {}
        self._style_changes = 0
        self._rows: LRUCache[str, _Row] = LRUCache(_CACHED_ROWS)
        self._sort: tuple[str, bool] | None = None
        self._with_arrow: tuple[Column, ...] = ()
        self.set_columns(columns)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Draw other columns from now on; no row is remembered."""
        self._columns = tuple(columns)
        self._position = {column.key: place for place, column in enumerate(columns)}
        self._rows.clear()
        self.set_sort(self._sort)

    def set_sort(self, sort: tuple[str, bool] | None) -> None:
        """Draw an arrow beside the title of the column sorted by, downwards if the order is descending."""
        self._sort = sort
        columns = with_arrow(self._columns, sort[0] if sort else None)
        if columns != self._with_arrow:
            self._with_arrow = columns
            self._rows.clear()

    def header(self, width: int) -> Strip:
        """Draw the titles."""
        style, sort = self._style("header"), self._sort
        segments = [Segment(" " * _GUTTER, style)]
        for column, room in self.layout(width):
            arrow = "" if sort is None or sort[0] != column.key else "▼" if sort[1] else "▲"
            segments.append(Segment(" " * GAP + _title(column, room, arrow), style))
        return self._padded(segments, width, style)

    def column_at(self, x: int, width: int) -> str | None:
        """Return the key of the column that stands at a cell of a line of this width."""
        edge = _GUTTER
        for column, room in self.layout(width):
            edge += GAP + room
            if x < edge:
                return column.key
        return None

    def row(self, key: str, look: Look) -> Strip:
        """Draw a row; the same strip is returned until its cells, look or styles change."""
        row = self._rows.get(key)
        if row is None:
            row = _Row(tuple(self._render_row(key)))
            self._rows.set(key, row)
        if row.strip is None or row.look != look or row.styles != self._style_changes:
            row.strip = self._draw(row.cells, look)
            row.look, row.styles = look, self._style_changes
        return row.strip

    def note(self, text: str, width: int) -> Strip:
        """Draw a line of text in the middle."""
        style = self._style("empty")
        text = fit(text, width).rstrip()
        indent = " " * ((width - cell_len(text)) // 2)
        return self._padded([Segment(indent + text, style)], width, style)

    def blank(self, width: int) -> Strip:
        """Draw an empty line."""
        return Strip.blank(width, self._style())

    def update(self, key: str) -> bool:
        """Render a row's cells anew and say whether it now looks different."""
        row = self._rows.get(key)
        if row is None:
            return True
        cells = tuple(self._render_row(key))
        if cells == row.cells:
            return False
        row.cells, row.strip = cells, None
        return True

    def forget(self, keys: Iterable[str]) -> None:
        """Drop rows whose cells may be out of date and are not needed now."""
        for key in keys:
            self._rows.discard(key)

    def keep_only(self, keys: Iterable[str]) -> None:
        """Drop all rows but these."""
        self.forget(set(self._rows.keys()).difference(keys))

    def forget_styles(self) -> None:
        """Look all styles up again, and draw with them."""
        self._styles.clear()
        self._style_changes += 1

    def _draw(self, cells: Sequence[Cell], look: Look) -> Strip:
        # The cursor's style goes on top of a cell's: legible whatever colour the cell has.
        cursor = ("cursor",) if look.at_cursor else ()
        plain = self._style(*cursor)
        bar, mark = _CURSOR if look.at_cursor else " ", _MARK if look.marked else " "
        segments = _joined(bar, plain, mark, self._style("mark", *cursor) if look.marked else plain)
        for column, room in self.layout(look.width):
            cell = cells[self._position[column.key]]
            style = self._style(cell.style, *cursor) if cell.style else plain
            segments += _joined(" " * GAP, plain, fit(cell.text, room, column.align), style)
        return self._padded(segments, look.width, plain)

    def layout(self, width: int) -> list[tuple[Column, int]]:
        """Return the columns that a line of this width shows, with the cells of each."""
        return _lay_out_once(self._with_arrow, width - _GUTTER - GAP)

    def _padded(self, segments: list[Segment], width: int, style: Style) -> Strip:
        return Strip(segments).adjust_cell_length(width, style)

    def _style(self, *names: str) -> Style:
        style = self._styles.get(names)
        if style is None:
            style = Style.combine(self._find_style(name) for name in ("", *names))
            self._styles[names] = style
        return style


def _title(column: Column, width: int, arrow: str) -> str:
    title = _(column.title)
    if arrow:
        title = fit(title, width - len(arrow)).rstrip() + arrow
    return fit(title, width, column.align)


def _joined(lead: str, lead_style: Style, text: str, style: Style) -> list[Segment]:
    # Each segment costs some forty bytes of colour codes on its way to the terminal.
    if style == lead_style:
        return [Segment(lead + text, style)]
    return [Segment(lead, lead_style), Segment(text, style)]
