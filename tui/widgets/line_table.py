"""A live table that draws its own lines, and sends only what changed to the terminal.

Textual's DataTable repaints every visible cell when one changes; over SSH that is forty times the
bytes. Here each screen line remembers what it showed last, and only the difference is refreshed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.line_table_columns import Cell, Column, lay_out
from tui.widgets.line_table_drawing import DrawnLines
from tui.widgets.line_table_painter import LinePainter, Look

__all__ = ["Cell", "Column", "LineTable", "lay_out"]

_HEADER = 1


class LineTable(DrawnLines, can_focus=True, inherit_bindings=False):
    """A table of keyed rows under a fixed header; a row is rendered when it comes into view."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", id="table.up", show=False),
        Binding("down,j", "step(1)", "Down", id="table.down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="table.page_up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="table.page_down", show=False),
        Binding("home,g", "first", "First", id="table.first", show=False),
        Binding("end,G", "last", "Last", id="table.last", show=False),
        Binding("enter", "select", "Open", id="table.select", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--header",
        "line-table--cursor",
        "line-table--mark",
        "line-table--empty",
    }

    DEFAULT_CSS = """
    LineTable {
        overflow: hidden auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;

        & > .line-table--header { background: $panel; color: $foreground; text-style: bold; }
        & > .line-table--empty { color: $text-muted; }
        & > .line-table--mark { color: $warning; text-style: bold; }
        & > .line-table--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
        }
        &:focus > .line-table--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        &:nocolor:focus > .line-table--cursor { text-style: bold reverse; }
    }
    """

    sort: var[tuple[str, bool] | None] = var(None)
    """Column key and whether the order is descending; only drawn in the header."""

    empty_text: var[str] = var("")
    """Shown in the middle when there are no rows."""

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another row, or on none."""

        table: LineTable
        key: str | None

        @property
        def control(self) -> LineTable:
            """The table, so that `@on` can select by it."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LineTable.CursorMoved) and message.table is self.table

    @dataclass
    class RowSelected(Message):
        """The row was opened: by enter, by a click on the cursor row or by a double click."""

        table: LineTable
        key: str

        @property
        def control(self) -> LineTable:
            """The table, so that `@on` can select by it."""
            return self.table

    @dataclass
    class HeaderClicked(Message):
        """The title of a column was clicked."""

        table: LineTable
        column: str

        @property
        def control(self) -> LineTable:
            """The table, so that `@on` can select by it."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        render_row: Callable[[str], Sequence[Cell]],
        *,
        empty_text: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show `columns`; `render_row` gives a key's cells, one for each of them, in order."""
        super().__init__(name=name, id=id, classes=classes)
        self.set_reactive(LineTable.empty_text, empty_text)
        self._painter = LinePainter(columns, render_row, self._component_style)
        self._keys: list[str] = []
        self._given: Sequence[str] | None = None
        self._index: dict[str, int] = {}
        self._cursor: str | None = None
        self._marks: frozenset[str] = frozenset()
        self._follows_top = True
        self._click_moved = False

    # -- What is in the table ------------------------------------------------------------------

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor; None if there are no rows."""
        return self._cursor

    @property
    def keys(self) -> Sequence[str]:
        """Keys of all rows, in order."""
        return self._keys

    @property
    def marks(self) -> frozenset[str]:
        """Keys of the marked rows, shown or not."""
        return self._marks

    def visible_keys(self) -> Sequence[str]:
        """Return the keys of the rows on the screen, from the top."""
        return self._keys[self._top : self._top + self._page]

    def keys_between(self, one: str, other: str) -> Sequence[str]:
        """Return the keys from one row to another, both included; only of the other if there is but that."""
        end = self._index[other]
        first, last = sorted((self._index.get(one, end), end))
        return self._keys[first : last + 1]

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these rows in this order; cursor and view stay with the rows they were on.

        A sequence that is given again must be as it was: it is not looked at.
        """
        if keys is self._given:
            return
        self._given = keys
        keys = list(keys)
        if keys == self._keys:
            return
        index = {key: place for place, key in enumerate(keys)}
        cursor = self._surviving_cursor(keys, index)
        top = self._top_after(index, cursor)
        moved = cursor != self._cursor
        self._keys, self._index, self._cursor = keys, index, cursor
        self._painter.keep_only(index)
        self._fit_virtual_size()
        self._scroll_to_row(top)
        self._repaint()
        if moved:
            self.post_message(self.CursorMoved(self, cursor))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; `render_row` has to give the cells for these from now on."""
        self._painter.set_columns(columns)
        self._repaint()

    def room(self) -> Sequence[tuple[Column, int]]:
        """Return the columns for which there is room, with the cells of each."""
        return self._painter.layout(self.scrollable_content_region.width)

    def set_marks(self, keys: Iterable[str]) -> None:
        """Mark exactly these rows."""
        self._marks = frozenset(keys)
        self._repaint()

    def move_to(self, key: str) -> bool:
        """Put the cursor on a row and bring it into view; False if there is no such row."""
        if key not in self._index:
            return False
        self._move(self._index[key])
        return True

    def refresh_rows(self, keys: Iterable[str]) -> None:
        """Say that the data of these rows changed; only visible, really different cells repaint."""
        shown = self.visible_keys() if self._is_drawn else ()
        lines = {key: y for y, key in enumerate(shown, _HEADER)}
        changed = [key for key in keys if key not in lines or self._painter.update(key)]
        self._painter.forget(key for key in changed if key not in lines)
        self._repaint(lines[key] for key in changed if key in lines)

    def refresh_visible(self) -> None:
        """Render all visible rows anew, as when the clock moved on."""
        visible = self.visible_keys()
        self._painter.keep_only(visible)
        self.refresh_rows(visible)

    # -- Where the cursor and the view go ------------------------------------------------------

    @property
    def _cursor_index(self) -> int:
        return 0 if self._cursor is None else self._index[self._cursor]

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    @property
    def _page(self) -> int:
        return max(0, self.size.height - _HEADER)

    def _is_visible(self, index: int) -> bool:
        return self._top <= index < self._top + self._page

    def _surviving_cursor(self, keys: Sequence[str], index: dict[str, int]) -> str | None:
        """Return the cursor's key, or the nearest one that is left: first below, then above."""
        if not keys:
            return None
        place = self._cursor_index
        for key in (*self._keys[place:], *reversed(self._keys[:place])):
            if key in index:
                return key
        return keys[min(place, len(keys) - 1)]

    def _top_after(self, index: dict[str, int], cursor: str | None) -> int:
        """Return the top row that leaves the cursor, or else the view, where it is on screen."""
        if cursor is None or not self._page:
            return self._top
        place = self._cursor_index
        self._follows_top = self._top == 0 and (place == 0 or self._follows_top)
        if self._follows_top:
            # Newest first: whoever waits at the top wants to see what comes in.
            return max(0, index[cursor] - self._page + 1)
        if self._is_visible(place):
            return index[cursor] - (place - self._top)
        for line, key in enumerate(self.visible_keys()):
            if key in index:
                return index[key] - line
        return self._top

    def _move(self, index: int) -> None:
        if not self._keys:
            return
        index = max(0, min(index, len(self._keys) - 1))
        key = self._keys[index]
        moved = key != self._cursor
        self._cursor = key
        self._follows_top = False
        self._reveal(index)
        self._repaint()
        if moved:
            self.post_message(self.CursorMoved(self, key))

    def _reveal(self, index: int) -> None:
        """Scroll the row to the middle if it is out of view.

        Any scrolling repaints the page, so a step past the edge had better pay for half a page.
        """
        if not self._is_visible(index):
            self._scroll_to_row(index - self._page // 2)

    def _scroll_to_row(self, top: int) -> None:
        if self._page:
            self.scroll_to(y=top, force=True)

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: every frame of an animation would be a page of bytes."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def scroll_page_up(self, **_options: Any) -> None:
        """Scroll back by what the header leaves of a page."""
        self._scroll_to_row(self._top - self._page)

    def scroll_page_down(self, **_options: Any) -> None:
        """Scroll on by what the header leaves of a page."""
        self._scroll_to_row(self._top + self._page)

    def _fit_virtual_size(self) -> None:
        size = Size(self.scrollable_content_region.width, len(self._keys) + _HEADER)
        overflows = size.height > self.container_size.height
        if self.styles.auto_dimensions or overflows != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        # The plain assignment would repaint the whole table, even if only hidden rows came or went.
        self.set_reactive(Widget.virtual_size, size)
        if overflows:
            self.vertical_scrollbar.window_virtual_size = size.height

    # -- Keys and mouse ------------------------------------------------------------------------

    def action_step(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._move(self._cursor_index + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor and the view by so many pages."""
        index = self._cursor_index + pages * self._page
        self._scroll_to_row(self._top + pages * self._page)
        self._move(index)

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(len(self._keys) - 1)

    def action_select(self) -> None:
        """Open the row under the cursor."""
        if self._cursor is not None:
            self.post_message(self.RowSelected(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < _HEADER:
            column = self._painter.column_at(offset.x, self.scrollable_content_region.width)
            if column is not None:
                self.post_message(self.HeaderClicked(self, column))
            return
        index = self._top + offset.y - _HEADER
        if index >= len(self._keys):
            return
        if index != self._cursor_index:
            self._move(index)
            self._click_moved = True
            return
        # The second half of a double click opens the row only if the first half did not.
        if event.chain == 1 or self._click_moved:
            self.action_select()
        self._click_moved = False

    # -- What Textual tells us -----------------------------------------------------------------

    def on_mount(self) -> None:
        if self._cursor is not None:
            self.post_message(self.CursorMoved(self, self._cursor))

    def on_resize(self) -> None:
        self._fit_virtual_size()
        if self._keys:
            self._reveal(self._cursor_index)

    def watch_sort(self) -> None:
        self._painter.set_sort(self.sort)
        self._repaint()

    def watch_empty_text(self) -> None:
        self._repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._repaint()

    # -- Drawing -------------------------------------------------------------------------------

    def _line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < _HEADER:
            return self._painter.header(width)
        index = self._top + y - _HEADER
        if index < len(self._keys):
            key = self._keys[index]
            return self._painter.row(key, Look(width, key == self._cursor, key in self._marks))
        if not self._keys and self.empty_text and y == (self.size.height + _HEADER) // 2:
            return self._painter.note(self.empty_text, width)
        return self._painter.blank(width)
