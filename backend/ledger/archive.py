"""Finished tasks that were put away: a second file that only grows, beside the ledger's.

A line is one task, with a summary in front by which it can be listed and filtered unread. A task is on the
disk here before it is taken out of the ledger, so a crash in between leaves it in both, and the ledger's
counts. Nothing of this file is held in memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.ledger.disk import Disk
from backend.ledger.lines import Gap, archive_line, read_lines
from backend.models import Status, Task
from backend.records import decode

ARCHIVE_NAME = "archive.jsonl"


@dataclass(frozen=True, slots=True)
class Archived:
    """A task in the archive: what lists need, and its record."""

    id: str
    status: Status
    account: str
    created_at: datetime
    record: bytes

    def task(self) -> Task:
        """Return the whole task. Raises ValueError for one that this version cannot read."""
        return decode(self.record)


class Archive:
    """The file. Methods raise OSError."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self._path = path
        self._disk = disk or Disk()

    def append(self, tasks: Iterable[tuple[Task, bytes]]) -> None:
        """Add tasks with their records; on return they are on the disk. To be called under the lock."""
        data = b"".join(
            archive_line(
                task.id,
                record,
                status=task.status,
                account=task.account,
                created_at=task.created_at.isoformat(),
            )
            for task, record in tasks
        )
        is_new = not self._path.exists()
        descriptor = self._disk.open(self._path, fresh=is_new)
        try:
            end = _sound_end(self._disk.read(descriptor, 0))
            self._disk.truncate(descriptor, end)  # what a killed writer left of a line
            self._disk.write(descriptor, data, end)
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            self._disk.sync_folder(self._path.parent)

    def read(self) -> tuple[list[Archived], int]:
        """Return the tasks, oldest first, each as it was put away last; and how many places are damaged."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return [], 0
        damage = 0
        found: dict[str, Archived] = {}
        for entry in _entries(data):
            if entry is None:
                damage += 1
            else:
                found.pop(entry.id, None)
                found[entry.id] = entry
        return sorted(found.values(), key=lambda entry: entry.created_at), damage


def _entries(data: bytes) -> Iterator[Archived | None]:
    """Yield what the lines say; None for one that cannot be read."""
    for piece in read_lines(data):
        if isinstance(piece, Gap):
            if not piece.torn:
                yield None
            continue
        try:
            ((_, task_id, record),) = piece.settings
            created_at = datetime.fromisoformat(piece.head["created_at"])
            status = Status(piece.head["status"])
            yield Archived(task_id, status, piece.head["account"], created_at, record or b"")
        except (KeyError, ValueError, TypeError):
            yield None


def _sound_end(data: bytes) -> int:
    """Return where the last whole line ends."""
    end = len(data)
    for piece in read_lines(data):
        if isinstance(piece, Gap) and piece.torn:
            end = piece.start
    return end
