"""One connection as asyncio sees it: what comes in, what the system takes, how long to wait for either."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections import deque
from typing import Any, Self

import httpx

from backend.language import recorded

_PIECE = 64 * 1024
"""Bytes that are taken from the system at a time."""
_LARGEST_PIECE = 8 * _PIECE
"""The same of a file that comes in as fast as it can be taken: each step costs as much as a small one."""
_MOST_AT_ONCE = 1024 * 1024
"""Bytes of a file that are taken in one step: the loop is not to be held up for long."""
_GATHER_SECONDS = 0.1
"""A file's bytes are gathered for so long before they are handed over, unless the space is full."""
_BUFFERED = 4
"""Pieces' worth of bytes that may lie here unread; then the sender has to wait."""
_HANG_UP_SECONDS = 2.0
"""For the goodbye of TLS."""


class Line(asyncio.BufferedProtocol):
    """Bytes to and from one origin; made by :meth:`open`. Raises httpx's errors."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
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
        self._room: memoryview | None = None
        """Where bytes go at once, while somebody waits for them with a space of its own."""
        self._filled = 0
        """Bytes of that which have come."""
        self._gathering: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, url: httpx.URL, tls: ssl.SSLContext, patience: float | None) -> Self:
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
                _, line = await asyncio.get_running_loop().create_connection(
                    cls, host, url.port or (443 if secure else 80), **options
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout(recorded("no connection in time")) from error
        except (OSError, ValueError, OverflowError) as error:  # ssl.SSLError is an OSError
            raise httpx.ConnectError(_words(error)) from error
        return line

    @property
    def has_ended(self) -> bool:
        """Whether the server has hung up; what came before may lie here still."""
        return self._ended

    @property
    def has_unread(self) -> bool:
        """Whether bytes lie here."""
        return bool(self._pieces)

    @property
    def first(self) -> bytes:
        """What is to be taken next; it stays."""
        return self._pieces[0]

    @property
    def unread(self) -> bytes:
        """All that lies here; it stays."""
        return b"".join(self._pieces)

    @property
    def now(self) -> float:
        """Seconds of the loop's clock."""
        return self._loop.time()

    @property
    def transport(self) -> asyncio.Transport | None:
        """asyncio's side of it; None once the connection is gone."""
        return self._transport

    async def write(self, data: bytes, patience: float | None) -> None:
        """Send `data`; `patience` is for the system to take it. Raises httpx.WriteTimeout."""
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

    async def arrive(self, patience: float | None) -> None:
        """Return when something has come, or the server has hung up."""
        try:
            while not self._pieces and not self._ended:
                await self._wait(patience)
        except TimeoutError as error:
            raise httpx.ReadTimeout(recorded("no answer in time")) from error

    def put_back(self, data: bytes) -> None:
        """Have `data` taken next."""
        self._pieces.appendleft(data)
        self._size += len(data)

    def take(self) -> bytes:
        """Return what came next, and make room."""
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._size <= _BUFFERED * len(self._space) and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        return piece

    def unpack(self, space: memoryview) -> int:
        """Move what lies here into `space`."""
        piece = self._pieces.popleft()
        count = min(len(piece), len(space))
        space[:count] = piece[:count]
        if count < len(piece):
            self._pieces.appendleft(piece[count:])
        self._size -= count
        return count

    async def fill(self, space: memoryview, patience: float | None) -> int:
        """Have the system put what comes next into `space`; return how many bytes: 0 if the server left."""
        self._room, self._filled = space, 0
        try:
            if self._transport is not None:
                self._transport.resume_reading()
            while not self._filled:
                if self._ended:
                    self.raise_error()
                    return 0
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

    def raise_error(self) -> None:
        """Raise httpx.ReadError if the connection broke."""
        if self._error is not None:
            raise httpx.ReadError(str(self._error)) from self._error

    # -- waiting ------------------------------------------------------------------------------------------

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


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return recorded("connection refused")  # asyncio's own words are about addresses and numbers
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    return str(error)


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
