"""One try to bring a result file in: open, resume or begin again, write, stop where it should end."""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import Awaitable, Callable, Mapping

from backend.clock import Clock
from backend.engine.mp4 import begins_as_mp4, mp4_problem
from backend.engine.part import PartFile
from backend.engine.waiting import in_thread
from backend.errors import ProviderError
from backend.models import Failure, FailureKind, RemoteFile
from backend.request_log import About
from backend.transport import Connection
from backend.transport_answers import FileAnswer

LARGEST = 4 * 1024**3
"""Bytes of a file that is taken for a video; nothing here makes longer ones."""
_PIECE = 4 * 1024**2
"""Bytes gathered before they are written: a download has two such spaces in memory."""
_PIECE_SECONDS = 1.0
"""A smaller piece is written after so long: what a kill loses at most."""
_HEAD = 8
"""Bytes from which a file can be told from a page."""
_RESERVE = 64 * 1024**2
"""Bytes of a disk that are left free: the ledger lives there, too."""
_LINK_REFUSED = frozenset({401, 403})
_LINK_GONE = frozenset({404, 410})
_STALL_SECONDS = 60.0
_STALL_BYTES = 64 * 1024
"""Bytes that must come in :data:`_STALL_SECONDS`, or the connection counts as broken."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PAGES = ("text/html", "application/json", "text/xml", "application/xml")
_PAID = "The video is paid for and stays at the provider until its link expires."

Progress = Callable[[int], Awaitable[None]]
"""Told how many bytes of the file have come, often."""


async def fetch(
    connection: Connection,
    remote: RemoteFile,
    base_url: str,
    part: PartFile,
    clock: Clock,
    progress: Progress,
    about: About,
) -> Failure | None:
    """Bring `part` to its full length and check it; return why not. The next try goes on from there.

    `base_url` is what a link that is a mere path hangs below. Raises OSError for the disk's own troubles.
    """
    if part.size and part.size == part.total:
        return await _verify(part)
    if part.size and not part.validator and part.total is None:
        await in_thread(part.restart, "", None)
    opening = connection.fetch(
        remote.url, _resume_headers(part), authorized=remote.authorized, base_url=base_url, about=about
    )
    async with opening as answer:
        if isinstance(answer, Failure):
            return answer
        if failure := await _begin(answer, part):
            return failure
        try:
            failure = await _receive(answer, part, clock, progress)
        except ProviderError as error:
            failure = error.failure
    return failure or await _verify(part)


def _resume_headers(part: PartFile) -> dict[str, str]:
    """Ask for the rest of what is here. The result of a job never changes, so that with neither ETag nor
    date its length is proof enough that it is the same file."""
    if not part.size:
        return {}
    ranges = {"Range": f"bytes={part.size}-"}
    return {**ranges, "If-Range": part.validator} if part.validator else ranges


async def _begin(answer: FileAnswer, part: PartFile) -> Failure | None:
    """Make `part` ready for what `answer` is about to bring."""
    match answer.status:
        case 200 | 206 if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            return not_a_video("the file is packed in a way that was not asked for", answer.status)
        case 200:
            if answer.headers.get("content-type", "").split(";")[0].strip().lower() in _PAGES:
                return not_a_video(await answer.beginning(), answer.status)
            length = _number(answer.headers.get("content-length"))
            await in_thread(part.restart, _validator(answer.headers), length)
        case 206 if _continues(answer, part):
            pass
        case 206 | 416:
            await in_thread(part.restart, "", None)
            return _broken("the server does not resume where the file ends; begun anew")
        case status if status in _LINK_REFUSED | _LINK_GONE:
            return link_ended(await answer.beginning(), status)
        case status:
            return _refused(await answer.beginning(), status, _number(answer.headers.get("retry-after")))
    if part.total is not None and part.total > LARGEST:
        return not_a_video(f"{part.total} bytes are too many", answer.status)
    if part.total is not None and part.total - part.size + _RESERVE > await in_thread(part.free_space):
        raise _no_room()
    return None


async def _receive(answer: FileAnswer, part: PartFile, clock: Clock, progress: Progress) -> Failure | None:
    end = LARGEST if part.total is None else part.total
    writer = _Writer(part)
    now = clock.monotonic()
    window_start, window_size, written_at = now, part.size, now
    have = part.size
    try:
        while have < end:
            count = await answer.read_into(writer.room[: end - have])
            if not count:
                break
            writer.take(count)
            have += count
            now = clock.monotonic()
            if have >= _HEAD and (stray := writer.stray_head()):
                return not_a_video(stray, answer.status)
            if have >= _HEAD and (not writer.room or now - written_at >= _PIECE_SECONDS):
                await writer.write()
                written_at = now
            await progress(have)
            if now - window_start >= _STALL_SECONDS:
                if have - window_size < _STALL_BYTES:
                    return _broken("the file comes in too slowly")
                window_start, window_size = now, have
    finally:
        # Whatever arrived before a break need not come again.
        await writer.finish()
    if part.total is None and part.size >= LARGEST:
        return not_a_video("the file does not end", answer.status)
    if part.total is not None and part.size < part.total:
        return _broken(f"cut off after {part.size} of {part.total} bytes")
    return None


class _Writer:
    """Has room for what comes in and writes it in pieces, one while the next is received."""

    def __init__(self, part: PartFile) -> None:
        self._part = part
        size = _PIECE if part.total is None else min(_PIECE, part.total - part.size)
        self._space, self._other = memoryview(bytearray(size)), memoryview(bytearray(size))
        self._filled = 0
        """Bytes of the one space, while the other is written."""
        self._writing: asyncio.Task[None] | None = None
        self._is_broken = False
        self._is_new = part.size == 0
        """Whether the first bytes of the file have not been looked at."""

    @property
    def room(self) -> memoryview:
        """Where to put what comes next; none left if it is time to write."""
        return self._space[self._filled :]

    def take(self, count: int) -> None:
        """Take what has been put at the beginning of the room."""
        self._filled += count

    def stray_head(self) -> str:
        """Return what a new file begins with that is no MP4, once; nothing of it is written then."""
        if not self._is_new:
            return ""
        self._is_new = False
        head = bytes(self._space[: min(_HEAD, self._filled)])
        if begins_as_mp4(head):
            return ""
        self._filled = 0
        return f"not an MP4 file: it begins with {head!r}"

    async def write(self) -> None:
        """Begin to write what is here, when the piece before is done. Raises OSError."""
        await self._settle()
        self._writing = asyncio.ensure_future(in_thread(self._append, self._taken()))

    async def finish(self) -> None:
        """Write the rest and return when all is written. Raises OSError."""
        await self._settle()
        await in_thread(self._append, self._taken())

    async def _settle(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            try:
                await writing
            except BaseException:
                # What follows a piece that is not surely there must not be put in its place.
                self._is_broken = True
                raise

    def _taken(self) -> memoryview:
        filled = self._space[: 0 if self._is_broken else self._filled]
        self._space, self._other, self._filled = self._other, self._space, 0
        return filled

    def _append(self, data: memoryview) -> None:
        if data and self._part.total is None and self._part.free_space() < _RESERVE:
            raise _no_room()
        self._part.write(data)


async def _verify(part: PartFile) -> Failure | None:
    problem = await in_thread(mp4_problem, part.path)
    if not problem:
        return None
    return _broken(problem) if part.total is None and "cut off" in problem else not_a_video(problem, 200)


def checks(part: PartFile) -> tuple[str, ...]:
    """Return the names of the checks that a complete file passed."""
    return ("mp4",) if part.total is None else ("length", "mp4")


def _continues(answer: FileAnswer, part: PartFile) -> bool:
    """Whether an answer brings the rest of the very file that `part` is the beginning of."""
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if not found or int(found[1]) != part.size:
        return False
    told = answer.headers.get("etag" if part.validator.startswith('"') else "last-modified")
    if part.validator and told and told != part.validator:
        return False
    if found[3] == "*" or part.total is None:
        return bool(part.validator)
    return int(found[3]) == part.total


def _validator(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("last-modified", "")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _no_room() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def link_ended(words: str, status: int) -> Failure:
    """The link leads nowhere (any more), or is refused."""
    return Failure(
        kind=FailureKind.FORBIDDEN if status in _LINK_REFUSED else FailureKind.NOT_FOUND,
        words=words,
        http_status=status,
        meaning="The link to the file has ended or is refused.",
        money="A fresh link costs nothing; nothing is generated anew.",
        next_step="Download it again; the provider is asked for a fresh link.",
    )


def not_a_video(words: str, status: int) -> Failure:
    """Something came, and it is no video."""
    return Failure(
        kind=FailureKind.PROTOCOL,
        words=words,
        http_status=status,
        meaning="What lies behind the link is not a complete video.",
        money=_PAID,
        next_step="It is tried again by itself; nothing is generated anew.",
    )


def disk_trouble(error: OSError) -> Failure:
    """The file cannot be written here."""
    words = (error.filename, error.strerror or type(error).__name__)
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=": ".join(str(word) for word in words if word),
        meaning="The file cannot be written to the download folder.",
        money=_PAID,
        next_step="Make room, make the folder writable, or choose another; it is tried again by itself.",
    )


def _broken(words: str) -> Failure:
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=words,
        meaning="The transfer broke off.",
        money=_PAID,
        next_step="It is resumed by itself.",
    )


def _refused(words: str, status: int, retry_after: int | None) -> Failure:
    kind = FailureKind.RATE_LIMIT if status == 429 else FailureKind.TRANSIENT
    return Failure(
        kind=kind if status == 429 or status >= 500 else FailureKind.PROTOCOL,
        words=words,
        http_status=status,
        meaning="The server does not give the file out just now.",
        money=_PAID,
        next_step="It is tried again by itself.",
        retry_after=retry_after,
    )
