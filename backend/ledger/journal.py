"""The ledger's one file: a snapshot, then a line for each call since. Knows bytes, not tasks.

A file has a generation. Its header says how many lines of snapshot follow, one for each document, so that
damage costs one document; calls are appended behind. A new generation is written beside the old one, synced
and renamed over it, so there is always one whole file under the name. Whoever reads notices by the inode.

Who writes must hold the lock of :mod:`backend.ledger.storage` and have read all news; reading needs no lock.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from backend.ledger.content import FORMAT, Content, Position, advance, read_content, snapshot_chunks
from backend.ledger.disk import Disk
from backend.ledger.lines import (
    ANCHOR,
    DamagedLineError,
    Gap,
    Line,
    Setting,
    change_line,
    header_line,
    read_lines,
)


class Journal:
    """Reads and writes the file. Methods raise OSError unless they say otherwise."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self.must_rewrite = False
        """Whether appending is not safe any more, until a new generation stands."""
        self.must_set_aside = False
        """Whether the file is damaged, so that a new generation must not take its only name."""
        self._disk = disk
        self._file: int | None = None
        self._at = Position()
        self._seen: tuple[int, int] | None = None
        self._aside: Path | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a file to append to."""
        return self._file is not None

    @property
    def generation(self) -> int:
        """Which generation was read or written last."""
        return self._at.generation

    @property
    def journal_bytes(self) -> int:
        """How much was appended since the snapshot."""
        return self._at.end - self._at.snapshot_end

    @property
    def snapshot_bytes(self) -> int:
        """How long the snapshot is."""
        return self._at.snapshot_end

    def load(self) -> Content | None:
        """Read all of the file; None if there is none. Raises StoreError for one of a newer reeltop."""
        try:
            descriptor = self._disk.open(self.path)
        except FileNotFoundError:
            self.must_rewrite = True
            return None
        try:
            data = self._disk.read(descriptor, 0)
            content, at = read_content(data)
        except BaseException:
            os.close(descriptor)
            raise
        self._switch(descriptor, at)
        self.must_rewrite = self.must_set_aside = content.damage > 0
        return content

    def news(self, *, salvage: bool) -> list[Setting] | None:
        """Return what others appended since; None if the file is another one now and must be loaded.

        With `salvage` (only under the lock) unreadable lines are passed over, and the file is to be set
        aside; without it they raise DamagedLineError.
        """
        try:
            now = self.path.stat()
        except FileNotFoundError:
            self.must_rewrite = True
            return []
        if self._file is None or not os.path.samestat(os.fstat(self._file), now):
            return None
        stamp = now.st_size, now.st_mtime_ns
        if stamp == self._seen and not salvage:
            return []
        at = self._at
        if now.st_size < at.end or self._disk.read(self._file, at.anchor_at, len(at.anchor)) != at.anchor:
            return None
        found = [] if now.st_size == at.end else self._read_tail(self._file, salvage)
        self._seen = stamp
        return found

    def append(self, calls: Iterable[Sequence[Setting]]) -> None:
        """Add a line for each call. On return they are on the disk; if it raises, none of them counts."""
        if self._file is None:
            raise FileNotFoundError(2, "not loaded", str(self.path))
        at = self._at
        lines = [change_line(number, call) for number, call in zip(count(at.number + 1), calls, strict=False)]
        data = b"".join(lines)
        try:
            if os.fstat(self._file).st_size > at.end:
                self._disk.truncate(self._file, at.end)  # what a killed writer left of a line
            self._disk.write(self._file, data, at.end)
        except OSError:
            self._roll_back()
            raise
        try:
            self._disk.sync(self._file)
        except OSError:
            # After a failed sync nobody knows which bytes of the file are on the disk.
            self.must_rewrite = True
            self._roll_back()
            raise
        at.number += len(lines)
        at.anchor_at, at.anchor = at.end + len(data) - len(lines[-1]), lines[-1][:ANCHOR]
        at.end += len(data)

    def rewrite(self, documents: Mapping[str, Mapping[str, bytes]]) -> Path | None:
        """Write a new generation. Returns the other name that a damaged file was given, if it was one.

        If it raises, the old file stands, or, with :attr:`generation` changed, the new one, perhaps not on
        the disk yet.
        """
        if self.must_set_aside:
            self._set_aside()
        beside = self.path.with_suffix(".new")
        descriptor = self._disk.open(beside, fresh=True)
        try:
            at = self._write_snapshot(descriptor, documents)
            self._disk.sync(descriptor)
            self._disk.replace(beside, self.path)
        except BaseException:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        self._switch(descriptor, at)
        self.must_rewrite = True
        self._disk.sync_folder(self.path.parent)
        self.must_rewrite = False
        aside, self._aside = self._aside, None
        return aside

    def keep_generation(self, kept: int) -> None:
        """Give the file a second name as a backup, ``….1``, before a new generation takes the first.

        Of older ones `kept` - 1 stay, as ``….2`` and so on. A file of doubtful state is not kept.
        """
        if self.must_rewrite or self.must_set_aside or not self.path.exists():
            return
        newest, *older = [self.backup(number) for number in range(1, kept + 1)]
        if newest.exists() and newest.samefile(self.path):
            return
        for target, source in zip(older[::-1], [newest, *older][-2::-1], strict=True):
            if source.exists():
                self._disk.replace(source, target)
        newest.unlink(missing_ok=True)
        self._disk.keep(self.path, newest)

    def backup(self, number: int) -> Path:
        """Return the name of a backup; 1 is the newest."""
        return self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _read_tail(self, descriptor: int, salvage: bool) -> list[Setting]:
        at = replace(self._at)
        settings: list[Setting] = []
        start = at.end
        for piece in read_lines(self._disk.read(descriptor, start)):
            if isinstance(piece, Gap) and piece.torn:
                break
            is_sound = isinstance(piece, Line) and piece.ended and piece.head.get("n") == at.number + 1
            if not is_sound and not salvage:
                raise DamagedLineError
            if not is_sound:
                self.must_rewrite = self.must_set_aside = True
            if isinstance(piece, Line):
                settings += piece.settings
                advance(at, piece, start)
        self._at = at
        return settings

    def _write_snapshot(self, descriptor: int, documents: Mapping[str, Mapping[str, bytes]]) -> Position:
        at = Position(generation=self.generation + 1, number=sum(map(len, documents.values())))
        header = header_line(
            ledger="reeltop", format=FORMAT, generation=at.generation, lines=at.number, tables=list(documents)
        )
        at.anchor = header[:ANCHOR]
        for chunk in snapshot_chunks(header, documents):
            self._disk.write(descriptor, chunk, at.end)
            at.end += len(chunk)
        at.snapshot_end = at.end
        return at

    def _set_aside(self) -> None:
        self.must_set_aside = False
        if self._aside is not None or not self.path.exists():
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        names = (f"{self.path.stem}.damaged-{stamp}{more}{self.path.suffix}" for more in _suffixes())
        aside = next(path for path in map(self.path.with_name, names) if not path.exists())
        try:
            self._disk.keep(self.path, aside)
        except OSError:
            self.must_set_aside = True
            raise
        self._aside = aside

    def _roll_back(self) -> None:
        try:
            if self._file is not None:
                self._disk.truncate(self._file, self._at.end)
        except OSError:
            self.must_rewrite = True

    def _switch(self, descriptor: int, at: Position) -> None:
        self.close()
        self._file, self._at, self._seen = descriptor, at, None


def _suffixes() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in count(2))
