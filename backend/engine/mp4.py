"""Whether a file is an MP4 that ends where it should. Reads box headers only, so size does not matter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

_HEADER = 8
_LARGE_HEADER = 16
_MOST_BOXES = 100_000


def mp4_problem(path: Path) -> str:
    """Say what is wrong with the MP4 at `path`; empty if nothing. Blocks; raises OSError."""
    with path.open("rb") as file:
        return _walk(file, os.fstat(file.fileno()).st_size)


def _walk(file: BinaryIO, length: int) -> str:
    position, kinds = 0, set[bytes]()
    for _ in range(_MOST_BOXES):
        file.seek(position)
        header = file.read(_LARGE_HEADER)
        if len(header) < _HEADER:
            return "the file is cut off" if kinds else "the file is empty"
        size, kind = int.from_bytes(header[:4]), header[4:_HEADER]
        if not kinds and kind != b"ftyp":
            return f"not an MP4 file: it begins with {header[:_HEADER]!r}"
        if size == 1:
            size = int.from_bytes(header[_HEADER:])
        elif size == 0:  # to the end of the file
            size = length - position
        if size < _HEADER:
            return "the file's structure is broken"
        kinds.add(kind)
        position += size
        if position > length:
            return "the file is cut off"
        if position == length:
            return "" if kinds & {b"moov", b"moof"} else "the file has no index (moov)"
    return "the file's structure is broken"
