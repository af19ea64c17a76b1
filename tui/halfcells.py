"""Pictures as text: each cell shows two pixels, one above the other. Pure."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from backend.media.picture import Box, Picture

_UPPER = "▀"
_COARSE = bytes(min(255, (value & 0xF8) | (value >> 5)) for value in range(256))
"""Five bits a colour: what an eye misses, and what saves a third of the bytes on the line."""

Cells = list[list[Segment]]
"""Rows of a picture."""


def room(width: int, height: int) -> Box:
    """Return the pixels that fit into so many cells."""
    return Box(max(1, width), max(2, 2 * height))


def shrunk(picture: Picture, box: Box) -> Picture:
    """Return a picture that fits into `box`, by leaving out pixels: quick, and not for long."""
    factor = max(picture.width / box.width, picture.height / box.height)
    if factor <= 1:
        return picture
    width, height = max(1, int(picture.width / factor)), max(1, int(picture.height / factor))
    rgb, columns = picture.rgb, [int(x * factor) * 3 for x in range(width)]
    starts = (int(y * factor) * picture.width * 3 for y in range(height))
    rows = (rgb[start + column : start + column + 3] for start in starts for column in columns)
    return Picture(width, height, b"".join(rows), picture.seconds)


def half_cells(picture: Picture) -> Cells:
    """Return the rows of a picture, `picture.width` cells wide. A last odd row of pixels stands on black."""
    rgb, step = picture.rgb.translate(_COARSE), 3 * picture.width
    rows = []
    for top in range(0, picture.height, 2):
        upper = rgb[top * step : (top + 1) * step]
        lower = rgb[(top + 1) * step : (top + 2) * step] or bytes(step)
        pixels = zip(
            zip(upper[::3], upper[1::3], upper[2::3], strict=True),
            zip(lower[::3], lower[1::3], lower[2::3], strict=True),
            strict=True,
        )
        rows.append([_segment(pair, sum(1 for _ in same)) for pair, same in groupby(pixels)])
    return rows


Pixel = tuple[int, int, int]


def _segment(pair: tuple[Pixel, Pixel], count: int) -> Segment:
    text = " " if pair[0] == pair[1] else _UPPER
    return Segment(text * count, _style(*pair))


@lru_cache(maxsize=8192)
def _style(upper: Pixel, lower: Pixel) -> Style:
    below = Color.from_triplet(ColorTriplet(*lower))
    if upper == lower:
        return Style(bgcolor=below)
    return Style(color=Color.from_triplet(ColorTriplet(*upper)), bgcolor=below)
