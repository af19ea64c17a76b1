"""Places of result files: never over another file, never half a file under its name (DESIGN rule 7)."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from backend.filenames import ENDING
from backend.language import recorded
from backend.paths import PRIVATE_FILE, make_private_folder

_MOST_COPIES = 1000
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS})
_NO_RANGES = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})
_COPY_PIECE = 64 * 1024**2


def publish(part: Path, folder: Path, name: PurePosixPath) -> Path:
    """Give a complete, synced file its final name below `folder` and return it; `part` stays.

    If a file of that name exists, the name gets ``-2`` and so on, unless it is this very file. Blocks;
    raises OSError.
    """
    for path in _candidates(_made(folder, name), name.name):
        try:
            os.link(part, path)
        except FileExistsError:
            if path.exists() and path.samefile(part):
                return path
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return copy(part, path.parent, name.name)
        _sync_folder(path.parent)
        return path
    raise _too_many(folder / name)


def copy(source: Path, folder: Path, stem: str) -> Path:
    """Put a copy of a complete file into `folder` and return its path.

    It shares no byte with the source that a change of either would change in the other; file systems
    that can, share what stays the same. If a file of that name exists, the name gets ``-2`` and so on,
    unless it holds the same bytes. Blocks; raises OSError.
    """
    make_private_folder(folder)
    for path in _candidates(folder, stem):
        if not os.path.lexists(path):
            break
        if path.is_file() and _is_same(source, path):
            return path
    else:
        raise _too_many(folder / stem)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target, source.open("rb") as whole:
            _copy_bytes(whole.fileno(), target.fileno())
            target.flush()
            os.fsync(target.fileno())
        placed = _place(temporary, folder, stem)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(folder)
    return placed


def _made(folder: Path, name: PurePosixPath) -> Path:
    """Make the folders above `name` and return the last one."""
    for above in (folder, *(folder / each for each in reversed(name.parents[:-1]))):
        make_private_folder(above)
    return folder / name.parent


def _place(temporary: Path, folder: Path, stem: str) -> Path:
    for path in _candidates(folder, stem):
        try:
            os.link(temporary, path)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # Without links a name is taken first, empty, and then filled at one stroke.
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
            except FileExistsError:
                continue
            try:
                temporary.replace(path)
            except OSError:
                path.unlink(missing_ok=True)
                raise
        return path
    raise _too_many(folder / stem)


def _copy_bytes(source: int, target: int) -> None:
    """Copy inside the kernel, where it may share the blocks; else byte by byte."""
    try:
        while os.copy_file_range(source, target, _COPY_PIECE):
            pass
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_RANGES:
            raise
        # Where the kernel stopped, both files stand at the same place.
        with os.fdopen(os.dup(source), "rb") as rest, os.fdopen(os.dup(target), "wb") as end:
            shutil.copyfileobj(rest, end)


def _is_same(one: Path, other: Path) -> bool:
    """Whether `other` is where `one` lies, or a file of its own with the same bytes."""
    with suppress(OSError):
        if one.samefile(other):
            return one.resolve() == other.resolve()
        return one.stat().st_size == other.stat().st_size and filecmp.cmp(one, other, shallow=False)
    return False


def _candidates(folder: Path, stem: str) -> Iterator[Path]:
    yield folder / f"{stem}{ENDING}"
    for number in range(2, _MOST_COPIES):
        yield folder / f"{stem}-{number}{ENDING}"


def _too_many(path: Path) -> OSError:
    return FileExistsError(errno.EEXIST, recorded("too many files of that name"), str(path))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
