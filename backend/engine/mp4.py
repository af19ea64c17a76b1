"""Whether a file is an MP4 of which nothing is missing (ISO/IEC 14496-12).

Reads the box headers and the index, never the pictures, so that the file's size does not matter: what the
index names must lie within the file.
"""

from __future__ import annotations

import os
import struct
import sys
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from backend.language import recorded

_HEADER = 8
_LARGE_HEADER = 16
_MOST_BOXES = 100_000
_LARGEST_INDEX = 32 * 1024**2
"""Bytes of an index that is read; that of an hour of video has about four million."""
_CUT_OFF = recorded("the file is cut off")
_BROKEN = recorded("the file's structure is broken")
_TRACK = (b"trak", b"mdia", b"minf", b"stbl")


def begins_as_mp4(head: bytes | bytearray) -> bool:
    """Whether these first bytes, 8 or more, may be those of an MP4."""
    return head[4:_HEADER] == b"ftyp"


def mp4_problem(path: Path) -> str:
    """Say what is wrong with the MP4 at `path`; empty if nothing. Blocks; raises OSError."""
    with path.open("rb") as file:
        return _problem(file, os.fstat(file.fileno()).st_size)


def _problem(file: BinaryIO, length: int) -> str:
    position, kinds, index = 0, set[bytes](), b""
    for _ in range(_MOST_BOXES):
        file.seek(position)
        header = file.read(_LARGE_HEADER)
        if not kinds and len(header) >= _HEADER and not begins_as_mp4(header):
            return recorded("not an MP4 file: it begins with {header!r}").format(header=header[:_HEADER])
        if len(header) < _HEADER:
            break
        size, kind = int.from_bytes(header[:4]), header[4:_HEADER]
        start = position + (_LARGE_HEADER if size == 1 else _HEADER)
        if size == 1:
            size = int.from_bytes(header[_HEADER:])
        elif size == 0:  # to the end of the file
            size = length - position
        if position + size < start:
            return _BROKEN
        position += size
        if position > length and (kind == b"moov" or not kinds & {b"moov"}):
            return _CUT_OFF
        kinds.add(kind)
        if kind == b"moov":
            if position - start > _LARGEST_INDEX:
                return _BROKEN
            file.seek(start)
            index = file.read(position - start)
        if position >= length:
            break
    else:
        return _BROKEN
    if not kinds:
        return _CUT_OFF if length else recorded("the file is empty")
    if b"moof" in kinds:
        return "" if position == length and b"mdat" in kinds else _CUT_OFF
    if b"moov" not in kinds:
        return recorded("the file has no index (moov)")
    return _index_problem(index, length)


def _index_problem(moov: bytes, length: int) -> str:
    """Check that every sample of every track lies within the file; what follows the last does not matter."""
    try:
        ends = [_samples_end(table) for table in _inside(moov, *_TRACK)]
    except (struct.error, ValueError, LookupError):
        return recorded("the file's index is broken")
    if not any(ends):
        return recorded("the file has no pictures")
    return _CUT_OFF if max(ends) > length else ""


def _samples_end(table: bytes) -> int:
    """Return where the last sample of a track ends; 0 if it has none."""
    boxes = dict(_boxes(table))
    long = b"co64" in boxes
    offsets = _numbers(boxes[b"co64"] if long else boxes.get(b"stco", bytes(8)), "Q" if long else "I", 4)
    if not offsets:
        return 0
    if b"stsz" not in boxes:
        return max(offsets) + 1  # sizes in a rarer form: at least its beginning must be here
    uniform, count = struct.unpack_from(">II", boxes[b"stsz"], 4)
    sizes = iter(_numbers(boxes[b"stsz"], "I", 8)) if not uniform else None
    runs = _runs(boxes[b"stsc"], len(offsets))
    end = 0
    for offset, samples in zip(offsets, runs, strict=True):
        size = uniform * min(samples, count) if sizes is None else sum(islice(sizes, samples))
        count -= samples
        end = max(end, offset + size)
        if count <= 0:
            break
    if count > 0:
        raise ValueError("samples without a place")
    return end


def _runs(stsc: bytes, chunks: int) -> Iterator[int]:
    """Yield how many samples each chunk has."""
    entries = _numbers(stsc, "I", 4, width=3)
    firsts, samples = entries[0::3], entries[1::3]
    if not firsts or firsts[0] != 1:
        raise ValueError("the first chunk is not told of")
    for place, first in enumerate(firsts):
        after = firsts[place + 1] if place + 1 < len(firsts) else chunks + 1
        if after < first:
            raise ValueError("chunks in disorder")
        for _ in range(min(after, chunks + 1) - first):
            yield samples[place]


def _numbers(body: bytes, kind: str, at: int, *, width: int = 1) -> array[int]:
    """Return a table of big-endian numbers behind its count at `at`."""
    (count,) = struct.unpack_from(">I", body, at)
    numbers = array(kind)
    first = at + 4
    last = first + count * width * numbers.itemsize
    if last > len(body):
        raise ValueError("a table is cut off")
    numbers.frombytes(body[first:last])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _inside(data: bytes, *path: bytes) -> Iterator[bytes]:
    """Yield the bodies of all boxes that lie on `path`."""
    for kind, body in _boxes(data):
        if kind == path[0]:
            if len(path) == 1:
                yield body
            else:
                yield from _inside(body, *path[1:])


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + _HEADER <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        if size < _HEADER or position + size > len(data):
            raise ValueError("a box is cut off")
        yield kind, data[position + _HEADER : position + size]
        position += size
