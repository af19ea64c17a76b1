"""The videos: a clip made into a job's own, and served as a file server does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import cache, lru_cache
from importlib import resources

from backend.sandbox.answers import Answer
from backend.sandbox.jobs import Film, Job
from backend.sandbox.mp4 import Wanted, remake

_SHAPES = {"16:9": "16x9", "9:16": "9x16", "1:1": "1x1"}
_TITLE_LENGTH = 250
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def load_clips() -> None:
    """Read all clips, so that no request has to. Blocks: call it in a thread."""
    for shape in _SHAPES.values():
        for size in ("720p", "1080p"):
            _clip(f"{shape}-{size}")


def video(job: Job) -> bytes:
    """Return a job's video: H.264 in MP4, as long as was asked for, with the prompt as its title."""
    wanted = Wanted(
        seconds=job.film.seconds,
        title=job.prompt[:_TITLE_LENGTH],
        comment=f"reeltop sandbox, {job.provider} {job.id}",
        made_at=job.ends,
    )
    return _remade(_clip_name(job.film), wanted)


def serve(job: Job, method: str, headers: Mapping[str, str], limit: int | None = None) -> Answer:
    """Answer GET or HEAD for a job's video: whole, a range (206), 416, or 304 (RFC 9110).

    `limit` cuts the file itself, as a broken one would be.
    """
    content = video(job)
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


def _clip_name(film: Film) -> str:
    size = "720p" if film.resolution == "720p" else "1080p"
    return f"{_SHAPES.get(film.aspect, '16x9')}-{size}"


@lru_cache(maxsize=32)
def _remade(clip: str, wanted: Wanted) -> bytes:
    return remake(_clip(clip), wanted)


@cache
def _clip(name: str) -> bytes:
    return (resources.files("backend.sandbox") / "clips" / f"{name}.mp4").read_bytes()
