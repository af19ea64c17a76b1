"""The plain case of HTTP/1.1, which nearly every question about a task is: a request without a body, and an
answer that is here whole, of one declared length and nothing behind it. Pure.

h11 takes a fifth of what such a question costs (``python -m tests.benchmarks.polling``). Whatever is not
plain by the narrow words below is left to h11, which judges it from its first byte.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import h11

RawHeaders = tuple[tuple[bytes, bytes], ...]

_QUESTIONS = 4096
"""Written requests that are kept: of a task that is asked about again and again, the same bytes."""
_LARGEST_HEAD = 16 * 1024
_MOST_HEADERS = 64
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2345][0-9]{2})(?: [\t \x21-\x7e\x80-\xff]*)?"
    rb"((?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t \x21-\x7e\x80-\xff]*)*)\r\n\r\n"
)
_FIELD = re.compile(rb"\r\n([^:]+):[\t ]*([^\r]*)")
_LENGTH = re.compile(rb"[0-9]{1,9}")
_WITHOUT_BODY = frozenset({b"204", b"304"})
_UNCOMMON = frozenset({b"transfer-encoding", b"trailer", b"upgrade"})
"""Headers that change what follows the head."""


class Plain(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@lru_cache(maxsize=_QUESTIONS)
def written(method: bytes, target: bytes, headers: RawHeaders) -> bytes:
    """Return a request without a body as it goes out. Raises h11.LocalProtocolError for what HTTP forbids."""
    return (
        h11.Connection(h11.CLIENT).send(h11.Request(method=method, target=target, headers=list(headers)))
        or b""
    )


def read_plain(data: bytes) -> Plain | None:
    """Return the answer to a GET that `data` is, no more and no less; None if it is none, or not plain."""
    head = _HEAD.match(data, 0, _LARGEST_HEAD)
    if head is None or head[1] in _WITHOUT_BODY:
        return None
    headers = [(name, value.rstrip(b"\t ")) for name, value in _FIELD.findall(head[2])]
    length = None
    for name, value in headers:
        known = name.lower()
        if known == b"content-length":
            if length is not None or not _LENGTH.fullmatch(value):
                return None
            length = int(value)
        elif known in _UNCOMMON or (known == b"connection" and value.lower() != b"keep-alive"):
            return None
    if length != len(data) - head.end() or len(headers) > _MOST_HEADERS:
        return None
    return Plain(int(head[1]), headers, data[head.end() :])
