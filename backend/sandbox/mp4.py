"""Writes an MP4 file (ISO/IEC 14496-12, -15) of one H.264 track, its index in front. Pure.

A box is ``size:u32 type:4s body``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_EPOCH = 2_082_844_800
"""Seconds from 1904-01-01, where MP4 times start, to 1970-01-01."""
_MOVIE_TIMESCALE = 1000
_TICKS_PER_FRAME = 1000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movie:
    """What a file shall be."""

    width: int
    height: int
    seconds: float
    title: str
    comment: str
    made_at: float
    """Unix seconds."""
    parameters: tuple[bytes, bytes]
    """The H.264 sequence and picture parameter sets."""
    samples: Sequence[bytes]
    """The pictures; the first can be decoded by itself."""


def write(movie: Movie) -> bytes:
    """Return the file."""
    kind = _box(b"ftyp", b"isom" + struct.pack(">I", 0x200) + b"isomiso2avc1mp41")
    data = b"".join(movie.samples)
    # The index has the same length wherever it says that the data is.
    start = len(kind) + len(_index(movie, 0)) + 8
    return kind + _index(movie, start) + _box(b"mdat", data)


def _index(movie: Movie, data_start: int) -> bytes:
    made, ticks = int(movie.made_at) + _EPOCH, round(movie.seconds * _MOVIE_TIMESCALE)
    head = _full(
        b"mvhd",
        struct.pack(">4I", made, made, _MOVIE_TIMESCALE, ticks)
        + struct.pack(">IH10x", 0x10000, 0x100)
        + _MATRIX
        + struct.pack(">24xI", 2),
    )
    track = _full(
        b"tkhd",
        struct.pack(">3I4xI16x", made, made, 1, ticks)
        + _MATRIX
        + struct.pack(">II", movie.width << 16, movie.height << 16),
        flags=3,
    )
    return _box(b"moov", head + _box(b"trak", track + _media(movie, made, data_start)) + _about(movie))


def _media(movie: Movie, made: int, data_start: int) -> bytes:
    ticks = len(movie.samples) * _TICKS_PER_FRAME
    head = _full(b"mdhd", struct.pack(">4IHH", made, made, round(ticks / movie.seconds), ticks, 0x55C4, 0))
    handler = _full(b"hdlr", struct.pack(">I4s12x", 0, b"vide") + b"video\0")
    here = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", flags=1)))
    inside = _full(b"vmhd", bytes(8), flags=1) + here + _box(b"stbl", _table(movie, data_start))
    return _box(b"mdia", head + handler + _box(b"minf", inside))


def _table(movie: Movie, data_start: int) -> bytes:
    count = len(movie.samples)
    sizes = struct.pack(f">{count}I", *map(len, movie.samples))
    return b"".join(
        (
            _full(b"stsd", struct.pack(">I", 1) + _description(movie)),
            _full(b"stts", struct.pack(">III", 1, count, _TICKS_PER_FRAME)),
            _full(b"stss", struct.pack(">II", 1, 1)),
            _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
            _full(b"stsz", struct.pack(">II", 0, count) + sizes),
            _full(b"stco", struct.pack(">II", 1, data_start)),
        )
    )


def _description(movie: Movie) -> bytes:
    sequence, picture = movie.parameters
    sets = b"".join(
        bytes([marked]) + struct.pack(">H", len(one)) + one
        for marked, one in ((0xE1, sequence), (0x01, picture))
    )
    config = _box(b"avcC", b"\x01" + sequence[1:4] + b"\xff" + sets)
    look = struct.pack(
        ">6xH16xHHIIIH32xHH",
        1, movie.width, movie.height, 0x480000, 0x480000, 0, 1, 0x18, 0xFFFF,
    )  # fmt: skip
    return _box(b"avc1", look + config)


def _about(movie: Movie) -> bytes:
    items = {b"\xa9nam": movie.title, b"\xa9cmt": movie.comment}
    ilst = b"".join(_box(kind, _text_item(text)) for kind, text in items.items())
    handler = _box(b"hdlr", struct.pack(">II4s4s8xB", 0, 0, b"mdir", b"appl", 0))
    return _box(b"udta", _box(b"meta", bytes(4) + handler + _box(b"ilst", ilst)))


def _text_item(text: str) -> bytes:
    """Return a metadata ``data`` box: type 1 is UTF-8, then a locale of 0."""
    return _box(b"data", struct.pack(">II", 1, 0) + text.encode("utf-8", "replace"))


def _full(kind: bytes, body: bytes, flags: int = 0) -> bytes:
    """Return a box with a version of 0 and flags."""
    return _box(kind, struct.pack(">I", flags) + body)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body
