"""What an MP4's index says of it (ISO/IEC 14496-12), read without any library.

Only the index is read, never the pictures; sizes in it are checked against what is there. A file made to
mislead can lie about itself here, and do no more.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from backend.media.picture import Facts

_LARGEST_INDEX = 32 * 2**20
_MOST_BOXES = 10_000
_CODECS = {
    b"avc1": "H.264", b"avc3": "H.264", b"hvc1": "HEVC", b"hev1": "HEVC", b"av01": "AV1", b"vp09": "VP9",
    b"mp4v": "MPEG-4", b"jpeg": "MJPEG", b"mp4a": "AAC", b"Opus": "Opus", b"ac-3": "AC-3", b"apcn": "ProRes",
}  # fmt: skip


def mp4_facts(path: Path) -> Facts | None:
    """Return what the file at `path` says of itself; None if it is no whole MP4. Blocks; raises OSError."""
    index = _index(path)
    try:
        return _read(index) if index is not None else None
    except (struct.error, IndexError, ZeroDivisionError, KeyError):
        return None


def _index(path: Path) -> bytes | None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123  a pipe would be waited for without end
        length, place = os.fstat(descriptor).st_size, 0
        for _ in range(_MOST_BOXES):
            file.seek(place)
            head = file.read(16)
            if len(head) < 8:
                return None
            size, kind, start = int.from_bytes(head[:4]), head[4:8], 8
            if size == 1:
                size, start = int.from_bytes(head[8:16]), 16
            elif size == 0:
                size = length - place
            if size < start or place + size > length:
                return None
            if kind == b"moov":
                if size > _LARGEST_INDEX:
                    return None
                file.seek(place + start)
                return file.read(size - start)
            place += size
    return None


def _read(moov: bytes) -> Facts | None:
    picture, sound, seconds = Facts(), "", 0.0
    for kind, body in _boxes(moov):
        if kind == b"mvhd":
            scale, length = _times(body)
            seconds = length / scale
        elif kind == b"trak":
            media = _find(body, b"mdia")
            handler = _find(media, b"hdlr")[8:12]
            if handler == b"vide" and not picture.codec:
                picture = _video(media)
            elif handler == b"soun":
                sound = _codec(_find(media, b"minf", b"stbl", b"stsd"))
    if not picture.codec:
        return None
    return Facts(
        width=picture.width, height=picture.height, seconds=seconds or picture.seconds, fps=picture.fps,
        codec=picture.codec, sound=sound,
    )  # fmt: skip


def _video(media: bytes) -> Facts:
    table = _find(media, b"minf", b"stbl")
    descriptions = _find(table, b"stsd")
    # version and flags, count; size, type, reserved, index; then 16 bytes of a picture's own
    width, height = struct.unpack_from(">HH", descriptions, 8 + 16 + 16)
    scale, length = _times(_find(media, b"mdhd"))
    seconds = length / scale
    times = _find(table, b"stts")
    (runs,) = struct.unpack_from(">I", times, 4)
    runs = min(runs, (len(times) - 8) // 8)
    frames = sum(struct.unpack_from(">I", times, 8 + 8 * run)[0] for run in range(runs))
    fps = frames / seconds if seconds else 0.0
    return Facts(width=width, height=height, seconds=seconds, fps=fps, codec=_codec(descriptions))


def _times(body: bytes) -> tuple[int, int]:
    """Return units a second and length in them from an mvhd or mdhd."""
    if body[0] == 1:
        scale, length = struct.unpack_from(">IQ", body, 20)
    else:
        scale, length = struct.unpack_from(">II", body, 12)
    return scale, length


def _codec(descriptions: bytes) -> str:
    kind = descriptions[12:16]
    return _CODECS.get(kind, kind.decode("ascii", "replace").strip())


def _find(data: bytes, *path: bytes) -> bytes:
    for wanted in path:
        data = next((body for kind, body in _boxes(data) if kind == wanted), b"")
        if not data:
            raise KeyError(wanted)
    return data


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    for _ in range(_MOST_BOXES):
        if place + 8 > len(data):
            return
        size, kind, start = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8], 8
        if size == 1:
            size, start = int.from_bytes(data[place + 8 : place + 16]), 16
        elif size == 0:
            size = len(data) - place
        if size < start or place + size > len(data):
            return
        yield kind, data[place + start : place + size]
        place += size
