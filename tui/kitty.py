"""Pictures by the Kitty graphics protocol, drawn by the terminal wherever it finds their placeholders.

To everything between here and the terminal such a picture is text: it scrolls, is cut off and is covered like
any other. See https://sw.kovidgoyal.net/kitty/graphics-protocol/.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from rich.segment import Segment

from backend.media.picture import Box, Picture
from tui.halfcells import Cells
from tui.painting import Painter, Painting, fitted
from tui.terminal.placeholders import FIRST, LAST, MOST, placeholder

_CHUNK = 4096
_LEVEL = 3
"""Of compression: a higher one costs time and saves little."""
_CLIP_PIXELS = 400_000
"""Of a picture of a playing clip: enlarging it is for the terminal."""
_LEAN = 0.5
"""By which pictures are smaller on a line where bytes are dear, though not on the screen."""
_LEAN_COLOURS = 256


@dataclass(slots=True)
class _Sent:
    """A picture that the terminal has."""

    number: int
    painting: Painting
    extent: tuple[int, int]


class KittyPainter(Painter):
    """Sends a picture once, and places it by cells."""

    clip_colours = 256
    scales = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18)

    def __init__(
        self, write: Callable[[str], object], cell: Callable[[], tuple[int, int]], *, lean: bool = False
    ) -> None:
        """`cell` returns the pixels across and down of one; `lean` spares bytes."""
        self._write, self._cell = write, cell
        self._factor = _LEAN if lean else 1.0
        self.starts_small = lean
        self.colours = _LEAN_COLOURS if lean else 0
        self._sent: dict[object, _Sent] = {}
        self._next = FIRST

    def room(self, columns: int, rows: int, scale: float | None = None) -> Box:
        across, down = self._cell()
        width, height = min(columns, MOST) * across, min(rows, MOST) * down
        factor = self._factor
        if scale is not None:
            factor = scale * min(1.0, sqrt(_CLIP_PIXELS / max(1, width * height)))
        return Box(max(1, int(width * factor)), max(1, int(height * factor)))

    def extent(self, picture: Picture, columns: int, rows: int) -> tuple[int, int]:
        return fitted(picture, min(columns, MOST), min(rows, MOST), self._cell())

    def encode(self, picture: Picture) -> str:
        if picture.palette:
            return b64encode(_png(picture)).decode("ascii")
        return b64encode(zlib.compress(picture.pixels, _LEVEL)).decode("ascii")

    def draw(self, painting: Painting, owner: object, columns: int, rows: int) -> Cells:
        extent = self.extent(painting.picture, columns, rows)
        sent = self._sent.get(owner)
        if sent is None:
            sent = self._sent[owner] = _Sent(self._free_number(), painting, extent)
            self._write(_transmitted(sent) + _placed(sent))
        elif sent.painting is not painting:
            sent.painting, sent.extent = painting, extent
            self._write(_transmitted(sent) + _placed(sent))
        elif sent.extent != extent:
            sent.extent = extent
            self._write(_placed(sent))
        across, down = extent
        return [[Segment(placeholder(sent.number, y, x)) for x in range(across)] for y in range(down)]

    def let_go(self, owner: object) -> None:
        sent = self._sent.pop(owner, None)
        if sent is not None:
            self._write(_deleted(sent))

    def suspend(self) -> None:
        """Leave nothing in the terminal: others are to use it."""
        if self._sent:
            self._write("".join(map(_deleted, self._sent.values())))

    def resume(self) -> None:
        """Bring back what the terminal has lost meanwhile."""
        for sent in self._sent.values():
            self._write(_transmitted(sent) + _placed(sent))

    def _free_number(self) -> int:
        # The one that was free the longest: cells that are about to go may still bear one that was not.
        used = {sent.number for sent in self._sent.values()}
        while self._next in used:
            self._next = self._next + 1 if self._next < LAST else FIRST
        number = self._next
        self._next = number + 1 if number < LAST else FIRST
        return number


def _transmitted(sent: _Sent) -> str:
    picture, data = sent.painting.picture, sent.painting.data
    form = "f=100" if picture.palette else f"f=24,o=z,s={picture.width},v={picture.height}"
    keys = f"a=t,i={sent.number},q=2,{form},"
    parts = []
    for start in range(0, len(data), _CHUNK):
        is_last = start + _CHUNK >= len(data)
        parts.append(f"\x1b_G{keys}m={int(not is_last)};{data[start : start + _CHUNK]}\x1b\\")
        keys = "q=2,"
    return "".join(parts)


def _placed(sent: _Sent) -> str:
    across, down = sent.extent
    return f"\x1b_Ga=p,U=1,i={sent.number},p=1,c={across},r={down},q=2\x1b\\"


def _deleted(sent: _Sent) -> str:
    return f"\x1b_Ga=d,d=I,i={sent.number},q=2\x1b\\"


def _png(picture: Picture) -> bytes:
    rows, width = picture.pixels, picture.width
    unfiltered = b"".join(b"\0" + rows[start : start + width] for start in range(0, len(rows), width))
    head = struct.pack(">IIBBBBB", width, picture.height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", picture.palette), (b"IDAT", zlib.compress(unfiltered, _LEVEL)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(*each) for each in (*parts, (b"IEND", b"")))


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
