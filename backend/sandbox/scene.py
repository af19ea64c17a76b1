"""What a clip of the sandbox shows: whose it is, the prompt, and a sun that crosses the sky once. Pure.

Only the band of text is drawn for each job; the landscape comes in a few colours, and the sun moves alike in
all films of a size and length, so both are kept.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from backend.sandbox.h264 import BLOCK, Block, Move, Size, moved_picture, sample, still_slice
from backend.sandbox.lettering import HEIGHT, dots, lines

HUES = 12
FPS = 24
_LINE = HEIGHT + 1
"""Dots from line to line."""
_PAPER, _INK, _GREY = 40, 225, 128
_SMALL, _LARGE = 180, 90
"""The shorter side of a picture in dots of the prompt, and of the heading."""
_HORIZON = 0.88

Colour = tuple[int, int, int]
"""Luma and two chromas, none of them 0."""


def film(size: Size, seconds: float, heading: str, prompt: str, hue: int) -> list[bytes]:
    """Return the samples of a film; `hue` is one of HUES colours."""
    band = _band(size, heading, prompt)
    first = still_slice(size, range(len(band)), dict(_written(size, band)))
    return [
        sample((first, _landscape(size, len(band), hue % HUES))),
        *_movement(size, max(1, round(seconds * FPS))),
    ]


# -- the text ---------------------------------------------------------------------------------------------


def _band(size: Size, heading: str, prompt: str) -> list[list[bytes]]:
    """Return the luma rows of the band of text, by rows of macroblocks."""
    short = min(size.width, size.height)
    small, large = max(1, short // _SMALL), max(1, short // _LARGE)
    room = size.columns * BLOCK - 2 * BLOCK
    most = 3 if size.width > size.height else 6
    large = max(1, min(large, room // max(1, len(dots(heading)[0]))))
    texts = [(line, large) for line in lines(heading, room // large, 1)]
    texts += [(line, small) for line in lines(prompt, room // small, most)]
    blank = bytes([_PAPER]) * (size.columns * BLOCK)
    rows = [blank] * (BLOCK // 2)
    for text, scale in texts:
        for lit in dots(text):
            row = b"".join(bytes([_INK if dot else _PAPER]) * scale for dot in lit)
            rows += [(blank[:BLOCK] + row).ljust(len(blank), bytes([_PAPER]))[: len(blank)]] * scale
        rows += [blank] * ((_LINE - HEIGHT) * scale + scale)
    rows += [blank] * (-len(rows) % BLOCK)
    # The sun needs the lower half.
    rows = rows[: size.rows * BLOCK // 2 // BLOCK * BLOCK]
    return [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]


def _written(size: Size, band: Sequence[Sequence[bytes]]) -> Iterator[tuple[tuple[int, int], Block]]:
    """Yield the blocks that must be drawn: with ink in them, or right of ink at their neighbour's edge."""
    chroma = bytes([_GREY]) * (2 * BLOCK * BLOCK // 4)
    plain = bytes([_PAPER]) * (BLOCK * BLOCK)
    for row, pixels in enumerate(band):
        before = b""
        # Dots are larger than pixels: the same row again and again.
        runs = [(line, sum(1 for _ in same)) for line, same in groupby(pixels)]
        for column in range(size.columns):
            start = column * BLOCK
            luma = b"".join([line[start : start + BLOCK] * count for line, count in runs])
            if luma != plain or before != plain:
                yield (column, row), luma + chroma
            before = luma


# -- the landscape ----------------------------------------------------------------------------------------


@lru_cache(maxsize=2 * HUES)
def _landscape(size: Size, top: int, hue: int) -> bytes:
    """Return the slice of all below the text."""
    rows = range(top, size.rows)
    colours = list(_colours(size, top * BLOCK, hue))
    drawn = {(0, row): _plain(colours, row) for row in rows}
    left, upper, wide = _sun(size)
    columns = range(left // BLOCK, -(-(left + wide) // BLOCK))
    for row in range(upper // BLOCK, (upper + wide) // BLOCK):
        for column in columns:
            drawn[column, row] = _sunny(size, colours, column, row)
        drawn[columns.stop, row] = _plain(colours, row)
    return still_slice(size, rows, drawn)


def _colours(size: Size, top: int, hue: int) -> Iterator[Colour]:
    """Yield the colour of each row of pixels."""
    horizon = int(size.height * _HORIZON)
    for y in range(size.rows * BLOCK):
        if y >= horizon:
            yield _yuv(*colorsys.hsv_to_rgb((hue / HUES + 0.45) % 1, 0.5, 0.25))
        else:
            depth = max(0, y - top) / max(1, horizon - top)
            yield _yuv(*colorsys.hsv_to_rgb(hue / HUES, 0.75 - 0.35 * depth, 0.35 + 0.5 * depth))


def _plain(colours: Sequence[Colour], row: int) -> Block:
    lines = colours[row * BLOCK : (row + 1) * BLOCK]
    luma = b"".join(bytes([line[0]]) * BLOCK for line in lines)
    return luma + b"".join(bytes([line[part]]) * (BLOCK // 2) for part in (1, 2) for line in lines[::2])


def _sunny(size: Size, colours: Sequence[Colour], column: int, row: int) -> Block:
    left, upper, wide = _sun(size)
    middle, radius = wide / 2 - 0.5, wide / 2
    sun = _yuv(1.0, 0.92, 0.55)

    def at(x: int, y: int) -> Colour:
        inside = (x - left - middle) ** 2 + (y - upper - middle) ** 2 < radius**2
        return sun if inside else colours[y]

    ys, xs = range(row * BLOCK, (row + 1) * BLOCK), range(column * BLOCK, (column + 1) * BLOCK)
    luma = bytes(at(x, y)[0] for y in ys for x in xs)
    return luma + bytes(at(x, y)[part] for part in (1, 2) for y in ys[::2] for x in xs[::2])


def _sun(size: Size) -> tuple[int, int, int]:
    """Return where the sun starts, and its width: all whole macroblocks."""
    wide = max(1, min(size.width, size.height) // 6 // BLOCK) * BLOCK
    upper = int(size.height * (_HORIZON - 0.04)) // BLOCK * BLOCK - wide
    return BLOCK, upper, wide


@lru_cache(maxsize=16)
def _movement(size: Size, count: int) -> tuple[bytes, ...]:
    """Return the samples after the first: the sun goes right, to be at the far side at the end."""
    left, upper, wide = _sun(size)
    way = size.width - wide - 2 * left
    rows = range(upper // BLOCK, (upper + wide) // BLOCK)
    samples, place = [], left
    for number in range(1, count):
        goal = left + 2 * round(way * number / (count - 1) / 2)
        columns = range(place // BLOCK, -(-(goal + wide) // BLOCK))
        samples.append(sample((moved_picture(size, number, Move(columns, rows, goal - place)),)))
        place = goal
    return tuple(samples)


def _yuv(red: float, green: float, blue: float) -> Colour:
    """Return a colour, each part 0 to 1, by ITU-R BT.601."""
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(16 + 219 * luma), round(128 + 126.4 * (blue - luma)), round(128 + 159.7 * (red - luma))
