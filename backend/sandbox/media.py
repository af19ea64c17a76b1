"""The videos: each job's own, made when it is first asked for, and served as a file server does."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from backend.sandbox.answers import Answer
from backend.sandbox.h264 import Size, parameters
from backend.sandbox.jobs import Film, Job
from backend.sandbox.mp4 import Movie, write
from backend.sandbox.scene import FPS
from backend.sandbox.scene import film as picture_film

_SHORT_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}
_TITLE_LENGTH = 250
_PROMPT_LENGTH = 1000
_LONGEST_SECONDS = 60.0
_STEEPEST = 4
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def video(job: Job) -> bytes:
    """Return a job's video: H.264 in MP4, as long as was asked for, that shows account, id and prompt.

    It takes a few milliseconds the first time: call it in a thread.
    """
    film = job.film
    return _made(job.id, job.account, job.provider, job.number, job.prompt, film, job.ends)


@lru_cache(maxsize=32)
def _made(
    id: str, account: str, provider: str, number: int, prompt: str, film: Film, made_at: float
) -> bytes:
    size = size_of(film)
    seconds = min(max(film.seconds, 1 / FPS), _LONGEST_SECONDS)
    heading = f"{account} #{number}"
    hue = zlib.crc32(id.encode("utf-8", "replace"))
    words = prompt[:_PROMPT_LENGTH].strip() or "no prompt"
    return write(
        Movie(
            width=size.width,
            height=size.height,
            seconds=seconds,
            title=prompt[:_TITLE_LENGTH],
            comment=f"reeltop sandbox, {provider} {id}",
            made_at=made_at,
            parameters=parameters(size),
            samples=picture_film(size, seconds, heading, words, hue),
        )
    )


def size_of(film: Film) -> Size:
    """Return the pixels of a film: its resolution is the shorter side, its aspect any two numbers."""
    short = _SHORT_SIDES.get(film.resolution, 720)
    width, _, height = film.aspect.partition(":")
    try:
        ratio = float(width) / float(height)
    except (ValueError, ZeroDivisionError):
        ratio = 16 / 9
    if not 1 / _STEEPEST <= ratio <= _STEEPEST:  # also if it is no number
        ratio = 16 / 9
    long = round(short * max(ratio, 1 / ratio) / 2) * 2
    return Size(long, short) if ratio >= 1 else Size(short, long)


_ANOTHER_BOX = b"\0\0\0\x10freemoreinit"


def serve(
    job: Job, method: str, headers: Mapping[str, str], limit: int | None = None, *, is_new: bool = False
) -> Answer:
    """Answer GET or HEAD for a job's video: whole, a range (206), 416, or 304 (RFC 9110).

    `limit` cuts the file itself, as a broken one would be; one that `is_new` has a box more than before.
    """
    content = video(job) + (_ANOTHER_BOX if is_new else b"")
    content = content if limit is None else content[:limit]
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    modified = formatdate(job.ends, usegmt=True)
    about = {"etag": etag, "last-modified": modified, "accept-ranges": "bytes", "content-type": "video/mp4"}
    if etag in headers.get("if-none-match", ""):
        return Answer(status=304, headers={"etag": etag, "last-modified": modified})
    asked = _RANGE.fullmatch(headers.get("range", "").strip())
    if method != "GET" or asked is None or not _is_current(headers.get("if-range"), etag, job.ends):
        return Answer(content=content, headers=about)
    start, end = _span(asked, len(content))
    if start >= len(content) or end < start:
        return Answer(status=416, content=b"", headers={**about, "content-range": f"bytes */{len(content)}"})
    span = f"bytes {start}-{end}/{len(content)}"
    return Answer(status=206, content=content[start : end + 1], headers={**about, "content-range": span})


def _span(asked: re.Match[str], length: int) -> tuple[int, int]:
    """Return the first and the last byte of a range; past the end or reversed if there is none."""
    first, last = asked[1], asked[2]
    if not first:  # the last so many bytes
        return (max(0, length - int(last)), length - 1) if last and int(last) else (length, 0)
    return int(first), min(int(last), length - 1) if last else length - 1


def _is_current(condition: str | None, etag: str, modified: float) -> bool:
    """Whether an If-Range header still holds."""
    if condition is None or condition == etag:
        return True
    try:
        return parsedate_to_datetime(condition).timestamp() == int(modified)
    except ValueError:
        return False
