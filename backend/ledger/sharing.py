"""The locks by which several reeltops share a ledger. The kernel drops them when their holder dies."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from backend.errors import StoreError
from backend.language import _
from backend.paths import PRIVATE_FILE

_UNSUPPORTED = {
    errno.ENOLCK,
    errno.ENOSYS,
    errno.EINVAL,
    getattr(errno, "EOPNOTSUPP", errno.ENOSYS),
    getattr(errno, "ENOTSUP", errno.ENOSYS),
}
_SHORTEST_WAIT = 0.0002
_LONGEST_WAIT = 0.005


class LocksUnsupportedError(StoreError):
    """The file system, or the operating system, has no locks to share a file by."""


class FileLock:
    """An exclusive lock between processes, on a file that holds nothing. Not reentrant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._held = False

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._held

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it. Raises StoreError, LocksUnsupportedError."""
        try:
            descriptor = self._open()
            got_it = _flock(descriptor)
            if not self._is_current(descriptor):
                self._drop()  # a lock on a deleted file locks nobody out
                return False
            if not got_it:
                return False
        except OSError as error:
            self._drop()
            if error.errno in _UNSUPPORTED:
                raise LocksUnsupportedError(
                    _("{folder} is on a file system without file locks ({reason})").format(
                        folder=self._path.parent, reason=error.strerror
                    )
                ) from error
            raise StoreError(
                _("{path} cannot be locked: {reason}").format(path=self._path, reason=error.strerror or error)
            ) from error
        self._held = True
        return True

    def acquire(self, timeout: float) -> None:
        """Wait for the lock, at most `timeout` seconds. Raises StoreError."""
        end = time.monotonic() + timeout
        wait = _SHORTEST_WAIT
        while not self.try_acquire():
            if time.monotonic() >= end:
                raise StoreError(
                    _("another program has held {path} for {timeout:g} s; is it stopped or stuck?").format(
                        path=self._path, timeout=timeout
                    )
                )
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def still_counts(self) -> bool:
        """Whether the lock is held and on the file that others see: it may have been deleted."""
        return self._held and self._descriptor is not None and self._is_current(self._descriptor)

    def release(self) -> None:
        """Give the lock up, if held."""
        if self._held and self._descriptor is not None:
            self._held = False
            _unlock(self._descriptor)

    def close(self) -> None:
        """Give the lock up and close its file."""
        self._drop()

    def _open(self) -> int:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            self._descriptor = os.open(self._path, flags, PRIVATE_FILE)
        return self._descriptor

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except OSError:
            return False

    def _drop(self) -> None:
        self._held = False
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _flock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError as error:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _unlock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)
