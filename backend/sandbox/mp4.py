"""Surgery on MP4 boxes (ISO/IEC 14496-12): stretch a clip to a length and put a title into it. Pure.

A box is ``size:u32 type:4s body``. Only what the sandbox's own clips have is handled: one video track,
32 bit sizes, version 0 headers, no fragments.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

_EPOCH = 2_082_844_800
"""Seconds from 1904-01-01, where MP4 times start, to 1970-01-01."""
_MOVIE_TIMESCALE = 1000
_TICKS_PER_FRAME = 1000

_HEAD = struct.Struct(">I4s")
_U32 = struct.Struct(">I")


class Mp4Error(ValueError):
    """The file is not one that can be worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a file shall be."""

    seconds: float
    title: str
    comment: str
    made_at: float
    """Unix seconds."""


def remake(data: bytes, wanted: Wanted) -> bytes:
    """Return the clip in `data` with another length, title, comment and time of making.

    Raises Mp4Error.
    """
    boxes = _split(data)
    moov = _only(boxes, b"moov")
    new_moov = _box(b"moov", _Surgeon(wanted).moov(moov))
    shift = len(new_moov) - _HEAD.size - len(moov)
    # The index lies before the picture data, so what grows in it moves the data.
    moves = [kind for kind, _ in boxes].index(b"moov") < [kind for kind, _ in boxes].index(b"mdat")
    if moves and shift:
        new_moov = _box(b"moov", _shift_chunks(new_moov[_HEAD.size :], shift))
    return b"".join(new_moov if kind == b"moov" else _box(kind, body) for kind, body in boxes)


class _Surgeon:
    """Rewrites the boxes of one movie."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._made = int(wanted.made_at) + _EPOCH
        self._movie_ticks = round(wanted.seconds * _MOVIE_TIMESCALE)
        self._frames = 0

    def moov(self, body: bytes) -> bytes:
        self._frames = _frame_count(body)
        rewritten = _each(body, {b"mvhd": self._mvhd, b"trak": self._trak, b"udta": lambda _: b""})
        kept = [(kind, inner) for kind, inner in _split(rewritten) if kind != b"udta"]
        return b"".join(_box(kind, inner) for kind, inner in kept) + self._udta()

    def _trak(self, body: bytes) -> bytes:
        return _each(body, {b"tkhd": self._tkhd, b"edts": self._edts, b"mdia": self._mdia})

    def _mdia(self, body: bytes) -> bytes:
        return _each(body, {b"mdhd": self._mdhd, b"minf": self._minf})

    def _minf(self, body: bytes) -> bytes:
        return _each(body, {b"stbl": lambda inner: _each(inner, {b"stts": self._stts})})

    def _mvhd(self, body: bytes) -> bytes:
        # version+flags, created, modified, timescale, duration
        return _patch(body, 4, self._made, self._made, _MOVIE_TIMESCALE, self._movie_ticks)

    def _tkhd(self, body: bytes) -> bytes:
        # version+flags, created, modified, track id, reserved, duration
        return _patch(_patch(body, 4, self._made, self._made), 20, self._movie_ticks)

    def _edts(self, body: bytes) -> bytes:
        # version+flags, count, then segment duration, media time, rate of the one edit
        return _each(body, {b"elst": lambda inner: _patch(inner, 8, self._movie_ticks)})

    def _mdhd(self, body: bytes) -> bytes:
        ticks = self._frames * _TICKS_PER_FRAME
        return _patch(body, 4, self._made, self._made, round(ticks / self._wanted.seconds), ticks)

    def _stts(self, body: bytes) -> bytes:
        # version+flags, number of runs, then frames and ticks of each run: one run of equal frames.
        return body[:4] + struct.pack(">III", 1, self._frames, _TICKS_PER_FRAME)

    def _udta(self) -> bytes:
        items = {b"\xa9nam": self._wanted.title, b"\xa9cmt": self._wanted.comment}
        ilst = b"".join(_box(kind, _text_item(text)) for kind, text in items.items())
        handler = _box(b"hdlr", struct.pack(">II4s4s8xB", 0, 0, b"mdir", b"appl", 0))
        return _box(b"udta", _box(b"meta", bytes(4) + handler + _box(b"ilst", ilst)))


def _text_item(text: str) -> bytes:
    """Return a metadata ``data`` box: type 1 is UTF-8, then a locale of 0."""
    return _box(b"data", struct.pack(">II", 1, 0) + text.encode("utf-8", "replace"))


def _frame_count(moov: bytes) -> int:
    stbl = moov
    for kind in (b"trak", b"mdia", b"minf", b"stbl"):
        stbl = _only(_split(stbl), kind)
    stts = _only(_split(stbl), b"stts")
    (runs,) = _U32.unpack_from(stts, 4)
    return sum(int(_U32.unpack_from(stts, 8 + 8 * run)[0]) for run in range(runs))


def _shift_chunks(moov: bytes, shift: int) -> bytes:
    def stco(body: bytes) -> bytes:
        (count,) = _U32.unpack_from(body, 4)
        offsets = struct.unpack_from(f">{count}I", body, 8)
        return body[:8] + struct.pack(f">{count}I", *(offset + shift for offset in offsets))

    def down(*kinds: bytes) -> Callable[[bytes], bytes]:
        return lambda body: _each(body, {kinds[0]: down(*kinds[1:]) if kinds[1:] else stco})

    return down(b"trak", b"mdia", b"minf", b"stbl", b"stco")(moov)


def _split(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the boxes in `data` as (type, body)."""
    boxes: list[tuple[bytes, bytes]] = []
    offset = 0
    while offset < len(data):
        if len(data) - offset < _HEAD.size:
            raise Mp4Error("a box is cut off")
        size, kind = _HEAD.unpack_from(data, offset)
        if size < _HEAD.size or offset + size > len(data):
            raise Mp4Error(f"box {kind!r} has a size of {size}")
        boxes.append((kind, data[offset + _HEAD.size : offset + size]))
        offset += size
    return boxes


def _only(boxes: list[tuple[bytes, bytes]], kind: bytes) -> bytes:
    found = [body for found_kind, body in boxes if found_kind == kind]
    if len(found) != 1:
        raise Mp4Error(f"{len(found)} boxes {kind!r}, wanted one")
    return found[0]


def _each(data: bytes, changes: dict[bytes, Callable[[bytes], bytes]]) -> bytes:
    """Return the boxes in `data` with the bodies of some changed."""
    return b"".join(
        _box(kind, changes[kind](body) if kind in changes else body) for kind, body in _split(data)
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return _HEAD.pack(_HEAD.size + len(body), kind) + body


def _patch(body: bytes, offset: int, *values: int) -> bytes:
    """Return a version 0 header with some of its u32 fields replaced."""
    if body[0] != 0:
        raise Mp4Error("only version 0 headers are handled")
    packed = struct.pack(f">{len(values)}I", *values)
    return body[:offset] + packed + body[offset + len(packed) :]
