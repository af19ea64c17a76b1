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

from tui.terminal.placeholders import PLACEHOLDER, picture_of, place_of

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


class Stamp(NamedTuple):
    """A picture that is drawn where the cursor is, and takes so many cells."""

    data: str
    columns: int
    rows: int


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
        self.stamps: dict[int, Stamp] = {}
        """By number: the pictures whose placeholders are not sent, but what is to be drawn in their place."""

    def forget(self) -> None:
        """Take nothing for granted any more: the terminal was cleared, resized or used by others."""
        self._rows.clear()

    def draw(self, pieces: Iterable[Piece], console: Console) -> str:
        """Return what must be written for the terminal to show these pieces; empty if it does."""
        pen = _Pen(erases=self._erases)
        colours = console._color_system or ColorSystem.TRUECOLOR
        stamped: dict[int, tuple[int, int, str]] = {}
        for x, y, strip in pieces:
            cells = _cells(strip, colours) or _whole(strip, console)
            row = self._row(y, x + len(cells.texts))
            for start, stop in _differences(row, x, cells):
                if cells.is_whole:
                    pen.move(x + start, y)
                    pen.write_whole(cells.texts[start])
                else:
                    for first, last in self._text(cells, start, stop, x, y, stamped):
                        pen.move(x + first, y)
                        pen.write(cells, first, last)
                row.texts[x + start : x + stop] = cells.texts[start:stop]
                row.looks[x + start : x + stop] = cells.looks[start:stop]
        for number, (x, y, background) in stamped.items():
            self._stamp(pen, number, x, y, background)
        return pen.finish()

    def _text(
        self, cells: Cells, start: int, stop: int, x: int, y: int, stamped: dict[int, tuple[int, int, str]]
    ) -> Iterator[tuple[int, int]]:
        """Yield runs of cells without those of stamps; add to `stamped` where the latter are to be drawn."""
        if not self.stamps:
            yield start, stop
            return
        first = start
        for place in range(start, stop):
            look = cells.looks[place]
            if look is None or (number := self._stamp_of(cells, place)) is None:
                continue
            if number in self.stamps:
                row, column = place_of(cells.texts[place])
                stamped[number] = x + place - column, y - row, look.background
            if first < place:
                yield first, place
            first = place + 1
        if first < stop:
            yield first, stop

    @staticmethod
    def _stamp_of(cells: Cells, place: int) -> int | None:
        look = cells.looks[place]
        return int(look.colour.rpartition(";")[2]) if look and cells.texts[place][:1] == PLACEHOLDER else None

    def _stamp(self, pen: _Pen, number: int, x: int, y: int, background: str) -> None:
        """Draw a picture, and then again what stands before it."""
        stamp = self.stamps[number]
        if x < 0 or y < 0:
            return  # a part of it is outside of the screen
        stop, last = x + stamp.columns, y + stamp.rows - 1
        # It may end within the cells of its last row, where one before it may have been larger.
        pen.blank(x, last, stamp.columns, background)
        pen.move(x, y)
        pen.write_stamp(stamp.data)
        for line in range(y, last + 1):
            row = self._row(line, stop)
            first = x
            for place in range(x, stop + 1):
                if place == stop or row.texts[place] == _UNKNOWN or self._stamp_of(row, place) == number:
                    if first < place:
                        pen.move(first, line)
                        pen.write(row, first, place)
                    first = place + 1

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

    def blank(self, x: int, y: int, length: int, background: str) -> None:
        self.move(x, y)
        self._change(Look(background=background))
        self._written.append(" " * length)
        self._x += length

    def write_stamp(self, data: str) -> None:
        self._change(_PLAIN)
        self._written.append(data)
        self._x = self._y = -1

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
        elif text[0] == PLACEHOLDER:
            texts.append(text[:-1])
            looks.append(_piece(_look(style, colours), picture_of(text)))
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


@lru_cache(maxsize=1024)
def _piece(look: Look, number: int) -> Look:
    """Return the look of a piece of a picture, where `look` is that of the cell."""
    return Look("", f"38;5;{number}", look.background)


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
