"""Names and places of result files: never outside the folder, never over another file (DESIGN rule 7)."""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from backend.models import Task
from backend.paths import PRIVATE_FILE, make_private_folder
from backend.text import clean_line

_LONGEST_NAME = 200
"""Bytes of a name, so that there is room below the usual 255 for the endings of partial files."""
_LONGEST_PART = 40
"""Bytes of account, model and id each."""
_LONGEST_PROMPT = 120
_NOT_IN_NAMES = re.compile(r"[^\w.]+")
_MOST_COPIES = 1000


def file_stem(task: Task, index: int, kind: str) -> str:
    """Return the name without ending for one of a task's files: ``date-account-model-prompt-id``.

    Letters of any script are kept; whatever could mean something to a shell or a path is not.
    """
    number = str(index + 1) if index and kind == "video" else ""
    head = _join(f"{task.created_at:%Y%m%d}", _slug(task.account), _slug(task.model))
    tail = _join(_slug(task.id), "" if kind == "video" else _slug(kind), number)
    room = _LONGEST_NAME - len(f"{head}--{tail}.mp4".encode())
    return _join(head, _slug(task.prompt, min(room, _LONGEST_PROMPT)), tail)


def publish(part: Path, folder: Path, stem: str, ending: str = ".mp4") -> Path:
    """Give a complete, synced file its final name and return it; `part` stays. Blocks; raises OSError.

    If a file of that name exists, the name gets ``-2`` and so on, unless it is this very file.
    """
    make_private_folder(folder)
    for path in _candidates(folder, stem, ending):
        try:
            os.link(part, path)
        except FileExistsError:
            if path.exists() and path.samefile(part):
                return path
            continue
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS):
                raise
            if not _copy_new(part, path):
                continue
        _sync_folder(folder)
        return path
    raise FileExistsError(errno.EEXIST, "too many files of that name", str(folder / stem))


def _candidates(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    yield folder / f"{stem}{ending}"
    for number in range(2, _MOST_COPIES):
        yield folder / f"{stem}-{number}{ending}"


def _copy_new(part: Path, path: Path) -> bool:
    """Copy to a file that must not exist yet, for file systems without hard links."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    except FileExistsError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as target, part.open("rb") as source:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _join(*parts: str) -> str:
    return "-".join(part for part in parts if part)


def _slug(text: str, room: int = _LONGEST_PART) -> str:
    """Return `text` as part of a file name, cut to `room` bytes at the end of a character."""
    words = _NOT_IN_NAMES.sub("-", unicodedata.normalize("NFC", clean_line(text)))
    words = re.sub(r"\.{2,}", ".", words).strip("-._")
    return words.encode("utf-8", "ignore")[: max(room, 0)].decode("utf-8", "ignore").strip("-._")
