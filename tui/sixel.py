"""Pictures as Sixel, drawn by the terminal where its cursor is.

Sixel knows nothing of cells. So whoever is drawn over such a picture, or moves it, must have it drawn again:
``frame.py`` does, for a picture that is shown whole or covered, not for one that is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from functools import lru_cache

from rich.segment import Segment

from backend.media.picture import Box, Picture
from tui.halfcells import Cells, half_cells, room, shrunk
from tui.painting import Painter, Painting
from tui.terminal.frame import Stamp
from tui.terminal.placeholders import FIRST, LAST, MOST, placeholder

_BAND = 6
"""Pixels of height that are sent at a time."""
_CLIP_COLOURS = 128
_CLIP_PIXELS = 250_000
_REPEATED = re.compile(rb"(.)\1{3,}", re.DOTALL)
_FROM_BITS = bytes((63 + bits) & 255 for bits in range(256))


class SixelPainter(Painter):
    """Has the frame draw pictures; it draws none that may be cut off."""

    scales = (1.0, 0.7, 0.5, 0.35, 0.25)

    def __init__(
        self,
        stamps: MutableMapping[int, Stamp],
        cell: Callable[[], tuple[int, int]],
        *,
        colours: int = 256,
        largest: tuple[int, int] | None = None,
        lean: bool = False,
    ) -> None:
        """`stamps` are the frame's; `cell` returns the pixels across and down of one; `lean` spares bytes."""
        self.starts_small = lean
        self._stamps, self._cell, self._largest = stamps, cell, largest
        self.colours, self.clip_colours = colours, min(colours, _CLIP_COLOURS)
        self._numbers: dict[object, tuple[int, Painting]] = {}
        self._last = LAST

    def room(self, columns: int, rows: int, scale: float | None = None) -> Box:
        across, down = self._cell()
        width, height = min(columns, MOST) * across, min(rows, MOST) * down
        if self._largest is not None:
            width, height = min(width, self._largest[0]), min(height, self._largest[1])
        if scale is not None:
            factor = scale * min(1.0, (_CLIP_PIXELS / max(1, width * height)) ** 0.5)
            width, height = int(width * factor), int(height * factor)
        return Box(max(1, width), max(_BAND, height - height % _BAND))

    def extent(self, picture: Picture, columns: int, rows: int) -> tuple[int, int]:
        across, down = self._cell()
        height = -(-picture.height // _BAND) * _BAND
        return min(MOST, max(1, picture.width // across)), min(MOST, -(-height // down))

    def encode(self, picture: Picture) -> str:
        # A column that it filled in part would still show the picture before there.
        across = self._cell()[0]
        return encode(_cut(picture, max(across, picture.width - picture.width % across)))

    def draw(self, painting: Painting, owner: object, columns: int, rows: int) -> Cells:
        across, down = self.extent(painting.picture, columns, rows)
        if across > columns or down > rows:
            # It was made for more room than there is now.
            return half_cells(shrunk(painting.picture, room(columns, rows)))
        number, before = self._numbers.get(owner, (0, None))
        if before is not painting:
            self.let_go(owner)
            number = self._free_number()
            self._numbers[owner] = number, painting
        self._stamps[number] = Stamp(painting.data, across, down)
        return [[Segment(placeholder(number, y, x)) for x in range(across)] for y in range(down)]

    def let_go(self, owner: object) -> None:
        number, _ = self._numbers.pop(owner, (0, None))
        self._stamps.pop(number, None)

    def _free_number(self) -> int:
        # Another one for each picture, so that all cells of the one before are another's.
        while True:
            self._last = self._last + 1 if self._last < LAST else FIRST
            if self._last not in self._stamps:
                return self._last


def _cut(picture: Picture, width: int) -> Picture:
    """Return a picture without what is on the right of so many pixels."""
    if width >= picture.width:
        return picture
    starts = range(0, len(picture.pixels), picture.width)
    return replace(picture, width=width, pixels=b"".join(picture.pixels[at : at + width] for at in starts))


def encode(picture: Picture) -> str:
    """Return a picture that has a palette as Sixel."""
    width = picture.width
    palette = [picture.palette[place : place + 3] for place in range(0, len(picture.palette), 3)]
    colours = "".join(
        f"#{number};2;" + ";".join(str(round(value / 255 * 100)) for value in palette[number])
        for number in sorted(set(picture.pixels))
    )
    rows = [picture.pixels[start : start + width] for start in range(0, len(picture.pixels), width)]
    bands = (b"$".join(_band(rows[top : top + _BAND])) for top in range(0, len(rows), _BAND))
    body = b"-".join(bands).decode("ascii")
    return f'\x1bP0;1q"1;1;{width};{picture.height}{colours}{body}\x1b\\'


def _band(rows: list[bytes]) -> Iterator[bytes]:
    """Yield the pixels of a band, of one colour at a time."""
    inside = [set(row) for row in rows]
    for colour in sorted(set().union(*inside)):
        bits = 0
        for place, row in enumerate(rows):
            if colour in inside[place]:
                bits |= int.from_bytes(row.translate(_bit(colour, place)), "big")
        text = bits.to_bytes(len(rows[0]), "big").translate(_FROM_BITS).rstrip(b"?")
        yield b"#%d" % colour + _REPEATED.sub(_repeated, text)


@lru_cache(maxsize=256 * _BAND)
def _bit(colour: int, place: int) -> bytes:
    """Return a table that has the bit of a row for one colour, and nothing for the others."""
    return bytes((number == colour) << place for number in range(256))


def _repeated(found: re.Match[bytes]) -> bytes:
    return b"!%d%s" % (len(found[0]), found[1])
