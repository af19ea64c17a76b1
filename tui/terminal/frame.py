"""What the terminal shows, cell by cell, and the shortest way from there to what it should show.

Textual sends every cell of a changed line, and the colours of every piece of it. Here only cells that differ
are sent, and only what changes of the colours from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual.strip import Strip

Piece = tuple[int, int, Strip]
"""Column and line, both from 0, where a strip stands."""

_UNKNOWN = "\0"
"""In the place of a character: whatever the terminal shows there."""
_REST = ""
"""In the place of a character: the cell belongs to the one before it."""
_MERGED_GAP = 4
"""So many unchanged cells cost less than a jump over them."""
_ERASED = 12
"""So many blank cells cost more than erasing them and jumping over."""
_INVISIBLE_ON_BLANKS = ("", "1", "2", "3")


class Look(NamedTuple):
    """Parameters of SGR sequences, each empty for the terminal's default."""

    attributes: str = ""
    colour: str = ""
    background: str = ""


_PLAIN = Look()


class Cells(NamedTuple):
    """A strip as cells. One that cannot be told apart into cells has all of its text in the first."""

    texts: list[str]
    looks: list[Look | None]
    is_whole: bool = False


class Frame:
    """What the terminal shows, as far as it was told through :meth:`draw`."""

    def __init__(self, *, erases: bool = False) -> None:
        """`erases`: the terminal erases cells in the colour of the background that is set (``bce``)."""
        self._rows: dict[int, Cells] = {}
        self._erases = erases

    def forget(self) -> None:
        """Take nothing for granted any more: the terminal was cleared, resized or used by others."""
        self._rows.clear()

    def draw(self, pieces: Iterable[Piece], console: Console) -> str:
        """Return what must be written for the terminal to show these pieces; empty if it does."""
        pen = _Pen(erases=self._erases)
        colours = console._color_system or ColorSystem.TRUECOLOR
        for x, y, strip in pieces:
            cells = _cells(strip, colours) or _whole(strip, console)
            row = self._row(y, x + len(cells.texts))
            for start, stop in _differences(row, x, cells):
                pen.move(x + start, y)
                if cells.is_whole:
                    pen.write_whole(cells.texts[start])
                else:
                    pen.write(cells, start, stop)
                row.texts[x + start : x + stop] = cells.texts[start:stop]
                row.looks[x + start : x + stop] = cells.looks[start:stop]
        return pen.finish()

    def _row(self, y: int, width: int) -> Cells:
        row = self._rows.setdefault(y, Cells([], []))
        missing = width - len(row.texts)
        if missing > 0:
            row.texts.extend([_UNKNOWN] * missing)
            row.looks.extend([None] * missing)
        return row


class _Pen:
    """Writes with as few bytes as it can; starts and ends with the terminal's plain look."""

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._written: list[str] = []
        self._look = _PLAIN
        self._x = self._y = -1

    def move(self, x: int, y: int) -> None:
        if y != self._y:
            self._written.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        elif x != self._x:
            self._written.append(f"\x1b[{x + 1}G")
        self._x, self._y = x, y

    def write(self, cells: Cells, start: int, stop: int) -> None:
        texts, looks = cells.texts, cells.looks
        place, base = start, self._x - start
        y = self._y
        while place < stop:
            blank = self._blank(cells, place, stop) if self._erases else 0
            self.move(base + place, y)
            if (look := looks[place]) is not None:
                self._change(look)
            if blank >= _ERASED:
                self._written.append(f"\x1b[{blank}X")  # and stays before them
                place += blank
            else:
                self._written.append("".join(texts[place : place + max(1, blank)]))
                place += max(1, blank)
                self._x = base + place

    @staticmethod
    def _blank(cells: Cells, start: int, stop: int) -> int:
        """Return the length of a run of blank cells of one look that shows nothing but a background."""
        texts, look = cells.texts, cells.looks[start]
        if look is None or look.attributes not in _INVISIBLE_ON_BLANKS:
            return 0
        place = start
        while place < stop and texts[place] == " " and cells.looks[place] == look:
            place += 1
        return place - start

    def write_whole(self, rendered: str) -> None:
        self._change(_PLAIN)
        self._written.append(rendered)
        self._x = -1  # terminals disagree on how far that went

    def finish(self) -> str:
        self._change(_PLAIN)
        return "".join(self._written)

    def _change(self, look: Look) -> None:
        if look != self._look:
            self._written.append(_transition(self._look, look))
        self._look = look


@lru_cache(maxsize=4096)
def _transition(before: Look, after: Look) -> str:
    if after == _PLAIN:
        return "\x1b[m"
    parameters: tuple[str, ...] = ("0", *after)
    if not before.attributes or before.attributes == after.attributes:
        parameters = (
            "" if before.attributes else after.attributes,
            "" if before.colour == after.colour else after.colour or "39",
            "" if before.background == after.background else after.background or "49",
        )
    return f"\x1b[{';'.join(filter(None, parameters))}m"


def _differences(row: Cells, x: int, cells: Cells) -> Iterator[tuple[int, int]]:
    """Yield runs of cells (start, stop) of those to be drawn at `x` that differ from those in the row."""
    length = len(cells.texts)
    old_texts, old_looks = row.texts[x : x + length], row.looks[x : x + length]
    if old_texts == cells.texts and old_looks == cells.looks:
        return
    if cells.is_whole or old_texts.count(_UNKNOWN) == length:
        yield 0, length
        return
    texts, looks = cells.texts, cells.looks
    changed = [
        place
        for place in range(length)
        if texts[place] != old_texts[place] or looks[place] != old_looks[place]
    ]
    start = previous = -1
    for place in changed:
        if start >= 0 and not _is_cheap(looks, previous, place):
            yield _on_whole_characters(texts, start, previous + 1)
            start = -1
        start = place if start < 0 else start
        previous = place
    if start >= 0:
        yield _on_whole_characters(texts, start, previous + 1)


def _is_cheap(looks: Sequence[Look | None], last: int, following: int) -> bool:
    """Whether the cells between two changed ones had better be sent, too."""
    gap = following - last - 1
    return gap <= _MERGED_GAP and looks[last : following + 1].count(looks[last]) == gap + 2


def _on_whole_characters(texts: Sequence[str], start: int, stop: int) -> tuple[int, int]:
    while start and texts[start] == _REST:
        start -= 1
    while stop < len(texts) and texts[stop] == _REST:
        stop += 1
    return start, stop


def _cells(strip: Strip, colours: ColorSystem) -> Cells | None:
    """Return a strip cell by cell; None if terminals may disagree on which cells its characters fill."""
    texts: list[str] = []
    looks: list[Look | None] = []
    for text, style, _ in strip:
        if style is not None and style.link:
            return None
        if text.isascii():
            texts.extend(text)
        else:
            for character in text:
                width = _certain_width(character)
                if not width:
                    return None
                texts.append(character)
                if width == 2:
                    texts.append(_REST)
        looks.extend([_look(style, colours)] * (len(texts) - len(looks)))
    return Cells(texts, looks)


def _whole(strip: Strip, console: Console) -> Cells:
    texts, looks = [_REST] * strip.cell_length, [None] * strip.cell_length
    texts[:1] = [strip.render(console)]
    return Cells(texts, list(looks), is_whole=True)


@lru_cache(maxsize=4096)
def _certain_width(character: str) -> int:
    """Return the cells of a character; 0 for a part of one, and for pictures, which terminals disagree on."""
    width = get_character_cell_size(character)
    is_picture = "\U0001f000" <= character < "\U00020000" or (width == 2 and "⌀" <= character < "⺀")
    return 0 if is_picture else width


def _look(style: Style | None, colours: ColorSystem) -> Look:
    if style is None:
        return _PLAIN
    # Textual keeps the codes with the style. A style differs from another by what it links to, too.
    return _parsed(style._ansi if style._ansi is not None else Strip.render_ansi(style, colours))


@lru_cache(maxsize=4096)
def _parsed(codes: str) -> Look:
    """Return the look that SGR parameters make."""
    look: tuple[list[str], list[str], list[str]] = ([], [], [])
    left = iter(codes.split(";") if codes else ())
    for code in left:
        number = int(code)
        part = look[0 if number < 30 or 50 <= number < 90 else 1 if number < 40 or 90 <= number < 100 else 2]
        part.append(code)
        if number in (38, 48):
            kind = next(left)
            part += [kind, *(next(left) for _ in range(3 if kind == "2" else 1))]
    return Look(*(";".join(part) for part in look))
