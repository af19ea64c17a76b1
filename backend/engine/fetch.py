"""One try to bring a result file in: open, resume or begin again, write, stop where it should end."""

from __future__ import annotations

import errno
import re
from collections.abc import Awaitable, Callable, Mapping

from backend.clock import Clock
from backend.engine.mp4 import mp4_problem
from backend.engine.part import PartFile
from backend.engine.waiting import in_thread
from backend.errors import ProviderError
from backend.models import Failure, FailureKind, RemoteFile
from backend.transport import Connection
from backend.transport_answers import FileAnswer

LARGEST = 4 * 1024**3
"""Bytes of a file that is taken for a video; nothing here makes longer ones."""
_PIECE = 1024 * 1024
"""Bytes collected before they are written: what a download holds in memory."""
_LINK_ENDED = frozenset({401, 403, 404, 410})
_STALL_SECONDS = 60.0
_STALL_BYTES = 64 * 1024
"""Bytes that must come in :data:`_STALL_SECONDS`, or the connection counts as broken."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PAGES = ("text/html", "application/json", "text/xml", "application/xml")
_PAID = "The video is paid for and stays at the provider until its link expires."

Progress = Callable[[], Awaitable[None]]


async def fetch(
    connection: Connection,
    remote: RemoteFile,
    base_url: str,
    part: PartFile,
    clock: Clock,
    progress: Progress,
) -> Failure | None:
    """Bring `part` to its full length and check it; return why not. The next try goes on from there.

    `base_url` is what a link that is a mere path hangs below. Raises OSError for the disk's own troubles.
    """
    if part.size and part.size == part.total:
        return await _verify(part)
    if part.size and not part.validator and part.total is None:
        await in_thread(part.restart, "", None)
    opening = connection.fetch(
        remote.url, _resume_headers(part), authorized=remote.authorized, base_url=base_url
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
        case 200:
            if answer.headers.get("content-type", "").split(";")[0].strip().lower() in _PAGES:
                return not_a_video(await answer.beginning(), answer.status)
            if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                return not_a_video("the file is packed in a way that was not asked for", answer.status)
            length = _number(answer.headers.get("content-length"))
            await in_thread(part.restart, _validator(answer.headers), length)
        case 206 if _continues(answer, part):
            pass
        case 206 | 416:
            await in_thread(part.restart, "", None)
            return _broken("the server does not resume where the file ends; begun anew")
        case status if status in _LINK_ENDED:
            return link_ended(await answer.beginning(), status)
        case status:
            return _refused(await answer.beginning(), status, _number(answer.headers.get("retry-after")))
    if part.total is not None and part.total > LARGEST:
        return not_a_video(f"{part.total} bytes are too many", answer.status)
    if part.total is not None and part.total - part.size > await in_thread(part.free_space):
        raise OSError(errno.ENOSPC, "No space left on device")
    return None


async def _receive(answer: FileAnswer, part: PartFile, clock: Clock, progress: Progress) -> Failure | None:
    end = LARGEST if part.total is None else part.total
    piece = bytearray()
    window_start, window_size = clock.monotonic(), part.size
    try:
        async for chunk in answer.chunks():
            piece += chunk[: end - part.size - len(piece)]
            if len(piece) >= _PIECE or (now := clock.monotonic()) - window_start >= _STALL_SECONDS:
                full, piece = piece, bytearray()
                await in_thread(part.write, full)
                await progress()
                if (now := clock.monotonic()) - window_start >= _STALL_SECONDS:
                    if part.size - window_size < _STALL_BYTES:
                        return _broken("the file comes in too slowly")
                    window_start, window_size = now, part.size
            if part.size + len(piece) >= end:
                break
    finally:
        # Whatever arrived before a break need not come again.
        await in_thread(part.write, piece)
    if part.total is None and part.size >= LARGEST:
        return not_a_video("the file does not end", answer.status)
    if part.total is not None and part.size < part.total:
        return _broken(f"cut off after {part.size} of {part.total} bytes")
    return None


async def _verify(part: PartFile) -> Failure | None:
    problem = await in_thread(mp4_problem, part.path)
    if not problem:
        return None
    return _broken(problem) if part.total is None and "cut off" in problem else not_a_video(problem, 200)


def checks(part: PartFile) -> tuple[str, ...]:
    """Return the names of the checks that a complete file passed."""
    return ("mp4",) if part.total is None else ("length", "mp4")


def _continues(answer: FileAnswer, part: PartFile) -> bool:
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if not found or int(found[1]) != part.size:
        return False
    if found[3] == "*" or part.total is None:
        return bool(part.validator)
    return int(found[3]) == part.total


def _validator(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("last-modified", "")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def link_ended(words: str, status: int) -> Failure:
    """The link leads nowhere (any more)."""
    return Failure(
        kind=FailureKind.NOT_FOUND,
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
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=error.strerror or type(error).__name__,
        meaning="The file cannot be written to the download folder.",
        money=_PAID,
        next_step="Make room, or choose another folder; it is tried again by itself.",
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
