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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from backend.errors import StoreError
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

FORMAT = 1
"""Of the lines, not of what the documents say."""
Documents = dict[str, dict[str, bytes]]
"""JSON text of each document, by table and id."""

_CHUNK = 256
"""Lines of a snapshot written at a time: a few ms of work between two chances for other threads."""


@dataclass(slots=True)
class Content:
    """What a file says."""

    documents: Documents = field(default_factory=dict)
    damage: int = 0
    """Places that could not be read."""


@dataclass(slots=True)
class _Position:
    """How far a file has been read, and how to tell that it is still the same one."""

    generation: int = 0
    number: int = 0
    """Of the last line."""
    end: int = 0
    """Bytes."""
    snapshot_end: int = 0
    anchor_at: int = 0
    anchor: bytes = b""


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
        self._at = _Position()
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
            content, at = _read(data)
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
                _advance(at, piece, start)
        self._at = at
        return settings

    def _write_snapshot(self, descriptor: int, documents: Mapping[str, Mapping[str, bytes]]) -> _Position:
        at = _Position(generation=self.generation + 1, number=sum(map(len, documents.values())))
        header = header_line(
            ledger="reeltop", format=FORMAT, generation=at.generation, lines=at.number, tables=list(documents)
        )
        at.anchor = header[:ANCHOR]
        for chunk in _chunks(header, documents):
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

    def _switch(self, descriptor: int, at: _Position) -> None:
        self.close()
        self._file, self._at, self._seen = descriptor, at, None


def put(documents: Documents, table: str, document: str, text: bytes | None) -> bytes | None:
    """Set or remove one document; return what stood there before."""
    rows = documents.setdefault(table, {})
    before = rows.get(document)
    if text is not None:
        rows[document] = text
    elif before is not None:
        del rows[document]
    return before


def _read(data: bytes) -> tuple[Content, _Position]:
    content, at = Content(), _Position()
    of_snapshot = 0
    expected: int | None = None
    for piece in read_lines(data):
        if isinstance(piece, Gap):
            content.damage += not piece.torn
            expected = None
            continue
        if piece.start == 0 and piece.head.get("ledger") == "reeltop":
            _check_format(piece)
            at.generation, of_snapshot = piece.head["generation"], piece.head["lines"]
            content.documents.update((table, {}) for table in piece.head["tables"])
        elif expected is not None and piece.head.get("n") != expected:
            content.damage += 1
        content.damage += not piece.ended
        for table, document, text in piece.settings:
            put(content.documents, table, document, text)
        _advance(at, piece, 0)
        if at.number <= of_snapshot:
            at.snapshot_end = at.end
        expected = at.number + 1
    if not at.generation or at.number < of_snapshot:
        content.damage += 1
    return content, at


def _advance(at: _Position, line: Line, offset: int) -> None:
    at.number = line.head.get("n", at.number)
    at.end = offset + line.stop + 1
    at.anchor_at, at.anchor = offset + line.start, line.anchor


def _check_format(header: Line) -> None:
    if header.head.get("format") != FORMAT:
        raise StoreError("the ledger was written by a newer version of reeltop; it was left as it is")


def _chunks(header: bytes, documents: Mapping[str, Mapping[str, bytes]]) -> Iterator[bytes]:
    lines = [header]
    settings = ((table, *row) for table, rows in documents.items() for row in rows.items())
    for number, setting in enumerate(settings, 1):
        lines.append(change_line(number, [setting]))
        if len(lines) >= _CHUNK:
            yield b"".join(lines)
            lines.clear()
    yield b"".join(lines)


def _suffixes() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in count(2))
