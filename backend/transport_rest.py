"""The rest of an answer's body, taken off a plain socket by a thread instead of the event loop."""

from __future__ import annotations

import socket
from contextlib import suppress

import httpx

from backend.language import recorded


class Rest:
    """What is still to come of a body whose length was declared; only :meth:`read_into` blocks."""

    def __init__(self, connection: socket.socket, early: bytes, length: int, patience: float | None) -> None:
        """`early` are those of its `length` bytes that have come; `patience` is for each reading."""
        self._socket = connection
        self._socket.settimeout(patience)
        self._early = memoryview(early)
        self._length = self._left = length

    def read_into(self, space: memoryview) -> int:
        """Fill the beginning of `space` with what comes next; return how many bytes: 0 at the end.

        Raises httpx's errors.
        """
        space = space[: self._left]
        if not space:
            return 0
        if self._early:
            count = min(len(self._early), len(space))
            space[:count], self._early = self._early[:count], self._early[count:]
        else:
            count = self._receive(space)
        self._left -= count
        return count

    def hang_up(self) -> None:
        """Let a reading that is under way end at once; called from another thread."""
        with suppress(OSError):  # the other side was first
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back, when nobody reads any more."""
        self._socket.close()

    def _receive(self, space: memoryview) -> int:
        try:
            count = self._socket.recv_into(space)
        except TimeoutError as error:
            raise httpx.ReadTimeout(recorded("no answer in time")) from error
        except OSError as error:
            raise httpx.ReadError(error.strerror or str(error)) from error
        if not count:
            raise hung_up(self._length - self._left, self._length)
        return count


def hung_up(came: int, length: int) -> httpx.RemoteProtocolError:
    """The server ended a body before its declared end."""
    words = recorded("the server hung up in the middle (received {came} bytes, expected {length})").format(
        came=came, length=length
    )
    return httpx.RemoteProtocolError(words)
