"""Every touch of the disk that can fail, behind one object, so that a test can make each of them fail."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from backend.paths import PRIVATE_FILE, PRIVATE_FOLDER

_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)


class Disk:
    """The operating system's files. All methods raise OSError."""

    def make_folder(self, folder: Path) -> None:
        """Create `folder` durably, for the user alone; an existing one becomes so."""
        if folder.is_dir():
            if folder.stat().st_mode & 0o777 != PRIVATE_FOLDER:
                with contextlib.suppress(OSError):  # a file system without permissions
                    folder.chmod(PRIVATE_FOLDER)
            return
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.sync_folder(folder.parent)

    def open(self, path: Path, *, fresh: bool = False) -> int:
        """Return a descriptor for reading and writing; `fresh` creates or empties the file."""
        flags = os.O_RDWR | _CLOSED_ON_EXEC | (os.O_CREAT | os.O_TRUNC if fresh else 0)
        return os.open(path, flags, PRIVATE_FILE)

    def read(self, descriptor: int, offset: int, length: int | None = None) -> bytes:
        """Return `length` bytes from `offset`, or fewer at the end; without it, all until the end."""
        wanted = max(0, os.fstat(descriptor).st_size - offset) if length is None else length
        chunks = []
        while wanted and (chunk := os.pread(descriptor, wanted, offset)):
            chunks.append(chunk)
            offset += len(chunk)
            wanted -= len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`."""
        rest = memoryview(data)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest = rest[written:]
            offset += written

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Return when the file's content is on the disk itself."""
        _full_sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Return when the folder's entries are on the disk itself."""
        descriptor = os.open(folder, os.O_RDONLY | _CLOSED_ON_EXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a file system that has no such thing
                raise
        finally:
            os.close(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target`, at once."""
        source.replace(target)

    def keep(self, path: Path, name: Path) -> None:
        """Give the file at `path` a second name, or copy it where that is not possible."""
        with contextlib.suppress(OSError):
            name.hardlink_to(path)
            return
        descriptor = self.open(name, fresh=True)
        try:
            self.write(descriptor, path.read_bytes(), 0)
            self.sync(descriptor)
        finally:
            os.close(descriptor)


def _full_sync(descriptor: int) -> None:
    try:
        from fcntl import F_FULLFSYNC, fcntl  # type: ignore[attr-defined,unused-ignore]
    except ImportError:
        getattr(os, "fdatasync", os.fsync)(descriptor)
        return
    try:
        fcntl(descriptor, F_FULLFSYNC)  # macOS: fsync alone leaves data in the drive's cache
    except OSError:
        os.fsync(descriptor)  # a file system that has no such thing
