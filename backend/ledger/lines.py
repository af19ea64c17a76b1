r"""The lines of the journal: what one looks like, and how to read what is left of a damaged file. Pure.

A line is one JSON array, and one call of the store: either all of it counts or none of it::

    ["<crc32>:<length of head>",{"n":7,"set":[["tasks","12",1893],["tasks","9",4]]},{…},null]

The checksum covers every byte after it; ``n`` counts the lines of a file; ``set`` names a table, a document
and the length in bytes of its JSON text that follows, where ``null`` removes the document. The lengths let a
reader find documents without parsing them. The first line's head is the file's header instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from backend.records import dumps

Setting = tuple[str, str, bytes | None]
"""A table, a document id, and the document's new JSON text; None removes it."""

ANCHOR = 21
"""Bytes at the start of a line that tell it from any other."""
_START = re.compile(rb'\["([0-9a-f]{8}):([0-9a-f]{8})",')
_CHECKED = 10
"""Where the part under the checksum begins."""
_NULL = b"null"


class DamagedLineError(ValueError):
    """Bytes that no writer has written, or not all that one wrote."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read whole."""

    start: int
    stop: int
    """Where it ends, before its line break."""
    anchor: bytes
    """Its first bytes, checksum and all."""
    head: dict[str, Any]
    settings: tuple[Setting, ...]
    ended: bool = True
    """Whether a line break follows; False if that byte alone is damaged."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that could not be read."""

    start: int
    stop: int
    torn: bool
    """Whether it is the end of the file without a line break: a write under way, or cut off."""


def header_line(**facts: Any) -> bytes:
    """Return a file's first line."""
    return _line(dumps(facts), ())


def change_line(number: int, settings: Sequence[Setting]) -> bytes:
    """Return the line of one call."""
    texts = [_NULL if text is None else text for _, _, text in settings]
    places = [
        b"[%s,%s,%d]" % (_quoted(table), _quoted(document), len(text))
        for (table, document, _), text in zip(settings, texts, strict=True)
    ]
    return _line(b'{"n":%d,"set":[%s]}' % (number, b",".join(places)), texts)


def archive_line(task: str, text: bytes, **summary: Any) -> bytes:
    """Return the line of a task in the archive: its record, behind what lists need to know of it."""
    return _line(dumps({"set": [["tasks", task, len(text)]], **summary}), [text])


def read_lines(data: bytes) -> Iterator[Line | Gap]:
    """Return what stands in `data`, which starts at the beginning of a line, in order and without a break."""
    start = 0
    while start < len(data):
        found = _read_one(data, start)
        yield found
        start = found.stop + (0 if isinstance(found, Gap) else 1)


def _line(head: bytes, texts: Sequence[bytes]) -> bytes:
    checked = b':%08x",%s]' % (len(head), b",".join((head, *texts)))
    return b'["%08x%s\n' % (crc32(checked), checked)


def _quoted(name: str) -> bytes:
    return b'"%s"' % name.encode() if name.isascii() and name.isalnum() else dumps(name)


def _read_one(data: bytes, start: int) -> Line | Gap:
    try:
        line = _parse(data, start)
    except DamagedLineError:
        end = data.find(b"\n", start)
        return Gap(start, len(data), torn=True) if end < 0 else Gap(start, end + 1, torn=False)
    return Gap(start, len(data), torn=True) if line.stop == len(data) else line


def _parse(data: bytes, start: int) -> Line:
    mark = _START.match(data, start)
    if mark is None:
        raise DamagedLineError
    after_head = start + ANCHOR + int(mark[2], 16)
    try:
        head = json.loads(data[start + ANCHOR : after_head])
        places = [(table, document, length) for table, document, length in head.get("set", ())]
        stop = after_head + sum(1 + length for _, _, length in places) + 1
    except (ValueError, TypeError, AttributeError) as error:
        raise DamagedLineError from error
    if stop > len(data) or crc32(memoryview(data)[start + _CHECKED : stop]) != int(mark[1], 16):
        raise DamagedLineError
    settings = tuple(_settings(data, after_head, places))
    anchor = data[start : start + ANCHOR]
    return Line(start, stop, anchor, head, settings, ended=data[stop : stop + 1] in (b"\n", b""))


def _settings(data: bytes, at: int, places: Sequence[tuple[str, str, int]]) -> Iterator[Setting]:
    for table, document, length in places:
        text = data[at + 1 : at + 1 + length]
        at += 1 + length
        yield table, document, None if text == _NULL else text
