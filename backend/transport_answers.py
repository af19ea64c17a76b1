"""Answers as they come in: bounded, unpacked, never trusted."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from backend import transport_failures as failures
from backend.errors import ProviderError
from backend.language import recorded
from backend.models import Failure
from backend.providers.contract import HttpAnswer

if TYPE_CHECKING:
    import httpx

    from backend.transport_rest import Rest

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of an API answer, decoded, that are read; a longer one is refused."""
_QUOTED = 512
"""Bytes quoted of what came in place of a file."""


class FileAnswer:
    """An open answer to :meth:`~backend.transport.Connection.fetch`: a file, or what came in its place."""

    def __init__(self, response: httpx.Response, redact: Callable[[str], str], host: str) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = _headers(response)
        self.received = 0
        """Bytes that have come."""
        self.trouble = ""
        """What cut the file off, in words without secrets."""
        self._redact = redact
        self._host = host
        self._body = response.aiter_raw()
        self._piece = memoryview(b"")
        """What came and had no room yet."""
        # Our own network can do without pieces where the length is known.
        self._fill: Callable[[memoryview], Awaitable[int]] = response.extensions.get("read_into", self._copy)
        self._hand_over: Callable[[], Rest | None] = response.extensions.get("hand_over", lambda: None)
        self._rest: Rest | None = None

    async def read_into(self, space: memoryview) -> int:
        """Fill the beginning of `space` with what comes next, as sent; return how many bytes, 0 at the end.

        Raises ProviderError when the connection breaks or stalls.
        """
        try:
            count = await self._fill(space)
        except Exception as error:
            raise self._cut_off(error) from None
        self.received += count
        return count

    def leave_loop(self) -> bool:
        """Return whether a thread can have what is still to come; if so, only :meth:`read_now` reads it."""
        self._rest = self._hand_over()
        return self._rest is not None

    def read_now(self, space: memoryview) -> int:
        """Do as :meth:`read_into`, in a thread."""
        assert self._rest is not None  # noqa: S101  see leave_loop
        try:
            count = self._rest.read_into(space)
        except Exception as error:
            raise self._cut_off(error) from None
        self.received += count
        return count

    def hang_up(self) -> None:
        """Let a :meth:`read_now` that is under way end at once."""
        if self._rest is not None:
            self._rest.hang_up()

    async def beginning(self) -> str:
        """Return the first bytes as text without secrets, to quote an error page."""
        text, length = bytearray(_QUOTED), 0
        with suppress(ProviderError):
            while count := await self.read_into(memoryview(text)[length:]):
                length += count
        return self._redact(text[:length].decode("utf-8", "replace"))

    def _cut_off(self, error: Exception) -> ProviderError:
        failure = failures.from_error(error, self._redact(str(error)), host=self._host, sent=True)
        self.trouble = failure.words or failure.meaning
        return ProviderError(failures.of_file(failure))

    async def _copy(self, space: memoryview) -> int:
        while not self._piece:
            piece = await anext(self._body, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(self._piece), len(space))
        space[:count], self._piece = self._piece[:count], self._piece[count:]
        return count


def body_of(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the body as it comes in, without httpx's bookkeeping about it."""
    return cast("httpx.AsyncByteStream", response.stream)


async def read_answer(response: httpx.Response) -> HttpAnswer | Failure:
    """Return the whole answer, or why it cannot be had. Raises what the network raises."""
    headers = _headers(response)
    if 300 <= response.status_code < 400:
        return failures.redirected(response.status_code, headers.get("location", ""))
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        return failures.unreadable(response.status_code, recorded("an encoding that was not asked for"))
    decoder = _Gunzip() if encoding.endswith("gzip") else None
    body = bytearray()
    async for chunk in body_of(response):
        body += decoder.decode(chunk, MAX_ANSWER + 1 - len(body)) if decoder else chunk
        if len(body) > MAX_ANSWER:
            return failures.unreadable(
                response.status_code, recorded("more than {most} MiB").format(most=MAX_ANSWER // 2**20)
            )
    if decoder and not decoder.is_whole:
        return failures.unreadable(response.status_code, recorded("the packed answer is cut off"))
    return HttpAnswer(status=response.status_code, body=bytes(body), headers=headers)


class _Gunzip:
    """Unpacks no more than it is asked for, so that a bomb stays small."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def is_whole(self) -> bool:
        return self._decoder.eof

    def decode(self, chunk: bytes, most: int) -> bytes:
        if self._decoder.eof:
            return b""
        return self._decoder.decompress(self._decoder.unconsumed_tail + chunk, max(most, 1))


def _headers(response: httpx.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
