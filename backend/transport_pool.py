"""A lean HTTP/1.1 transport behind httpx's own interface: few connections, each used again and again.

httpx's stock transport costs 1.5 to 2.4 ms of CPU for a poll, most of it between socket and parser (PERF 5).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from weakref import WeakSet

import httpx

from backend.language import recorded
from backend.transport_rest import Rest
from backend.transport_wire import Wire

IDLE_SECONDS = 4.0
"""Idle connections are closed after so long: before common servers do, which begin at 5 s. A question sent
in the moment in which the server hangs up would be lost."""
_Origin = tuple[str, str, int | None]


class PoolTransport(httpx.AsyncBaseTransport):
    """Sends each request once over a connection of its own, or one that has become free.

    `most` requests are under way at a time, and `idle` connections kept for the next one to their origin,
    for `rest` seconds; with 0 every request has a new one. Speaks to origins directly, through no proxy.
    ``trace`` hears of the moment before the first byte of a request leaves, by httpcore's name for it.
    """

    def __init__(self, tls: ssl.SSLContext, *, most: int, idle: int, rest: float = IDLE_SECONDS) -> None:
        self._tls = tls
        self._most = most
        self._keep = idle
        self._rest = rest
        self._idle: dict[_Origin, list[Wire]] = {}
        self._idle_count = 0
        self._busy: set[Wire] = set()
        self._wires: WeakSet[Wire] = WeakSet()
        """Every connection that is not yet closed."""
        self._under_way = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        tls.set_alpn_protocols(["http/1.1"])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to be read. Raises httpx's errors."""
        if request.url.scheme not in ("http", "https"):
            words = (
                recorded("cannot speak {scheme}")
                if request.url.scheme
                else recorded("cannot speak without a scheme")
            )
            raise httpx.UnsupportedProtocol(words.format(scheme=request.url.scheme))
        if not request.url.host:
            raise httpx.UnsupportedProtocol(recorded("the address names no host"))
        timeouts = request.extensions.get("timeout", {})
        origin = request.url.scheme, request.url.host, request.url.port
        if self._under_way < self._most and not self._queue:
            self._under_way += 1
        else:
            await self._turn(timeouts.get("pool"))
        try:
            wire = self._take(origin)
            if wire is None:
                wire = await Wire.open(request.url, self._tls, timeouts.get("connect"))
                self._wires.add(wire)
        except BaseException:
            self._leave()
            raise
        self._busy.add(wire)
        try:
            status, headers = await wire.exchange(request)
        except BaseException:
            self._drop(wire)
            raise
        body = _Body(self, wire, origin, timeouts.get("read"))
        extensions: dict[str, object] = {"http_version": b"HTTP/1.1"}
        if wire.declares_length:
            extensions |= {"read_into": body.read_into, "hand_over": body.hand_over}
        return httpx.Response(status, headers=headers, stream=body, extensions=extensions)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for wire in list(self._wires):
            wire.abort()
        self._idle.clear()
        self._idle_count = 0
        await asyncio.sleep(0)  # aborted sockets are closed in the loop's next turn

    # -- a connection's life ------------------------------------------------------------------------------

    async def _turn(self, patience: float | None) -> None:
        """Return when a request that ended leaves its place. Raises httpx.PoolTimeout."""
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except BaseException as error:
            if turn in self._queue:
                self._queue.remove(turn)
            elif turn.done() and not turn.cancelled():
                self._leave()  # it came at the same moment, and nobody wants it any more
            if isinstance(error, TimeoutError):
                raise httpx.PoolTimeout(recorded("too many requests are under way")) from error
            raise

    def _leave(self) -> None:
        """Give the place of a request that ended to whoever waits for one."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._under_way -= 1

    def _take(self, origin: _Origin) -> Wire | None:
        oldest = asyncio.get_running_loop().time() - self._rest
        kept = self._idle.get(origin, [])
        while kept:
            wire = kept.pop()
            self._idle_count -= 1
            if wire.is_fit and wire.idle_since > oldest:
                return wire
            wire.close()
        return None

    def give_back(self, wire: Wire, origin: _Origin) -> None:
        """Keep a connection for the next request if it is fit for one."""
        if wire not in self._busy:
            return
        if self._idle_count < self._keep and wire.reset():
            self._busy.discard(wire)
            self._idle.setdefault(origin, []).append(wire)
            self._idle_count += 1
            self._leave()
            self._sweep_later()
        else:
            self._drop(wire)

    def _drop(self, wire: Wire) -> None:
        if wire in self._busy:
            self._busy.discard(wire)
            wire.close()
            self._leave()

    def _sweep_later(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._rest, self._sweep_now)

    def _sweep_now(self) -> None:
        """Close what has been idle for long; with nothing idle nothing ticks."""
        self._sweep = None
        oldest = asyncio.get_running_loop().time() - self._rest
        for origin, kept in list(self._idle.items()):
            fresh = [wire for wire in kept if wire.is_fit and wire.idle_since > oldest]
            for wire in kept:
                if wire not in fresh:
                    wire.close()
            self._idle_count -= len(kept) - len(fresh)
            self._idle[origin] = fresh
            if not fresh:
                del self._idle[origin]
        if self._idle:
            self._sweep_later()


class _Body(httpx.AsyncByteStream):
    """An answer's body; closing it gives the connection back."""

    def __init__(self, pool: PoolTransport, wire: Wire, origin: _Origin, patience: float | None) -> None:
        self._pool = pool
        self._wire = wire
        self._origin = origin
        self._patience = patience

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._wire.body(self._patience)

    async def read_into(self, space: memoryview) -> int:
        """Fill the beginning of `space` with what comes next; return how many bytes, 0 at the end.

        In place of iterating, for bodies whose length is declared: the response's extension of this name.
        """
        return await self._wire.read_into(space, self._patience)

    def hand_over(self) -> Rest | None:
        """Give the rest of such a body to a thread: the response's extension of this name."""
        return self._wire.hand_over(self._patience)

    async def aclose(self) -> None:
        self._pool.give_back(self._wire, self._origin)
