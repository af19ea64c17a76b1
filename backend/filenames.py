"""Names of result files, made from the user's pattern (``downloads_name``). Pure.

Whatever stands in a task, a name stays inside the downloads folder, is short enough for every usual file
system, and means nothing to a shell (DESIGN rule 7).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from backend.language import _
from backend.models import Task
from backend.text import clean_line

ENDING = ".mp4"
DEFAULT_PATTERN = "{date}/{account}-{model}-{slug}-{id}.mp4"
_LONGEST_NAME = 200
"""Bytes of a name, so that there is room below the usual 255 for endings and numbers."""
_LONGEST_PATH = 1000
"""Bytes of a name with its folders; the usual limit is 4096 with all that lies above."""
_LONGEST_PATTERN = 300
_MOST_FOLDERS = 5
_LONGEST_PART = 40
"""Bytes of each part but the prompt."""
_LONGEST_PROMPT = 120
_NOT_IN_NAMES = re.compile(r"[^\w.]+")
_NOT_IN_PATTERNS = re.compile(r'[<>:"|?*\\]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
"""Names that are devices on systems of Microsoft, and so on their disks and shares."""

PLACEHOLDERS: Mapping[str, tuple[str, Callable[[Task], str]]] = {
    "date": ("day the task was made, 2026-09-21", lambda task: f"{task.created_at.astimezone():%Y-%m-%d}"),
    "time": ("and its time, 174512", lambda task: f"{task.created_at.astimezone():%H%M%S}"),
    "account": ("the account's name", lambda task: task.account),
    "provider": ("kling, chanjing …", lambda task: task.provider),
    "operation": ("text2video …", lambda task: task.operation),
    "model": ("the model", lambda task: task.model),
    "slug": ("the beginning of the prompt", lambda task: task.prompt),
    "id": ("the task's id", lambda task: task.id),
    "remote_id": ("the provider's id of it", lambda task: task.remote_id or ""),
}


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern for file names, already checked."""

    text: str
    segments: tuple[tuple[tuple[str, str | None], ...], ...]
    """For each folder and the file: pairs of literal text and the placeholder behind it."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check a pattern such as :data:`DEFAULT_PATTERN`. Raises ValueError that says what is wrong."""
        if not text.endswith(ENDING):
            raise ValueError(_("must end in {ending}: results are MP4 files").format(ending=ENDING))
        if len(text.encode("utf-8", "replace")) > _LONGEST_PATTERN:
            raise ValueError(_("must be no longer than {most} bytes").format(most=_LONGEST_PATTERN))
        if text.startswith(("/", "~")):
            raise ValueError(_("must not begin with / or ~: it names a file below the downloads folder"))
        if clean_line(text) != text:
            raise ValueError(_("must not hold control characters or invisible ones"))
        if text.count("/") > _MOST_FOLDERS:
            raise ValueError(_("must have no more than {most} folders").format(most=_MOST_FOLDERS))
        segments = tuple(cls._segment(part) for part in text.removesuffix(ENDING).split("/"))
        if not any(name for segment in segments for _, name in segment):
            raise ValueError(_("needs a placeholder, such as {{id}}; known: {known}").format(known=_known()))
        return cls(text, segments)

    @staticmethod
    def _segment(text: str) -> tuple[tuple[str, str | None], ...]:
        if not text.strip(". "):
            raise ValueError(
                _("must not hold a part that is empty, . or .., such as {text!r}").format(text=text)
            )
        if text.startswith("."):
            raise ValueError(_("must not make hidden files: no part may begin with a dot"))
        pieces = []
        try:
            for literal, name, spec, conversion in string.Formatter().parse(text):
                if name is not None and (name not in PLACEHOLDERS or spec or conversion):
                    shown = f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
                    raise _RefusedError(
                        _("unknown placeholder {shown}; known: {known}").format(shown=shown, known=_known())
                    )
                if found := _NOT_IN_PATTERNS.search(literal):
                    raise _RefusedError(
                        _("must not hold {found}, which some disks refuse; / parts folders").format(
                            found=found[0]
                        )
                    )
                pieces.append((literal, name))
        except _RefusedError as error:
            raise ValueError(str(error)) from None
        except ValueError:
            raise ValueError(
                _("{text!r}: a single brace; for a brace itself write it twice").format(text=text)
            ) from None
        return tuple(pieces)

    def path(self, task: Task, index: int = 0, kind: str = "video") -> PurePosixPath:
        """Return folder and name, without its ending, of a task's `index`-th file."""
        number = str(index + 1) if index and kind == "video" else ""
        tail = "".join(f"-{part}" for part in (slug(kind) if kind != "video" else "", number) if part)
        *above, last = self.segments
        room = _LONGEST_PATH // len(self.segments)
        names = [_named(segment, task, min(_LONGEST_NAME, room)) for segment in above]
        length = min(_LONGEST_NAME, room) - len(f"{tail}{ENDING}".encode())
        return PurePosixPath(*names, _named(last, task, length) + tail)


class _RefusedError(Exception):
    pass


def slug(text: str, room: int = _LONGEST_PART) -> str:
    """Return `text` as part of a file name, cut to `room` bytes at the end of a character.

    Letters of any script are kept; whatever could mean something to a shell or a path is not.
    """
    words = _NOT_IN_NAMES.sub("-", unicodedata.normalize("NFC", clean_line(text)))
    words = re.sub(r"\.{2,}", ".", words).strip("-._")
    return _cut(words, room)


def _named(segment: Iterable[tuple[str, str | None]], task: Task, room: int) -> str:
    """Return one part of the path, of at most `room` bytes."""
    pieces = list(segment)
    slugs = sum(name == "slug" for _, name in pieces)
    if slugs:
        fixed = len(_filled(pieces, task, 0).encode())
        length = min(_LONGEST_PROMPT, max(0, room - fixed - slugs) // slugs)
    name = _cut(_filled(pieces, task, length if slugs else 0), room)
    name = name or "untitled"
    return f"_{name[: room - 1]}" if _RESERVED.fullmatch(name) else name


def _filled(pieces: Iterable[tuple[str, str | None]], task: Task, room: int) -> str:
    text = ""
    for literal, name in pieces:
        text += literal
        if name is not None:
            value = PLACEHOLDERS[name][1](task)
            text += slug(value, room) if name == "slug" else slug(value)
    # What is empty leaves no gap behind.
    return re.sub(r"([-_ ])[-_ ]+", r"\1", text).strip("-._ ")


def _cut(text: str, room: int) -> str:
    return text.encode("utf-8", "ignore")[: max(room, 0)].decode("utf-8", "ignore").strip("-._ ")


def _known() -> str:
    return ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
