"""One try to bring a result file in: open, resume or begin again, write, stop where it should end."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.clock import Clock
from backend.engine.fetch_failures import (
    LINK_GONE,
    LINK_REFUSED,
    broken,
    link_ended,
    not_a_video,
    refused,
)
from backend.engine.mp4 import mp4_problem
from backend.engine.part import PartFile
from backend.engine.receive import Progress, receive
from backend.engine.waiting import in_thread
from backend.errors import ProviderError
from backend.language import recorded
from backend.models import Failure, RemoteFile
from backend.request_log import About
from backend.transport import Connection
from backend.transport_answers import FileAnswer

LARGEST = 4 * 1024**3
"""Bytes of a file that is taken for a video; nothing here makes longer ones."""
LARGEST_UNTOLD = 1024**3
"""The same where the server does not tell how long it is."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PAGES = ("text/html", "application/json", "text/xml", "application/xml")


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
            end = LARGEST_UNTOLD if part.total is None else part.total
            failure = await receive(answer, part, end, clock, progress)
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
            return not_a_video(recorded("the file is packed in a way that was not asked for"), answer.status)
        case 200:
            if answer.headers.get("content-type", "").split(";")[0].strip().lower() in _PAGES:
                return not_a_video(await answer.beginning(), answer.status)
            length = _number(answer.headers.get("content-length"))
            await in_thread(part.restart, _validator(answer.headers), length)
        case 206 if _continues(answer, part):
            pass
        case 206 | 416:
            await in_thread(part.restart, "", None)
            return broken(recorded("the server does not resume where the file ends; begun anew"))
        case status if status in LINK_REFUSED | LINK_GONE:
            return link_ended(await answer.beginning(), status)
        case status:
            return refused(await answer.beginning(), status, _number(answer.headers.get("retry-after")))
    if part.total is not None and part.total > LARGEST:
        return not_a_video(recorded("{bytes} bytes are too many").format(bytes=part.total), answer.status)
    if part.total is not None:
        await in_thread(part.require_room, part.total - part.size)
    return None


async def _verify(part: PartFile) -> Failure | None:
    problem = await in_thread(mp4_problem, part.path)
    if not problem:
        return None
    return broken(problem) if part.total is None and "cut off" in problem else not_a_video(problem, 200)


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
