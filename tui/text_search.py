"""Finding words in a text that was wrapped: what a line's end tore apart is one word all the same. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tui.widgets.detail_lines import Line

MOST = 9_999
"""Matches that are told apart; nobody steps through more."""


class Match(NamedTuple):
    """Where words are in the text, by characters; the end is behind them."""

    start: int
    end: int


class _Piece(NamedTuple):
    line: int
    column: int
    """Characters of the line before it."""
    text: str
    joint: str


class SearchText:
    """The text of lines as it was before they were wrapped, each label a line of its own."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._pieces = list(_pieces(lines))
        self._lines = [piece.line for piece in self._pieces]
        self._starts = list(
            accumulate((len(piece.text) + len(piece.joint) for piece in self._pieces), initial=0)
        )
        self.text = "".join(piece.text + piece.joint for piece in self._pieces)
        self._folded, self._origins = _fold(self.text)

    def find(self, words: str) -> list[Match]:
        """Return where `words` are, whatever their case; the first MOST + 1 of them."""
        wanted, found = words.casefold(), list[Match]()
        place = self._folded.find(wanted) if wanted else -1
        while place >= 0 and len(found) <= MOST:
            end = place + len(wanted)
            match = Match(self._origin(place), self._origin(end - 1) + 1)
            if not found or match.start >= found[-1].end:  # one letter may have become two
                found.append(match)
            place = self._folded.find(wanted, end)
        return found

    def line_of(self, match: Match) -> int:
        """Return the number of the line where a match begins."""
        return self._lines[bisect_right(self._starts, match.start) - 1]

    def start_of(self, line: int) -> int:
        """Return the place in the text where a line begins, or the next line that there is."""
        return self._starts[bisect_left(self._lines, line)]

    def on_line(self, line: int, matches: Sequence[Match]) -> Iterator[tuple[int, int, int]]:
        """Yield what of `matches`, which are in order, is on a line: its place among them, and from which
        character of the line to which."""
        for number in range(bisect_left(self._lines, line), bisect_right(self._lines, line)):
            start, piece = self._starts[number], self._pieces[number]
            end = start + len(piece.text)
            place = bisect_right(matches, start, key=lambda match: match.end)
            while place < len(matches) and matches[place].start < end:
                first, last = max(start, matches[place].start), min(end, matches[place].end)
                yield place, piece.column + first - start, piece.column + last - start
                place += 1

    def _origin(self, place: int) -> int:
        return place if self._origins is None else self._origins[place]


def _pieces(lines: Sequence[Line]) -> Iterator[_Piece]:
    for number, line in enumerate(lines):
        text = line.text
        if label := text[: line.start].rstrip():
            yield _Piece(number, 0, label, "\n")
        yield _Piece(number, line.start, text[line.start :], line.joint)


def _fold(text: str) -> tuple[str, list[int] | None]:
    """Return `text` without case, and where each of its characters comes from, if it has become longer."""
    folded = text.casefold()
    if len(folded) == len(text):  # folding never makes a character vanish
        return folded, None
    return folded, [place for place, letter in enumerate(text) for _ in letter.casefold()]
