"""A file that is still coming in: what of it is here, and what proves that the rest belongs to it."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from backend.filenames import slug
from backend.paths import PRIVATE_FILE, make_private_folder

FOLDER = ".partial"
"""Where files lie until they are whole: inside the downloads folder, so that they need not be copied."""
_RESERVE = 64 * 1024**2
"""Bytes of a disk that are left free: the ledger lives there, too."""
_MOST_OTHERS = 1000
"""Downloads that may end just while one begins; a folder that is still not to be had is no folder."""
_NAME = re.compile(r"[\w.-]+-\d+\.part")


def part_name(task_id: str, index: int) -> str:
    """Return the name of the partial file of a task's `index`-th result."""
    name = slug(task_id)
    if name != task_id:  # an id from elsewhere
        name = f"{name}-{hashlib.sha256(task_id.encode('utf-8', 'replace')).hexdigest()[:16]}"
    return f"{name}-{index + 1}.part"


class PartFile:
    """``.partial/<task>-<number>.part``, locked by whoever writes it, and beside it a note of where it
    comes from.

    Every method blocks and may raise OSError; :meth:`open` raises BlockingIOError while another has it.
    """

    def __init__(self, folder: Path, task_id: str, index: int) -> None:
        """Name the file of a task's `index`-th result below the downloads `folder`."""
        self.path = folder / FOLDER / part_name(task_id, index)
        self._downloads = folder
        self.size = 0
        """Bytes here."""
        self.total: int | None = None
        """Bytes of the whole, where the server says so."""
        self.validator = ""
        """The server's word for this version of the file: a strong ETag or a date; empty if none."""
        self._note = _note_of(self.path)
        self._descriptor = -1

    def open(self) -> None:
        """Lock the file, made anew or as an earlier try left it."""
        make_private_folder(self._downloads)
        while True:
            descriptor = _opened(self.path)
            try:
                _lock(descriptor)
                # The one before may have finished and removed the file between our two steps.
                if self.path.exists() and self.path.stat().st_ino == os.fstat(descriptor).st_ino:
                    break
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._read_note()
        if not self.validator or (self.total is not None and self.size > self.total):
            self.restart("", None)

    def restart(self, validator: str, total: int | None) -> None:
        """Throw away what is here and begin a file of `total` bytes."""
        os.ftruncate(self._descriptor, 0)
        self.size, self.validator, self.total = 0, validator, total
        self._note.unlink(missing_ok=True)
        if validator:
            note = json.dumps({"validator": validator, "total": total, "boot": _boot()})
            descriptor = os.open(self._note, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(note)

    def write(self, data: bytes | memoryview) -> None:
        """Append."""
        left = memoryview(data)
        while left:
            written = os.pwrite(self._descriptor, left, self.size)
            self.size += written
            left = left[written:]

    def sync(self) -> None:
        """Return when all of it is on the medium."""
        os.fsync(self._descriptor)

    def free_space(self) -> int:
        """Return the bytes that still fit on the disk; plenty where the file system does not say."""
        status = os.fstatvfs(self._descriptor)
        return status.f_bavail * status.f_frsize if status.f_blocks else sys.maxsize

    def require_room(self, size: int) -> None:
        """Raise OSError if the disk has no room for `size` more bytes."""
        if self.free_space() < size + _RESERVE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def discard(self) -> None:
        """Remove the file; what was published under another name stays."""
        _remove(self.path)

    def close(self) -> None:
        """Give up the lock. Does nothing if it was never had."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _read_note(self) -> None:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            # What was not synced before the machine went down need not be what its length says.
            same_boot = note["boot"] == _boot()
            self.validator, total = str(note["validator"]) if same_boot else "", note["total"]
            self.total = total if isinstance(total, int) else None
        except (OSError, ValueError, KeyError, TypeError):
            self.validator, self.total = "", None


def part_files(folder: Path) -> list[Path]:
    """Return all partial files below the downloads `folder`: what is named like one. Blocks."""
    try:
        found = list((folder / FOLDER).iterdir())
    except OSError:
        return []
    return sorted(path for path in found if _NAME.fullmatch(path.name) and not path.is_symlink())


def drop(path: Path) -> bool:
    """Remove a partial file unless somebody is writing it; return whether it is gone. Blocks."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        _lock(descriptor)
        _remove(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _remove(path: Path) -> None:
    _note_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        path.parent.rmdir()


def _opened(path: Path) -> int:
    """Open a file, whose folder another download may take away empty in the same moment."""
    for _ in range(_MOST_OTHERS):
        with suppress(FileNotFoundError, FileExistsError):
            return _open(path)
    return _open(path)


def _open(path: Path) -> int:
    make_private_folder(path.parent)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        pass  # a file system without locks: there is no more to be had


def _boot() -> str:
    """Return what tells this run of the machine from earlier ones, where the system says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
