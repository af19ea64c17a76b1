"""One connection that speaks HTTP/1.1: :mod:`.transport_line` carries the bytes, h11 (httpx's own parser)
judges them, but for the plain case of :mod:`.transport_plain`.

What it saves against httpx's stock transport is everything in between (PERF 5). It sends a request once and
never again, whatever happens: only who knows what the request was for may send it anew. A connection whose
answer was followed by anything, or was not taken to its end, is never used for another request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import h11
import httpx

from backend.language import recorded
from backend.transport_line import Line
from backend.transport_plain import read_plain, written
from backend.transport_rest import Rest, hung_up

_LARGEST_HEAD = 64 * 1024
"""Bytes of an answer's head."""
_MOST_HEADERS = 256
_MOST_INTERIM = 16
"""Answers such as ``103 Early Hints`` before the real one."""
_AT_REST = frozenset({h11.IDLE, h11.DONE, h11.MUST_CLOSE, h11.CLOSED})
_SENDING = "http11.send_request_headers.started"
"""What httpcore calls the moment before the first byte leaves: whoever traces it knows that it may have."""


class Wire(Line):
    """A connection to one origin that takes requests; made by :meth:`open`. Raises httpx's errors."""

    def __init__(self) -> None:
        super().__init__()
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._whole: bytes | None = None
        """The body of a plain answer, until it is taken."""
        self._is_asked = False
        """Whether a question is out of which h11 has not heard."""
        self._length: int | None = None
        """Bytes of the body, where the head declares how many."""
        self._read = 0
        """Bytes of it that were read past h11."""
        self._is_past_h11 = False
        self._rest: Rest | None = None
        """What was given away of the body."""
        self.idle_since = 0.0
        """When its last answer ended, by the loop's clock."""

    @property
    def is_fit(self) -> bool:
        """Whether another request may be sent."""
        return (
            not self.has_ended
            and not self.has_unread
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
        count = self.unpack(space) if self.has_unread else await self.fill(space, patience)
        if not count:
            raise hung_up(self._read, self._length)
        self._read += count
        return count

    def hand_over(self, patience: float | None) -> Rest | None:
        """Give the rest of such a body away, for a thread to take it off the socket; None if only the loop
        can have it: of TLS, or of a server that has hung up. `patience` is for each piece."""
        assert self._length is not None  # noqa: S101  see declares_length
        transport = self.transport
        if transport is None or self.has_ended or transport.get_extra_info("sslcontext"):
            return None
        transport.pause_reading()
        self._pass_h11()
        connection = transport.get_extra_info("socket").dup()
        self._rest = Rest(connection, self.unread, self._length - self._read, patience)
        return self._rest

    def reset(self) -> bool:
        """Make ready for the next request; return whether there may be one."""
        if self.has_ended or self.has_unread or self._whole is not None:
            return False
        if self._http.our_state is not h11.IDLE:  # h11 hears nothing of a plain answer
            done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
            if not done or self._http.trailing_data[0]:
                return False
            self._http.start_next_cycle()
        self.idle_since = self.now
        return True

    def close(self) -> None:
        """Hang up."""
        if self._rest is not None:
            self._rest.close()
        if self.transport is not None:
            whole = not self._is_asked and {self._http.our_state, self._http.their_state} <= _AT_REST
            (self.transport.close if whole else self.transport.abort)()

    def abort(self) -> None:
        """Hang up without a goodbye."""
        if self._rest is not None:
            self._rest.hang_up()
        if self.transport is not None:
            self.transport.abort()

    # -- sending ------------------------------------------------------------------------------------------

    async def _ask(
        self, request: httpx.Request, timeouts: Mapping[str, float | None]
    ) -> tuple[int, list[tuple[bytes, bytes]]] | None:
        """Send a GET; return status and headers of a plain answer, None where h11 is to read what came."""
        data = written(b"GET", request.url.raw_path, tuple(request.headers.raw))
        await _announce(request)
        self._is_asked = True
        await self.write(data, timeouts.get("write"))
        await self.arrive(timeouts.get("read"))
        self._is_asked = False
        plain = read_plain(self.first) if self.has_unread else None
        if plain is None:
            self._http.send(_as_h11(request))
            self._http.send(h11.EndOfMessage())
            return None
        self.take()
        self._whole, self._length = plain.body, None
        return plain.status, plain.headers

    async def _send(self, request: httpx.Request, patience: float | None) -> None:
        # Written down before it is announced as sent: what h11 refuses has not left.
        head = self._http.send(_as_h11(request))
        await _announce(request)
        if isinstance(request.stream, httpx.ByteStream):
            data = b"".join(request.stream)
            body = self._http.send(h11.Data(data=data)) if data else b""
            await self.write((head or b"") + (body or b""), patience)
        else:
            await self.write(head or b"", patience)
            assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  of an async client
            async for chunk in request.stream:
                await self.write(self._http.send(h11.Data(data=chunk)) or b"", patience)
        await self.write(self._http.send(h11.EndOfMessage()) or b"", patience)

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
        await self.arrive(patience)
        if self.has_unread:
            return self.take()
        self.raise_error()
        if self._http.their_state is h11.SEND_RESPONSE:
            raise httpx.RemoteProtocolError(recorded("the server hung up without an answer"))
        return b""

    def _pass_h11(self) -> None:
        """Have what comes from now on read past h11."""
        if not self._is_past_h11:
            self._is_past_h11 = True
            early, _ = self._http.trailing_data
            if early:
                self.put_back(early)


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


def _declared(method: str, status: int, headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return how long a body is by its head alone, which h11 has accepted (RFC 9112, 6.3)."""
    known = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in (204, 304) or b"transfer-encoding" in known:
        return None
    length = known.get(b"content-length")
    return int(length) if length is not None else None
