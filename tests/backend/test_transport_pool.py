"""The lean transport, against servers that nobody would wish for."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.transport_pool import PoolTransport
from tests.backend.engine.loopback import Heard, Loopback, Reply, dripping, plain, raw

PATIENCE = {"connect": 30, "read": 30, "write": 30, "pool": 30}
HASTE = {"connect": 30, "read": 0.4, "write": 0.4, "pool": 0.2}
"""Where a test waits for its end."""
FILM = b"".join(number.to_bytes(3) for number in range(100_000))
"""300000 bytes, no two pieces of which are alike."""
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"


@pytest.fixture
async def pool() -> AsyncIterator[PoolTransport]:
    made = PoolTransport(ssl.create_default_context(), most=3, idle=2)
    yield made
    await made.aclose()


def staying(data: bytes) -> Reply:
    """Write bytes and go on listening."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return reply


class Tap:
    """Replies with a large file, and knows how much of it the system has taken."""

    size = 64 * 2**20

    def __init__(self) -> None:
        self.poured = 0

    async def __call__(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.size)
        while self.poured < self.size:
            writer.write(bytes(2**20))
            await writer.drain()
            self.poured += 2**20


def request(
    server: Loopback, method: str = "GET", patience: Mapping[str, float] = PATIENCE, **options: Any
) -> httpx.Request:
    extensions = {"timeout": dict(patience), **options.pop("extensions", {})}
    return httpx.Request(method, f"{server.url}/jobs", extensions=extensions, **options)


async def ask(pool: PoolTransport, server: Loopback, method: str = "GET", **options: Any) -> bytes:
    response = await pool.handle_async_request(request(server, method, **options))
    try:
        return b"".join([piece async for piece in response.aiter_raw()])
    finally:
        await response.aclose()


HOSTILE: Mapping[str, Reply] = {
    "hung up": raw(b""),
    "a torn head": raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "a line without end": dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 4096, 0.0),
    "headers without end": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000, 0.0),
    "too many headers": staying(b"HTTP/1.1 200 OK\r\n" + b"A:b\r\n" * 300 + b"Content-Length: 0\r\n\r\n"),
    "another protocol": raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "another version": raw(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "no status": raw(b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"),
    "two lengths": staying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine!"),
    "a length below nothing": staying(b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nfine"),
    "a length in words": staying(b"HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nfine"),
    "a length that is too long": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfine"),
    "a body that stalls": staying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfine"),
    "a coding nobody knows": staying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
    "a chunk of no size": staying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nfine\r\n"),
    "a chunk of any size": staying(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"F" * 30 + b"\r\nfine\r\n"
    ),
    "half a chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nfine"),
    "hints without end": dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.0),
    "an upgrade": staying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\n\r\n"),
    "a name with a space": staying(b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nfine"),
    "a zero in a value": staying(b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 4\r\n\r\nfine"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_no_answer_is_an_error_and_sent_once(
    server: Loopback, pool: PoolTransport, what: str, method: str
) -> None:
    server.script(HOSTILE[what], staying(FINE))
    start = time.monotonic()
    with pytest.raises(httpx.TransportError) as caught:
        await ask(pool, server, method, patience=HASTE, content=b"{}" if method == "POST" else None)
    assert not isinstance(caught.value, httpx.ConnectError)
    assert time.monotonic() - start < 60
    assert len(server.heard) == 1
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2, "a connection that lied was used again"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2;x=y\r\nne\r\n0\r\nA: b\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + FINE,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
    ],
)
async def test_bodies_of_every_kind(server: Loopback, pool: PoolTransport, answer: bytes) -> None:
    async def in_bits(heard: Heard, writer: asyncio.StreamWriter) -> None:
        for place in range(0, len(answer), 7):
            writer.write(answer[place : place + 7])
            await writer.drain()
            await asyncio.sleep(0.001)

    server.script(in_bits)
    assert await ask(pool, server) == b"fine"
    assert await ask(pool, server) == b"fine"
    assert server.connections == 1


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"],
)
async def test_a_body_until_the_server_hangs_up(server: Loopback, pool: PoolTransport, head: bytes) -> None:
    server.script(raw(head + b"fine"))
    assert await ask(pool, server) == b"fine"
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


async def test_no_body_where_there_is_none(server: Loopback, pool: PoolTransport) -> None:
    server.script(
        staying(b"HTTP/1.1 204 No Content\r\n\r\n"), staying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    )
    assert await ask(pool, server) == b""
    assert await ask(pool, server, "HEAD") == b""
    assert server.connections == 1


# -- a connection is used again only when nothing can be mixed up -----------------------------------------


async def test_what_follows_an_answer_is_never_taken_for_the_next(
    server: Loopback, pool: PoolTransport
) -> None:
    server.script(staying(FINE + FORGED), staying(FINE))
    assert await ask(pool, server) == b"fine"
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


async def nothing_fit(pool: PoolTransport) -> None:
    """Return when no idle connection is fit for another request."""
    async with asyncio.timeout(30):
        while any(wire.is_fit for each in pool._idle.values() for wire in each):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_comes_unasked_is_never_taken_for_an_answer(server: Loopback, pool: PoolTransport) -> None:
    answered, forged = asyncio.Event(), asyncio.Event()

    async def and_then(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(FINE)
        await answered.wait()
        writer.write(FORGED)
        forged.set()

    server.script(and_then, staying(FINE))
    assert await ask(pool, server) == b"fine"
    answered.set()
    await forged.wait()
    await asyncio.sleep(0.05)
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


async def test_a_connection_that_the_server_dropped_while_idle_is_not_used(
    server: Loopback, pool: PoolTransport
) -> None:
    server.script(raw(FINE), staying(FINE))
    assert await ask(pool, server) == b"fine"
    await nothing_fit(pool)
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_hung_up_just_as_we_send_it_is_not_sent_again(
    server: Loopback, pool: PoolTransport, method: str
) -> None:
    """The server closes an idle connection in the very moment in which it is used."""
    server.script(staying(FINE), raw(b""), staying(FINE))
    assert await ask(pool, server) == b"fine"
    with pytest.raises(httpx.TransportError):
        await ask(pool, server, method)
    assert len(server.heard) == 2


async def test_without_idle_ones_each_request_has_a_connection_of_its_own(server: Loopback) -> None:
    pool = PoolTransport(ssl.create_default_context(), most=3, idle=0)
    server.script(staying(FINE))
    for _ in range(3):
        assert await ask(pool, server, "POST", content=b"{}") == b"fine"
    assert server.connections == 3
    await pool.aclose()


async def test_an_answer_left_unread_ends_its_connection(server: Loopback, pool: PoolTransport) -> None:
    server.script(staying(FINE))
    response = await pool.handle_async_request(request(server))
    await response.aclose()
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


async def test_idle_connections_are_closed_in_time(server: Loopback) -> None:
    pool = PoolTransport(ssl.create_default_context(), most=3, idle=2, rest=0.05)
    hung_up = asyncio.Event()

    async def listening(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(FINE)
        asyncio.get_running_loop().create_task(_closing(writer, hung_up))

    server.script(listening)
    assert await ask(pool, server) == b"fine"
    await asyncio.wait_for(hung_up.wait(), 30)
    assert pool._sweep is None, "with nothing idle nothing ticks"
    await pool.aclose()


async def _closing(writer: asyncio.StreamWriter, hung_up: asyncio.Event) -> None:
    await writer.wait_closed()
    hung_up.set()


# -- limits -----------------------------------------------------------------------------------------------


async def test_no_more_at_a_time_than_may_be(server: Loopback, pool: PoolTransport) -> None:
    server.script(plain({"fine": True}))
    opened = [await pool.handle_async_request(request(server)) for _ in range(3)]
    with pytest.raises(httpx.PoolTimeout):
        await ask(pool, server, patience=HASTE)
    waiting = asyncio.ensure_future(ask(pool, server))
    given_up = asyncio.ensure_future(ask(pool, server))
    await asyncio.sleep(0)
    given_up.cancel()
    await opened[0].aclose()
    assert await waiting
    for response in opened[1:]:
        await response.aclose()
    assert len([await ask(pool, server) for _ in range(5)]) == 5


async def test_requests_broken_off_leave_their_places(server: Loopback, pool: PoolTransport) -> None:
    server.script(raw(b"", wait=5))
    for _ in range(7):
        job = asyncio.ensure_future(ask(pool, server))
        await asyncio.sleep(0.01)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
    server.script(staying(FINE))
    assert await ask(pool, server) == b"fine"


async def test_a_server_cannot_fill_the_memory(server: Loopback, pool: PoolTransport) -> None:
    """A file comes no faster than it is taken."""
    tap = Tap()
    server.script(tap)
    response = await pool.handle_async_request(request(server))
    await asyncio.sleep(0.3)
    assert tap.poured < tap.size / 2
    assert sum([len(piece) async for piece in response.aiter_raw()]) == tap.size
    await response.aclose()


async def test_a_request_that_is_not_taken_ends(server: Loopback, pool: PoolTransport) -> None:
    deafened: list[Any] = []

    class Deaf(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            transport.pause_reading()
            deafened.append(transport)

    deaf = await asyncio.get_running_loop().create_server(Deaf, "127.0.0.1", 0)
    server.port = deaf.sockets[0].getsockname()[1]
    try:
        with pytest.raises(httpx.TimeoutException):  # how much a kernel holds for the deaf differs
            await ask(pool, server, "POST", patience=HASTE, content=bytes(32 * 2**20))
    finally:
        deaf.close()
        for transport in deafened:
            transport.abort()
        await asyncio.sleep(0)


# -- what has left ----------------------------------------------------------------------------------------


class Traced:
    """Hears what the transport traces."""

    def __init__(self) -> None:
        self.events: list[str] = []

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        self.events.append(event)


async def test_it_says_when_bytes_are_about_to_leave(server: Loopback, pool: PoolTransport) -> None:
    server.script(raw(b""))
    trace = Traced()
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(pool, server, "POST", extensions={"trace": trace})
    assert trace.events == ["http11.send_request_headers.started"]


async def test_without_a_connection_nothing_has_left(server: Loopback, pool: PoolTransport) -> None:
    trace, port = Traced(), server.port
    server.port = 1
    with pytest.raises(httpx.ConnectError):
        await ask(pool, server, "POST", extensions={"trace": trace})
    server.port = port
    with pytest.raises(httpx.LocalProtocolError):
        await ask(pool, server, "POST", headers={"X-A": "b\r\nX-Evil: 1"}, extensions={"trace": trace})
    assert trace.events == []
    assert not server.heard


async def test_a_head_torn_by_its_own_method_never_leaves(server: Loopback, pool: PoolTransport) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        await ask(pool, server, "GET /a HTTP/1.1\r\nHost: evil\r\n\r\nGET")
    assert not server.heard


# -- a body that goes where the reader wants it -----------------------------------------------------------


async def taken(response: httpx.Response, size: int, *, by_thread: bool = False) -> bytes:
    """Return the body as read into a reused space of `size` bytes, filled with other bytes before."""
    body, space = b"", memoryview(bytearray(size))
    rest = response.extensions["hand_over"]() if by_thread else None
    while count := (
        await asyncio.to_thread(rest.read_into, space)
        if rest
        else await response.extensions["read_into"](space)
    ):
        body += space[:count]
        space[:] = b"?" * size
    await response.aclose()
    return body


@pytest.mark.parametrize("by_thread", [False, True])
@pytest.mark.parametrize("size", [7, 65_536, 1_000_000])
async def test_a_body_is_put_where_it_is_wanted(
    server: Loopback, pool: PoolTransport, size: int, by_thread: bool
) -> None:
    """Nothing but the declared bytes, whatever follows them; and nothing of that becomes an answer."""
    film = FILM[: size * 40]

    async def in_bits(heard: Heard, writer: asyncio.StreamWriter) -> None:
        data = b"HTTP/1.1 206 Rest\r\nContent-Length: %d\r\n\r\n" % len(film) + film + FORGED
        for place in range(0, len(data), max(50, len(data) // 9)):
            writer.write(data[place : place + max(50, len(data) // 9)])
            await asyncio.sleep(0.002)

    server.script(in_bits, staying(FINE))
    response = await pool.handle_async_request(request(server))
    assert await taken(response, size, by_thread=by_thread) == film
    assert await ask(pool, server) == b"fine"
    assert server.connections == 2


@pytest.mark.parametrize(
    "head",
    [
        b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
        b"200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
        b"200 OK\r\n\r\nfine",
        b"204 None\r\nContent-Length: 4\r\n\r\n",
    ],
)
async def test_only_a_declared_length_goes_past_the_parser(
    server: Loopback, pool: PoolTransport, head: bytes
) -> None:
    server.script(raw(b"HTTP/1.1 " + head))
    response = await pool.handle_async_request(request(server))
    assert "read_into" not in response.extensions
    assert b"".join([piece async for piece in response.aiter_raw()]) in (b"fine", b"")
    await response.aclose()


@pytest.mark.parametrize("by_thread", [False, True])
@pytest.mark.parametrize("there", [0, 4, 100_000])
async def test_a_declared_body_that_ends_early_or_stalls_is_an_error(
    server: Loopback, pool: PoolTransport, there: int, by_thread: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + FILM[:there]
    for reply, trouble in ((raw(head), httpx.RemoteProtocolError), (staying(head), httpx.ReadTimeout)):
        server.script(reply)
        patience = HASTE if trouble is httpx.ReadTimeout else PATIENCE
        response = await pool.handle_async_request(request(server, patience=patience))
        with pytest.raises(trouble):
            await taken(response, 65_536, by_thread=by_thread)
        await response.aclose()
    server.script(staying(FINE))
    assert await ask(pool, server) == b"fine"
    assert server.connections == 3


async def test_a_thread_that_waits_for_a_body_can_be_ended(server: Loopback, pool: PoolTransport) -> None:
    """By who reads it, and by who closes all connections."""
    server.script(staying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine"))
    for ends in ("reader", "pool"):
        response = await pool.handle_async_request(request(server))
        rest = response.extensions["hand_over"]()
        space = memoryview(bytearray(100))
        assert rest.read_into(space) == 4
        waiting = asyncio.ensure_future(asyncio.to_thread(rest.read_into, space))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        if ends == "reader":
            rest.hang_up()
        else:
            await pool.aclose()
        with pytest.raises(httpx.RemoteProtocolError, match="received 4 bytes, expected 9"):
            await waiting
        await response.aclose()


async def test_a_slow_body_is_handed_over_as_it_comes(server: Loopback, pool: PoolTransport) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    server.script(dripping(head, b"drip", 0.02))
    response = await pool.handle_async_request(request(server))
    space, start, length = memoryview(bytearray(100_000)), time.monotonic(), 0
    while length < 40:
        length += await response.extensions["read_into"](space)
        assert bytes(space[:4]) == b"drip"
    assert time.monotonic() - start < 30
    await response.aclose()


async def test_what_is_read_into_comes_no_faster_than_it_is_taken(
    server: Loopback, pool: PoolTransport
) -> None:
    tap = Tap()
    server.script(tap)
    response = await pool.handle_async_request(request(server))
    space = memoryview(bytearray(2**20))
    length = await response.extensions["read_into"](space)
    await asyncio.sleep(0.3)
    assert tap.poured < tap.size / 2
    while count := await response.extensions["read_into"](space):
        length += count
    assert length == tap.size
    await response.aclose()


# -- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that signs itself, for localhost, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


async def test_tls_is_verified_and_used_again(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    heard: list[bytes] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while True:
                heard.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + FILM)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/jobs"
    strict = PoolTransport(ssl.create_default_context(), most=3, idle=2)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        await strict.handle_async_request(httpx.Request("GET", url))
    assert not heard
    trusting = PoolTransport(ssl.create_default_context(cafile=str(certificate)), most=3, idle=2)
    for _ in range(3):
        response = await trusting.handle_async_request(httpx.Request("GET", url))
        assert b"".join([piece async for piece in response.aiter_raw()]) == FILM
        await response.aclose()
    assert connections == 1
    for size in (1000, 65_536, 1_000_000):
        response = await trusting.handle_async_request(httpx.Request("GET", url))
        assert response.extensions["hand_over"]() is None  # the loop unpacks TLS
        assert await taken(response, size) == FILM
    wrong_name = url.replace("localhost", "127.0.0.1")
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        await trusting.handle_async_request(httpx.Request("GET", wrong_name))
    await strict.aclose()
    await trusting.aclose()
    server.close()
    await asyncio.sleep(0.05)
