"""Folders and pictures on the user's disk, so that one can be chosen for a field.

Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.files import replace_file
from backend.language import _
from backend.pictures import check_length, check_picture, dimensions, local_path
from backend.text import clean_line

SUFFIXES = (".jpg", ".jpeg", ".png")
"""What pictures that are sent along are called."""
MOST = 50_000
"""Entries of a folder that are read."""
_HEAD = 2**20
_DIGITS = re.compile(r"(\d+)")
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF": "PDF",
}
_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder or a file. Anything else that stands in a folder (a pipe, a device) is not told."""

    name: str
    is_folder: bool
    length: int = 0
    """Bytes."""
    changed: float = 0.0
    """Seconds since the epoch."""

    @property
    def is_hidden(self) -> bool:
        return self.name.startswith(".")

    @property
    def is_picture(self) -> bool:
        """Whether its name is that of a picture that can be sent."""
        return not self.is_folder and self.name.lower().endswith(SUFFIXES)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder: folders first, then files, each by name with numbers in their order."""

    folder: Path
    entries: Sequence[Entry] = ()
    problem: str = ""
    """Why it cannot be read, or not all of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is, and what speaks against sending it."""

    width: int = 0
    height: int = 0
    kind: str = ""
    """``PNG``, ``WebP``; empty if unknown."""
    length: int = 0
    problems: tuple[str, ...] = ()


def list_folder(folder: Path) -> Listing:
    """Return what is in `folder`; what is wrong with it is said, not raised."""
    entries, problem = [], ""
    try:
        with os.scandir(folder) as found:
            for each in found:
                entry = _entry(each)
                if entry is not None:
                    entries.append(entry)
                if len(entries) == MOST:
                    problem = _("only {count} entries of this folder are read").format(count=f"{MOST:,}")
                    break
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    entries.sort(key=lambda entry: (not entry.is_folder, _in_order(entry.name)))
    return Listing(folder, entries, problem)


def look(path: Path, largest: int) -> Look:
    """Return what a file is, with every reason why it would be refused; `largest` is in bytes."""
    try:
        # A pipe that somebody put there would never open otherwise.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                return Look(problems=(_("is no file"),))
            data = file.read(_HEAD)
            problems = _problems(check_length, told.st_size, largest)
            if not problems and not _is_told(data):
                data += file.read(largest)
    except (OSError, ValueError) as error:
        return Look(problems=(getattr(error, "strerror", None) or str(error),))
    width, height = dimensions(data) if _is_told(data) else (0, 0)
    return Look(width, height, kind_of(data), told.st_size, (*problems, *_problems(check_picture, data)))


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes, as people call it; empty if that is not known."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "MP4")
    return next((kind for mark, kind in _KINDS.items() if head.startswith(mark)), "")


def text_of(path: Path) -> str:
    """Return what a field takes for `path`: as a person would type it, or as a ``file:`` address if the name
    holds what a line of text cannot."""
    from backend.providers.values import is_local_path

    text = from_home(path)
    is_plain = clean_line(text) == text == text.strip() and is_local_path(text)
    return text if is_plain and local_path(text) == path else path.as_uri()


def from_home(path: Path) -> str:
    """Return a path with ``~`` for the user's own folder."""
    text, home = str(path), os.path.expanduser("~")  # noqa: PTH111  Path.home() raises where there is none
    inside = f"{text}/".startswith(f"{home}/") and len(home) > 1 and home.startswith("/")
    return f"~{text[len(home) :]}" if inside else text


class PictureFiles:
    """Where pictures were chosen last, kept in a file of ours."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept

    def last_folder(self) -> Path | None:
        """Return the folder that a picture was chosen from last, if it is still there."""
        try:
            folder = Path(os.fsdecode(self._kept.read_bytes()))
            return folder if folder.is_absolute() and folder.is_dir() else None
        except (OSError, ValueError):
            return None

    def remember(self, folder: Path) -> None:
        """Keep the folder for the next time. Raises OSError."""
        replace_file(self._kept, os.fsencode(folder))


def _entry(found: os.DirEntry[str]) -> Entry | None:
    try:
        told = found.stat()
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(told.st_mode):
        return Entry(found.name, True, changed=told.st_mtime)
    if stat.S_ISREG(told.st_mode):
        return Entry(found.name, False, told.st_size, told.st_mtime)
    return None


def _in_order(name: str) -> list[tuple[int, str]]:
    """Return a key by which ``shot 9`` comes before ``shot 10``."""
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts)]


def _is_told(data: bytes) -> bool:
    return not _problems(dimensions, data)


def _problems(check: Callable[..., object], *values: object) -> tuple[str, ...]:
    try:
        check(*values)
    except ValueError as error:
        return (str(error),)
    return ()
