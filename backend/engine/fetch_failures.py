"""Why a file is not here: what it means, what it costs, what to do next."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from backend.language import N_, recorded
from backend.models import Failure, FailureKind
from backend.transport_failures import PAID

LINK_REFUSED = frozenset({401, 403})
LINK_GONE = frozenset({404, 410})
REFUSED_TOO = N_("The link to the file has ended or is refused, and so is the fresh one from the provider.")
NOT_NAMED = N_("The link to the file has ended, and the provider, asked again, names no such file any more.")
NOT_ASKED = N_("The link to the file has ended, and the provider could not be asked for a fresh one.")
"""What came of asking for a fresh link."""
ENDLESS = recorded("the file does not end")
_XML = re.compile(r"<Code>([^<]+)</Code>.*?<Message>([^<]*)</Message>", re.DOTALL)
_TITLE = re.compile(r"<title>\s*([^<]+?)\s*</title>", re.IGNORECASE)


def link_ended(words: str, status: int) -> Failure:
    """The link leads nowhere (any more), or is refused."""
    code, words = _told(words)
    return Failure(
        kind=FailureKind.FORBIDDEN if status in LINK_REFUSED else FailureKind.NOT_FOUND,
        code=code,
        words=words,
        http_status=status,
        meaning=N_("The link to the file has ended or is refused."),
        money=N_("A fresh link costs nothing; nothing is generated anew."),
        next_step=N_("Download it again; the provider is asked for a fresh link."),
    )


def still_ended(failure: Failure, outcome: str) -> Failure:
    """The same after the provider was asked for a fresh link; `outcome` is what came of that."""
    if failure.kind is FailureKind.FORBIDDEN:
        next_step = N_("It is tried again by itself for a while, each time with a fresh link; you can, too.")
    else:
        next_step = N_("Download it again later: each time the provider is asked for a fresh link.")
    return replace(failure, meaning=outcome, next_step=next_step)


def given_up(failure: Failure) -> Failure:
    """The same after the last try that is made by itself."""
    next_step = N_("It is no longer tried by itself. Put right what can be, then download it again.")
    return replace(failure, next_step=next_step)


def endless() -> Failure:
    """Whatever it is, a video ends. To try that again and again would cost a lot for nothing."""
    return Failure(
        kind=FailureKind.INVALID,
        words=ENDLESS,
        http_status=200,
        meaning=N_("What lies behind the link is not a complete video."),
        money=PAID,
        next_step=N_("Download it again later; nothing is generated anew."),
    )


def not_a_video(words: str, status: int) -> Failure:
    """Something came, and it is no video."""
    code, words = _told(words)
    return Failure(
        kind=FailureKind.PROTOCOL,
        code=code,
        words=words,
        http_status=status,
        meaning=N_("What lies behind the link is not a complete video."),
        money=PAID,
        next_step=N_("It is tried again by itself; nothing is generated anew."),
    )


def disk_trouble(error: OSError) -> Failure:
    """The file cannot be written here."""
    words = (error.filename, error.strerror or type(error).__name__)
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=": ".join(str(word) for word in words if word),
        meaning=N_("The file cannot be written to the download folder."),
        money=PAID,
        next_step=N_("Make room, make the folder writable, or choose another; it is tried again by itself."),
    )


def broken(words: str) -> Failure:
    """Not all of the file has come."""
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=words,
        meaning=N_("The transfer broke off."),
        money=PAID,
        next_step=N_("It is resumed by itself."),
    )


def refused(words: str, status: int, retry_after: int | None) -> Failure:
    """The server answers with something other than the file."""
    kind = FailureKind.RATE_LIMIT if status == 429 else FailureKind.TRANSIENT
    code, words = _told(words)
    return Failure(
        kind=kind if status == 429 or status >= 500 else FailureKind.PROTOCOL,
        code=code,
        words=words,
        http_status=status,
        meaning=N_("The server does not give the file out just now."),
        money=PAID,
        next_step=N_("It is tried again by itself."),
        retry_after=retry_after,
    )


def _told(answer: str) -> tuple[str | None, str]:
    """Return code and words of what came in place of a file: a store's XML, an API's JSON, a page."""
    if found := _XML.search(answer):
        return found[1], found[2]
    if answer.startswith("{"):
        try:
            told = json.loads(answer)
            told = told["error"] if isinstance(told.get("error"), dict) else told
            code, words = told.get("code"), told["message"]
        except (ValueError, LookupError, TypeError, AttributeError):
            return None, answer
        return None if code is None else str(code), str(words)
    if answer.lstrip().startswith("<") and (found := _TITLE.search(answer)):
        return None, recorded("a web page: {title}").format(title=found[1])
    return None, answer
