"""Disks that are slow, torn or lose what was not synced."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from backend.ledger.disk import Disk

_SECTOR = 512


@dataclass
class SlowDisk(Disk):
    """Takes its time for a sync and writes in pieces, so that a kill hits the middle of either."""

    seconds: float = 0.005
    pieces: int = 3

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        size = len(data) // self.pieces + 1
        for start in range(0, len(data), size):
            super().write(descriptor, data[start : start + size], offset + start)
            time.sleep(self.seconds / 10)

    def sync(self, descriptor: int) -> None:
        time.sleep(self.seconds / 2)
        super().sync(descriptor)
        time.sleep(self.seconds / 2)


class PowerLossError(BaseException):
    """The lights went out."""


@dataclass
class LossyDisk(Disk):
    """Knows what a power failure would leave: of what was not synced any sectors, any length, any name.

    It fails for good in the step with number `fatal`.
    """

    chance: Random
    fatal: int
    steps: int = 0
    _safe: dict[int, bytes] = field(default_factory=dict)
    """Synced content by inode."""
    _names: dict[Path, int] = field(default_factory=dict)
    """Inode by name, as the disk knows them."""
    _pending: dict[Path, int] = field(default_factory=dict)
    """Names since the folder was synced last."""

    def open(self, path: Path, *, fresh: bool = False) -> int:
        self._step()
        descriptor = super().open(path, fresh=fresh)
        if fresh:
            self._pending[path] = os.fstat(descriptor).st_ino
        return descriptor

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        cut = self.chance.randrange(len(data) + 1)
        super().write(descriptor, data[:cut], offset)
        self._step()
        super().write(descriptor, data[cut:], offset + cut)

    def truncate(self, descriptor: int, size: int) -> None:
        self._step()
        super().truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self._step()
        self._safe[os.fstat(descriptor).st_ino] = _content(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        super().replace(source, target)
        self._pending[target] = target.stat().st_ino

    def sync_folder(self, folder: Path) -> None:
        self._step()
        self._names |= self._pending
        self._pending.clear()

    def leave(self, path: Path, target: Path) -> None:
        """Write to `target` what the disk may have under the name `path` after the failure."""
        inode = self._names.get(path)
        if path in self._pending and (inode is None or self.chance.random() < 0.5):
            inode = self._pending[path]
        safe = self._safe.get(inode or 0, b"")
        written = path.read_bytes() if path.exists() and path.stat().st_ino == inode else safe
        length = self.chance.choice([len(safe), len(written), max(len(safe), len(written))])
        content = bytearray(safe[:length].ljust(length, b"\0"))
        for start in range(0, length, _SECTOR):
            if self.chance.random() < 0.5:
                piece = written[start : min(start + _SECTOR, length)]
                content[start : start + len(piece)] = piece
        target.write_bytes(content)

    def _step(self) -> None:
        self.steps += 1
        if self.steps >= self.fatal:
            raise PowerLossError


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
