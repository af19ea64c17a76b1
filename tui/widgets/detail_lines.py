"""Pure layout of sections: labels in a column, texts wrapped beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.style import Style

from backend.language import _

if TYPE_CHECKING:
    from tui.detail import Row, Section

Span = tuple[str, str | Style | None]
"""Text and the suffix of its component class, or a style of its own."""
Line = tuple[Span, ...]

_LABEL = 10
_WIDEST_LABEL = 19
_WIDE = "\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003fffd"
_OPENING = "（“‘《「『【〈"
_CLOSING = "，。；：！？、）”’》」』】〉…"
_PIECES = re.compile(
    f"[{_OPENING}]*[{_WIDE}][{_CLOSING}]*|[{_OPENING}]*[^{_WIDE}{_OPENING}]+[{_CLOSING}]*|[{_OPENING}]+"
)
"""What of a word is not to be broken."""
_LONGEST_TEXT = 2000
"""Lines of one row; nobody reads on."""


def lay_out(section: Section, width: int, *, airy: bool = True) -> list[Line]:
    """Return a section's lines, none wider than `width` cells; `airy` puts an empty one before a title."""
    width = max(width, 2)
    lines: list[Line] = []
    if section.title:
        rule = "─" * max(0, width - cell_len(section.title) - 1)
        lines += [(("", ""),)] if airy else []
        lines.append(((cut(section.title, width), "title"), (f" {rule}", "rule")))
    longest = max((cell_len(row.label) for row in section.rows), default=0)
    label = min(max(_LABEL, longest), _WIDEST_LABEL, max(4, width // 3))
    for row in section.rows:
        lines += _row(row, label, width)
    lines += [tuple((text, style) for text, style, _ in line) for line in section.art]
    return lines


def _row(row: Row, label: int, width: int) -> Iterator[Line]:
    if not row.label:
        for text in _bounded(row.text, width):
            yield ((text, row.style),)
        return
    head = cut(row.label, label)
    for text in _bounded(row.text, max(2, width - label - 1)):
        yield ((set_cell_size(head, label + 1), "label"), (text, row.style))
        head = ""


def _bounded(text: str, width: int) -> Iterator[str]:
    lines = wrap(text, width)
    yield from islice(lines, _LONGEST_TEXT)
    if next(lines, None) is not None:
        yield cut(_("… and more"), width)


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells, broken at spaces and beside ideographs if possible.

    Punctuation stays with what it belongs to; what is longer than a line is broken anywhere.
    """
    for line in text.split("\n"):
        if cell_len(line) <= width:
            yield line
            continue
        indent = " " * min(len(line) - len(line.lstrip(" ")), max(0, width - 8))
        room = width - len(indent)
        current, used = "", 0
        for word in line.split(" "):
            gap = " " if current else ""
            for piece in _PIECES.findall(word) or [""]:
                length = len(gap) + cell_len(piece)
                if used + length <= room:
                    current, used, gap = current + gap + piece, used + length, ""
                    continue
                if current:
                    yield indent + current
                *whole, current = chop_cells(piece, room) or [""]
                yield from (indent + part for part in whole)
                used, gap = cell_len(current), ""
        yield indent + current


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, with `…` where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…"
