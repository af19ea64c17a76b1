"""What was asked of whom, when, and what came of it: one entry for every request that the door lets out."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from backend.language import N_
from backend.redaction import redact

if TYPE_CHECKING:
    from backend.request_file import RequestFile

KEPT = 2_000
"""Entries that are kept in memory."""
_LONGEST = 2_000
"""Characters of an address, or of a failure's words, that are kept."""
_SECRETIVE = re.compile(
    r"([?&][^=&#]*(?:token|key|secret|sign|sig|auth|pass|credential|session)[^=&#]*=)[^&#]*", re.IGNORECASE
)
"""Parameters that by their name may be more than a name."""
_USER = re.compile(r"^([a-z]+://)[^/?#]*@", re.IGNORECASE)


class Purpose(StrEnum):
    """What a request is for; to be translated where it is shown."""

    CREATE = N_("create")
    QUERY = N_("query")
    """Of tasks by their ids."""
    LIST = N_("list")
    """Of whatever a provider has."""
    FIND = N_("find")
    """Of a create whose answer was lost."""
    CHECK = N_("check")
    """Of a credential, by a free call."""
    TOKEN = N_("token")
    UPLOAD = N_("upload")
    FILE = N_("file")
    DELETE = N_("delete")
    OTHER = N_("other")


class About(NamedTuple):
    """What a request is for, and which tasks it speaks of, said by whoever sends it."""

    purpose: Purpose = Purpose.OTHER
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. Holds no secret; a result's address is without its query, which may be a signature."""

    at: datetime
    """When it was begun, UTC."""
    number: int
    """Counts the requests of a process."""
    account: str
    """Empty for a request that needs none."""
    tasks: tuple[str, ...]
    purpose: str
    method: str
    url: str
    status: int | None
    """Of HTTP; None if there was no answer."""
    words: str
    """Why there is none, or why it is of no use."""
    ms: float
    """Until the whole answer was here; of a file, until its end."""
    sent: int
    """Bytes of the request's body."""
    received: int
    """Bytes of the answer's body, unpacked."""
    attempt: int = 1
    """2 if it was sent again with a renewed token."""

    @property
    def key(self) -> str:
        """What tells it from every other, of other processes, too."""
        return f"{self.at.isoformat()}#{self.number}"

    @property
    def went_well(self) -> bool:
        """Whether there is an answer that is no refusal by its status."""
        return self.status is not None and self.status < 400 and not self.words


class RequestLog:
    """The last entries of this process; with a `file`, all of them go there as well."""

    def __init__(self, file: RequestFile | None = None, tell: Callable[[], None] = lambda: None) -> None:
        """`tell` is called at each new entry while somebody looks."""
        self.is_watched = False
        """Whether somebody looks: nobody is told otherwise, since that costs something at each request."""
        self._file = file
        self._tell = tell
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._number = 0

    @property
    def entries(self) -> Sequence[Entry]:
        """What this process asked for, the oldest first."""
        return self._entries

    @property
    def problem(self) -> str:
        """Why the file cannot be written; empty if it can."""
        return self._file.problem if self._file is not None else ""

    def next_number(self) -> int:
        """Return the number for a new entry."""
        self._number += 1
        return self._number

    def note(self, entry: Entry) -> None:
        """Take an entry in. Never blocks, never raises."""
        self._entries.append(entry)
        if self._file is not None:
            self._file.add(entry)
        if self.is_watched:
            self._tell()


class Filter:
    """Typed words that an entry must have somewhere, each; one with a ``-`` before it must not be there.

    ``account:``, ``task:``, ``for:``, ``method:``, ``url:``, ``status:`` and ``error:`` say where.
    """

    def __init__(self, text: str) -> None:
        words = text.lower().split()
        self._wanted = [_of_field(word) for word in words if not word.startswith("-")]
        self._unwanted = [_of_field(word[1:]) for word in words if word.startswith("-") and len(word) > 1]

    def fits(self, entry: Entry) -> bool:
        """Whether the words are in it: account, task, purpose, method, address, status or failure.

        One such as ``account:kling`` must be in that alone.
        """
        if not self._wanted and not self._unwanted:
            return True
        status = "no answer" if entry.status is None else str(entry.status)
        facts = {
            "account": entry.account,
            "task": "\n".join(entry.tasks),
            "for": entry.purpose,
            "method": entry.method,
            "url": entry.url,
            "status": status,
            "error": entry.words,
        }
        texts = {name: fact.lower() for name, fact in facts.items()}
        texts[""] = "\n".join(texts.values())
        return all(word in texts[field] for field, word in self._wanted) and not any(
            word in texts[field] for field, word in self._unwanted
        )


_FIELDS = frozenset({"account", "task", "for", "method", "url", "status", "error"})


def _of_field(word: str) -> tuple[str, str]:
    """Return the field that a typed word is looked for in, "" for any, and the rest of it."""
    field, colon, rest = word.partition(":")
    return (field, rest) if colon and field in _FIELDS else ("", word)


def shown_url(url: str, secrets: Iterable[str]) -> str:
    """Return an address without secrets: of users, of parameters that sound like one, and those known."""
    url = _USER.sub(r"\1", url[: 4 * _LONGEST])
    return redact(_SECRETIVE.sub(r"\1[secret]", url), secrets)[:_LONGEST]


def shown_file_url(url: str, secrets: Iterable[str]) -> str:
    """Return the address of a file without its query, which is what makes a signed link worth stealing."""
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    return shown_url(head, secrets) + ("?…" if len(head) < len(url) else "")


def shown_words(words: str) -> str:
    """Return words in bounds."""
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
