"""Lines and columns for a terminal, in which a Chinese character takes two cells. Pure, no colours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from backend.text import clean_line

_GAP = "  "
_WIDE = r"\u3000-\u303f\u3400-\u9fff\uff00-\uffef\u2018-\u201d"
_CLOSING = r"，。；：、？！）”’》…"
_OPENING = r"（“‘《"
_PIECE = rf"[{_OPENING}]*(?:[^\s{_WIDE}]+|[{_WIDE}])[{_CLOSING}]*\s*|\s+"
"""What a line may be parted between: no line begins with a closing mark or ends in an opening one."""
_NARROWEST = 8
"""Cells below which no column is cut."""


def cell_width(text: str) -> int:
    """Return how many cells `text` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def cut(text: str, cells: int) -> str:
    """Return `text`, or its beginning and an ellipsis, in at most `cells`."""
    if cell_width(text) <= cells:
        return text
    used, end = 1, 0
    for end, character in enumerate(text):  # noqa: B007  where the loop stops is wanted
        used += _cells(character)
        if used > cells:
            break
    return text[:end].rstrip() + "…"


def wrapped(text: str, cells: int) -> list[str]:
    """Return `text` as lines of at most `cells`, parted at spaces and between Chinese characters.

    Text without those is parted as :mod:`textwrap` does it.
    """
    if cell_width(text) == len(text):
        import textwrap

        return textwrap.wrap(text, cells)
    lines: list[str] = []
    line = ""
    for piece in re.findall(_PIECE, text):
        if line and cell_width(line) + cell_width(piece.rstrip()) > cells:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def pad(text: str, cells: int) -> str:
    """Return `text` with spaces after it up to `cells`."""
    return text + " " * (cells - cell_width(text))


def table(rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """Return `rows` as aligned lines of at most `width` cells; the widest columns give way first.

    The cells are made harmless.
    """
    cleaned = [[clean_line(cell).strip() for cell in row] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*cleaned, strict=True)]
    if width is not None:
        widths = _squeezed(widths, width - len(_GAP) * (len(widths) - 1))
    lines = [
        _GAP.join(pad(cut(cell, cells), cells) for cell, cells in zip(row, widths, strict=True)).rstrip()
        for row in cleaned
    ]
    # Columns have a least width, so that a very narrow terminal loses the last of them.
    return lines if width is None else [cut(line, width) for line in lines]


def _squeezed(widths: list[int], room: int) -> list[int]:
    widths = list(widths)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widest = max(widths)
        second = max((cells for cells in widths if cells < widest), default=0)
        index = widths.index(widest)
        # Down to the next widest at once, so that a prompt of 10,000 characters costs one step.
        excess = sum(widths) - room
        widths[index] = max(_NARROWEST, second - 1 if second else 0, widest - excess)
    return widths


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
