"""Pure layout of a line table: which columns fit, what fits in a cell, what changed in a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from backend.language import _
from backend.text import clean_line

GAP = 1
"""Empty cells between two columns."""

Align = Literal["left", "right"]


class Column(NamedTuple):
    """One column: `width` is its least width in cells, `grow` its share of the spare width.

    Priority 0 is never hidden; of the others, the highest number is hidden first.
    """

    key: str
    title: str
    width: int
    grow: int = 0
    align: Align = "left"
    priority: int = 0


class Cell(NamedTuple):
    """Text of one cell and the suffix of its component class: `failed` → `line-table--failed`."""

    text: str
    style: str = ""


def with_arrow(columns: Sequence[Column], sorted_by: str | None) -> tuple[Column, ...]:
    """Return the columns, that which is sorted by wide enough for its title and an arrow."""
    return tuple(
        column._replace(width=max(column.width, cell_len(_(column.title)) + 1))
        if column.key == sorted_by
        else column
        for column in columns
    )


def lay_out(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, in order, with the width of each."""
    shown = _drop_until_fitting(columns, width)
    widths = [column.width for column in shown]
    spare = width - _needed(shown)
    if spare < 0:
        _shrink(widths, -spare)
    else:
        _grow(widths, [column.grow for column in shown], spare)
    return [(column, wide) for column, wide in zip(shown, widths, strict=True) if wide]


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)


def _drop_until_fitting(columns: Sequence[Column], width: int) -> list[Column]:
    shown = list(columns)
    while shown and _needed(shown) > width:
        # `max` keeps the first of equals, so going backwards drops the rightmost one.
        last = max(reversed(shown), key=lambda column: column.priority)
        if last.priority == 0:
            break
        shown.remove(last)
    return shown


def _shrink(widths: list[int], excess: int) -> None:
    for _cell in range(min(excess, sum(widths))):
        widths[widths.index(max(widths))] -= 1


def _grow(widths: list[int], shares: Sequence[int], spare: int) -> None:
    total = sum(shares)
    for position, share in enumerate(shares):
        if share:
            # Rounding against what is left, not against the whole, hands out every last cell.
            extra = spare * share // total
            widths[position] += extra
            spare -= extra
            total -= share


@lru_cache(maxsize=1024)
def fit(text: str, width: int, align: Align = "left") -> str:
    """Return `text`, made harmless, in exactly `width` cells, with `…` where it was cut."""
    # Measuring costs about 0.5 µs per wide character, and a prompt can have thousands of them.
    limit = 8 * width + 64
    line = clean_line(text[:limit])
    if width > 0 and (len(text) > limit or cell_len(line) > width):
        line = set_cell_size(line, width - 1).rstrip() + "…"
    if align == "right":
        line = " " * (width - cell_len(line)) + line
    return set_cell_size(line, width)


def changed_span(old: Strip | None, new: Strip) -> tuple[int, int] | None:
    """Return the cells (start, end) in which `new` differs from `old`, by whole segments."""
    if old is new:
        return None
    width = new.cell_length
    if old is None or old.cell_length != width:
        return 0, width
    start = _equal_cells(list(old), list(new))
    if start == width:
        return None
    return start, width - _equal_cells(list(reversed(old)), list(reversed(new)))


def _equal_cells(old: Sequence[Segment], new: Sequence[Segment]) -> int:
    cells = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        cells += after.cell_length
    return cells
