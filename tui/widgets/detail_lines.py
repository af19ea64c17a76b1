"""Pure layout of sections: labels in a column, texts wrapped beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.style import Style

from backend.language import _

if TYPE_CHECKING:
    from tui.detail import Row, Section

Span = tuple[str, str | Style | None]
"""Text and the suffix of its component class, or a style of its own."""


class Line(NamedTuple):
    """One line of the screen."""

    spans: tuple[Span, ...]
    start: int = 0
    """Characters before the text: of the label, or of the indent that wrapping gave it."""
    joint: str = "\n"
    """What stood between this line and the next before they were wrapped."""

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(text for text, _ in self.spans)


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
        lines += [Line((("", ""),))] if airy else []
        lines.append(Line(((cut(section.title, width), "title"), (f" {rule}", "rule"))))
    longest = max((cell_len(row.label) for row in section.rows), default=0)
    label = min(max(_LABEL, longest), _WIDEST_LABEL, max(4, width // 3))
    for row in section.rows:
        lines += _row(row, label, width, None if section.is_whole else _LONGEST_TEXT)
    lines += [Line(tuple((text, style) for text, style, _ in line)) for line in section.art]
    return lines


def _row(row: Row, label: int, width: int, most: int | None) -> Iterator[Line]:
    if not row.label:
        for text, indent, joint in _bounded(row.text, width, most):
            yield Line(((text, row.style),), indent, joint)
        return
    head = cut(row.label, label)
    for text, indent, joint in _bounded(row.text, max(2, width - label - 1), most):
        before = set_cell_size(head, label + 1)
        yield Line(((before, "label"), (text, row.style)), len(before) + indent, joint)
        head = ""


def _bounded(text: str, width: int, most: int | None) -> Iterator[_Wrapped]:
    lines = _wrapped(text, width)
    yield from islice(lines, most)
    if next(lines, None) is not None:
        yield cut(_("… and more"), width), 0, "\n"


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells, broken at spaces and beside ideographs if possible.

    Punctuation stays with what it belongs to; what is longer than a line is broken anywhere.
    """
    return (line for line, _indent, _joint in _wrapped(text, width))


_Wrapped = tuple[str, int, str]
"""A line, how much of it is an indent of ours, and what stood between it and the next."""


def _wrapped(text: str, width: int) -> Iterator[_Wrapped]:
    for line in text.split("\n"):
        if cell_len(line) <= width:
            yield line, 0, "\n"
            continue
        indent = " " * min(len(line) - len(line.lstrip(" ")), max(0, width - 8))
        room = width - len(indent)
        current, used, ours = "", 0, 0
        for word in line.split(" "):
            gap = " " if current else ""
            for piece in _PIECES.findall(word) or [""]:
                length = len(gap) + cell_len(piece)
                if used + length <= room:
                    current, used, gap = current + gap + piece, used + length, ""
                    continue
                if current:
                    yield indent + current, ours, gap
                    ours = len(indent)
                *whole, current = chop_cells(piece, room) or [""]
                for part in whole:
                    yield indent + part, ours, ""
                    ours = len(indent)
                used, gap = cell_len(current), ""
        yield indent + current, ours, "\n"


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, with `…` where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…"
