"""The plain case of HTTP/1.1: what it takes must be what h11 makes of the same bytes, and no more."""

from __future__ import annotations

import time

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.transport_plain import Plain, read_plain, written

FINE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
HEADERS = ((b"Host", b"example.com"), (b"Accept", b"*/*"))


def of_h11(data: bytes) -> Plain | None:
    """Return what h11 makes of an answer to a GET; None if it is none, or not over at the end of `data`."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=list(HEADERS)))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    body = b""
    try:
        head = connection.next_event()
        if not isinstance(head, h11.Response):
            return None
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
    except h11.RemoteProtocolError:
        return None
    over = isinstance(event, h11.EndOfMessage) and connection.their_state is h11.DONE
    if not over or connection.trailing_data[0]:
        return None
    return Plain(head.status_code, list(head.headers.raw_items()), body)


@pytest.mark.parametrize(
    "data",
    [
        FINE,
        FINE.replace(b"200 OK", b"200"),
        FINE.replace(b"200 OK", b"404 Nicht gefunden \xe9"),
        FINE.replace(b"Content-Length: 2", b"content-length:2 \t"),
        FINE.replace(b"Content-Type: application/json", b"Connection: Keep-Alive\r\nX-Empty:"),
        FINE.replace(b"Content-Length: 2\r\n\r\n{}", b"Content-Length: 0\r\n\r\n"),
    ],
)
def test_what_is_plain_is_as_h11_reads_it(data: bytes) -> None:
    assert read_plain(data) is not None
    assert read_plain(data) == of_h11(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FINE[:-1],
        FINE + b"H",
        FINE.replace(b"HTTP/1.1", b"HTTP/1.0"),
        FINE.replace(b"200 OK", b"103 Early Hints"),
        FINE.replace(b"200 OK", b"204 No Content"),
        FINE.replace(b"200 OK", b"304 Not Modified"),
        FINE.replace(b"200 OK", b"600 Whatever"),
        FINE.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 2"),
        FINE.replace(b"Content-Length: 2", b"Content-Length: 2, 2"),
        FINE.replace(b"Content-Length: 2", b"Content-Length: +2"),
        FINE.replace(b"Content-Length: 2", b"Content-Length: 0000000002"),
        FINE.replace(b"Content-Length: 2", "Content-Length: ２".encode()),
        FINE.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        FINE.replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"Connection: close\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"Upgrade: h2c\r\nContent-Length"),
        FINE.replace(b"Content-Length", b" folded\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"X : y\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"X: a\rb\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"X: a\nb\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"X: a\0b\r\nContent-Length"),
        FINE.replace(b"Content-Length", b"A: b\r\n" * 100 + b"Content-Length"),
        FINE.replace(b"\r\n", b"\n"),
    ],
)
def test_what_is_not_plain_is_left_to_h11(data: bytes) -> None:
    assert read_plain(data) is None


_PIECES = st.sampled_from(
    [
        *(
            b"HTTP/1.1 ",
            b"200 OK",
            b"\r\n",
            b"\n",
            b"\r",
            b":",
            b" ",
            b"\t",
            b"\0",
            b"\x85",
            b"{}",
            b"2",
            b"02",
        ),
        *(
            b"Content-Length: 2",
            b"Content-Length: 0",
            b"X: y",
            b"Transfer-Encoding: chunked",
            b"Connection: ",
        ),
        *(
            b"close",
            b"keep-alive",
            b"204 No",
            b"HTTP/1.1 200 OK\r\n",
            b"\r\n\r\n",
            b"0\r\n\r\n",
            b"\xff",
            FINE,
        ),
    ]
)


@given(st.lists(_PIECES, max_size=12).map(b"".join))
def test_nothing_is_read_otherwise_than_by_h11(data: bytes) -> None:
    for each in (data, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + data + b"\r\n\r\n{}"):
        plain = read_plain(each)
        assert plain is None or plain == of_h11(each)


@pytest.mark.parametrize("filler", [b" ", b"x", b"x ", b"\t", b"a:"])
def test_no_head_takes_long_to_refuse(filler: bytes) -> None:
    start = time.process_time()
    for end in (b"", b"\0\r\n\r\n", b"\r\n\r\n"):
        read_plain(b"HTTP/1.1 200 OK\r\nA: " + filler * 500_000 + end)
    assert time.process_time() - start < 1


def test_a_question_is_written_as_h11_writes_it() -> None:
    data = written(b"GET", b"/v1/videos/a", HEADERS)
    assert data == b"GET /v1/videos/a HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nX: y", b"/\xff"])
def test_what_http_forbids_is_not_written(target: bytes) -> None:
    with pytest.raises(h11.LocalProtocolError):
        written(b"GET", target, HEADERS)
    with pytest.raises(h11.LocalProtocolError):
        written(b"GET", b"/", (*HEADERS, (b"Authorization", b"Bearer a\r\nX: y")))
