"""One connection that speaks HTTP/1.1: asyncio carries the bytes, h11 (httpx's own parser) judges them, but
for the plain case of :mod:`.transport_plain`.

What it saves against httpx's stock transport is everything in between (PERF 5). It sends a request once and
never again, whatever happens: only who knows what the request was for may send it anew. A connection whose
answer was followed by anything, or was not taken to its end, is never used for another request.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

import h11
import httpx

from backend.language import recorded
from backend.transport_plain import read_plain, written
from backend.transport_rest import Rest, hung_up

_PIECE = 64 * 1024
"""Bytes that are taken from the system at a time."""
_LARGEST_PIECE = 8 * _PIECE
"""The same of a file that comes in as fast as it can be taken: each step costs as much as a small one."""
_LARGEST_HEAD = 64 * 1024
"""Bytes of an answer's head."""
_MOST_HEADERS = 256
_MOST_INTERIM = 16
"""Answers such as ``103 Early Hints`` before the real one."""
_MOST_AT_ONCE = 1024 * 1024
"""Bytes of a file that are taken in one step: the loop is not to be held up for long."""
_GATHER_SECONDS = 0.1
"""A file's bytes are gathered for so long before they are handed over, unless the space is full."""
_BUFFERED = 4
"""Pieces' worth of bytes that may lie here unread; then the sender has to wait."""
_HANG_UP_SECONDS = 2.0
"""For the goodbye of TLS."""
_AT_REST = frozenset({h11.IDLE, h11.DONE, h11.MUST_CLOSE, h11.CLOSED})
_SENDING = "http11.send_request_headers.started"
"""What httpcore calls the moment before the first byte leaves: whoever traces it knows that it may have."""


class Wire(asyncio.BufferedProtocol):
    """A connection to one origin; made by :meth:`open`. Raises httpx's errors."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._transport: asyncio.Transport | None = None
        # A view: asyncio takes slices of it, and of a bytearray those would be copies.
        self._space = memoryview(bytearray(_PIECE))
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._error: Exception | None = None
        self._held_up = False
        self._waiter: asyncio.Future[bool] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._patient_until = 0.0
        """By the loop's clock: when whoever waits gives up."""
        self._whole: bytes | None = None
        """The body of a plain answer, until it is taken."""
        self._is_asked = False
        """Whether a question is out of which h11 has not heard."""
        self._length: int | None = None
        """Bytes of the body, where the head declares how many."""
        self._read = 0
        """Bytes of it that were read past h11."""
        self._is_past_h11 = False
        self._room: memoryview | None = None
        """Where they go past h11, while somebody waits for them with a space of its own."""
        self._filled = 0
        """Bytes of that which have come."""
        self._gathering: asyncio.TimerHandle | None = None
        self._rest: Rest | None = None
        """What was given away of the body."""
        self.idle_since = 0.0
        """When its last answer ended, by the loop's clock."""

    @classmethod
    async def open(cls, url: httpx.URL, tls: ssl.SSLContext, patience: float | None) -> Wire:
        """Connect to the origin of `url`. Raises httpx.ConnectError or ConnectTimeout: nothing was sent."""
        secure = url.scheme == "https"
        host = url.raw_host.decode("ascii")
        # Of a name, IPv4 and IPv6 are tried side by side. (Cancelled at the wrong moment asyncio forgets a
        # socket there, and the garbage collector closes it.)
        options: dict[str, Any] = {} if _is_number(host) else {"happy_eyeballs_delay": 0.25}
        if secure:
            options |= {"ssl": tls, "server_hostname": host, "ssl_shutdown_timeout": _HANG_UP_SECONDS}
        try:
            async with asyncio.timeout(patience):
                _, wire = await asyncio.get_running_loop().create_connection(
                    cls, host, url.port or (443 if secure else 80), **options
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout(recorded("no connection in time")) from error
        except (OSError, ValueError, OverflowError) as error:  # ssl.SSLError is an OSError
            raise httpx.ConnectError(_words(error)) from error
        return wire

    @property
    def is_fit(self) -> bool:
        """Whether another request may be sent."""
        return (
            not self._ended
            and not self._pieces
            and self._http.our_state is h11.IDLE
            and self._http.their_state is h11.IDLE
        )

    async def exchange(self, request: httpx.Request) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Send a request and return status and headers of its answer, the body of which is to be read."""
        timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
        try:
            if _is_question(request):
                plain = await self._ask(request, timeouts)
                if plain is not None:
                    return plain
            else:
                await self._send(request, timeouts.get("write"))
            status, headers = await self._head(timeouts.get("read"))
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error), request=request) from error
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        self._length = _declared(request.method, status, headers)
        return status, headers

    async def body(self, patience: float | None) -> AsyncIterator[bytes]:
        """Yield the body as it comes in; `patience` is for each piece."""
        if self._whole is not None:
            whole, self._whole = self._whole, None
            yield whole
            return
        try:
            while True:
                event = await self._event(patience)
                if type(event) is h11.Data:
                    yield bytes(event.data)
                elif type(event) is h11.EndOfMessage:
                    return
                else:
                    raise httpx.RemoteProtocolError("an answer within an answer")
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    @property
    def declares_length(self) -> bool:
        """Whether the body may be taken with :meth:`read_into` instead of :meth:`body`."""
        return self._length is not None

    async def read_into(self, space: memoryview, patience: float | None) -> int:
        """Fill the beginning of `space` with the body's next bytes; return how many bytes: 0 at the end.

        They go past h11 and are not copied: the declared length is all there is to such a body. To h11 it
        stays unread, so that the connection is not used again. `patience` is for the first byte.
        """
        assert self._length is not None  # noqa: S101  see declares_length
        self._pass_h11()
        space = space[: self._length - self._read]
        if not space:
            return 0
        count = self._unpack(space) if self._pieces else await self._fill(space, patience)
        self._read += count
        return count

    def hand_over(self, patience: float | None) -> Rest | None:
        """Give the rest of such a body away, for a thread to take it off the socket; None if only the loop
        can have it: of TLS, or of a server that has hung up. `patience` is for each piece."""
        assert self._length is not None  # noqa: S101  see declares_length
        if self._transport is None or self._ended or self._transport.get_extra_info("sslcontext"):
            return None
        self._transport.pause_reading()
        self._pass_h11()
        early = b"".join(self._pieces)
        connection = self._transport.get_extra_info("socket").dup()
        self._rest = Rest(connection, early, self._length - self._read, patience)
        return self._rest

    def reset(self) -> bool:
        """Make ready for the next request; return whether there may be one."""
        if self._ended or self._pieces or self._whole is not None:
            return False
        if self._http.our_state is not h11.IDLE:  # h11 hears nothing of a plain answer
            done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
            if not done or self._http.trailing_data[0]:
                return False
            self._http.start_next_cycle()
        self.idle_since = self._loop.time()
        return True

    def close(self) -> None:
        """Hang up."""
        if self._rest is not None:
            self._rest.close()
        if self._transport is not None:
            whole = not self._is_asked and {self._http.our_state, self._http.their_state} <= _AT_REST
            (self._transport.close if whole else self._transport.abort)()

    def abort(self) -> None:
        """Hang up without a goodbye."""
        if self._rest is not None:
            self._rest.hang_up()
        if self._transport is not None:
            self._transport.abort()

    # -- sending ------------------------------------------------------------------------------------------

    async def _ask(
        self, request: httpx.Request, timeouts: Mapping[str, float | None]
    ) -> tuple[int, list[tuple[bytes, bytes]]] | None:
        """Send a GET; return status and headers of a plain answer, None where h11 is to read what came."""
        data = written(b"GET", request.url.raw_path, tuple(request.headers.raw))
        await _announce(request)
        self._is_asked = True
        await self._write(data, timeouts.get("write"))
        await self._arrival(timeouts.get("read"))
        self._is_asked = False
        plain = read_plain(self._pieces[0]) if self._pieces else None
        if plain is None:
            self._http.send(_as_h11(request))
            self._http.send(h11.EndOfMessage())
            return None
        self._take()
        self._whole, self._length = plain.body, None
        return plain.status, plain.headers

    async def _send(self, request: httpx.Request, patience: float | None) -> None:
        # Written down before it is announced as sent: what h11 refuses has not left.
        head = self._http.send(_as_h11(request))
        await _announce(request)
        if isinstance(request.stream, httpx.ByteStream):
            data = b"".join(request.stream)
            body = self._http.send(h11.Data(data=data)) if data else b""
            await self._write((head or b"") + (body or b""), patience)
        else:
            await self._write(head or b"", patience)
            assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  of an async client
            async for chunk in request.stream:
                await self._write(self._http.send(h11.Data(data=chunk)) or b"", patience)
        await self._write(self._http.send(h11.EndOfMessage()) or b"", patience)

    async def _write(self, data: bytes, patience: float | None) -> None:
        # A server that hangs up early may have answered before: reading tells.
        if self._transport is None or self._ended or not data:
            return
        self._transport.write(data)
        while self._held_up and not self._ended:
            try:
                await self._wait(patience)
            except TimeoutError as error:
                raise httpx.WriteTimeout(recorded("the request is not taken")) from error

    # -- receiving ----------------------------------------------------------------------------------------

    async def _head(self, patience: float | None) -> tuple[int, list[tuple[bytes, bytes]]]:
        for _ in range(_MOST_INTERIM + 1):
            event = await self._event(patience)
            if type(event) is h11.Response:
                if len(event.headers) > _MOST_HEADERS or event.http_version not in (b"1.0", b"1.1"):
                    raise httpx.RemoteProtocolError(recorded("too many headers, or another version of HTTP"))
                return event.status_code, event.headers.raw_items()
            if type(event) is not h11.InformationalResponse:
                break
        raise httpx.RemoteProtocolError(recorded("no answer to the request"))

    async def _event(self, patience: float | None) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._piece(patience))
        return event

    async def _piece(self, patience: float | None) -> bytes:
        """Return what came next; nothing once the server has hung up."""
        await self._arrival(patience)
        if self._pieces:
            return self._take()
        self._raise_error()
        if self._http.their_state is h11.SEND_RESPONSE:
            raise httpx.RemoteProtocolError(recorded("the server hung up without an answer"))
        return b""

    async def _arrival(self, patience: float | None) -> None:
        """Return when something has come, or the server has hung up."""
        try:
            while not self._pieces and not self._ended:
                await self._wait(patience)
        except TimeoutError as error:
            raise httpx.ReadTimeout(recorded("no answer in time")) from error

    def _take(self) -> bytes:
        """Return what came next, and make room."""
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._size <= _BUFFERED * len(self._space) and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        return piece

    def _pass_h11(self) -> None:
        """Have what comes from now on read past h11."""
        if not self._is_past_h11:
            self._is_past_h11 = True
            early, _ = self._http.trailing_data
            if early:
                self._pieces.appendleft(early)
                self._size += len(early)

    def _unpack(self, space: memoryview) -> int:
        """Move what lies here into `space`."""
        piece = self._pieces.popleft()
        count = min(len(piece), len(space))
        space[:count] = piece[:count]
        if count < len(piece):
            self._pieces.appendleft(piece[count:])
        self._size -= count
        return count

    async def _fill(self, space: memoryview, patience: float | None) -> int:
        """Have the system put what comes next into `space`; return how many bytes."""
        self._room, self._filled = space, 0
        try:
            if self._transport is not None:
                self._transport.resume_reading()
            while not self._filled:
                if self._ended:
                    self._raise_error()
                    raise hung_up(self._read, self._length or 0)
                await self._wait(patience)
        except TimeoutError as error:
            raise httpx.ReadTimeout(recorded("no answer in time")) from error
        finally:
            self._room = None
            if self._gathering is not None:
                self._gathering.cancel()
                self._gathering = None
            if self._transport is not None:
                self._transport.pause_reading()
        return self._filled

    def _raise_error(self) -> None:
        if self._error is not None:
            raise httpx.ReadError(str(self._error)) from self._error

    async def _wait(self, patience: float | None) -> None:
        """Return at the next thing that happens here. Raises TimeoutError."""
        waiter = self._waiter = self._loop.create_future()
        self._patient_until = math.inf if patience is None else self._loop.time() + patience
        if self._alarm is None or self._alarm.when() > self._patient_until:
            self._set_alarm()
        try:
            in_time = await waiter
        finally:
            self._waiter = None
        if not in_time:
            raise TimeoutError

    def _set_alarm(self) -> None:
        """Have one alarm, for the moment in which patience ends; it is put off when it comes too early.

        That is cheaper than one for each wait, of which hardly any ever rings.
        """
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._patient_until < math.inf:
            self._alarm = self._loop.call_at(self._patient_until, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._patient_until:
            self._set_alarm()
        else:
            self._waiter.set_result(False)

    # -- what asyncio calls -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  for the type checker
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._room is not None and self._filled < len(self._room):
            return self._room[self._filled : self._filled + _MOST_AT_ONCE]
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        if self._room is not None and self._filled < len(self._room):
            self._gather(nbytes, self._room)
            return
        self._pieces.append(bytes(self._space[:nbytes]))
        self._size += nbytes
        if nbytes == len(self._space) and nbytes < _LARGEST_PIECE:
            self._space = memoryview(bytearray(2 * nbytes))
        if self._size > _BUFFERED * len(self._space) and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def _gather(self, nbytes: int, room: memoryview) -> None:
        self._filled += nbytes
        if self._filled == len(room):
            if self._transport is not None:
                self._transport.pause_reading()
            self._wake()
        elif self._gathering is None:
            self._gathering = self._loop.call_later(_GATHER_SECONDS, self._wake)

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = self._error or exc
        self._transport = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake()

    def pause_writing(self) -> None:
        self._held_up = True

    def resume_writing(self) -> None:
        self._held_up = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(True)


def _is_question(request: httpx.Request) -> bool:
    return (
        request.method == "GET" and isinstance(request.stream, httpx.ByteStream) and not any(request.stream)
    )


def _as_h11(request: httpx.Request) -> h11.Request:
    return h11.Request(
        method=request.method.encode("ascii"), target=request.url.raw_path, headers=request.headers.raw
    )


async def _announce(request: httpx.Request) -> None:
    """Say that the first byte is about to leave."""
    trace = request.extensions.get("trace")
    if trace is not None:
        await trace(_SENDING, {"request": request})


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return recorded("connection refused")  # asyncio's own words are about addresses and numbers
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    return str(error)


def _declared(method: str, status: int, headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return how long a body is by its head alone, which h11 has accepted (RFC 9112, 6.3)."""
    known = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in (204, 304) or b"transfer-encoding" in known:
        return None
    length = known.get(b"content-length")
    return int(length) if length is not None else None


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
