"""Tasks to store, a disk that fails, and another reeltop in another process."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.ledger.disk import Disk
from backend.ledger.store import Change
from backend.models import Origin, Status, Task, TaskEvent

ROOT = Path(__file__).parents[3]
THEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LEDGER = "tasks.jsonl"


def make_task(task_id: str = "a", **facts: Any) -> Task:
    given = {
        "account": "kling",
        "provider": "kling",
        "operation": "kling/text2video",
        "origin": Origin(base_url="http://127.0.0.1:1", endpoint="/v1/videos/text2video"),
        "request": {"prompt": "a cat"},
        "created_at": THEN,
        "updated_at": THEN,
        "prompt": "a cat",
        **facts,
    }
    return Task(id=task_id, **given)


def to(status: Status) -> Change:
    return lambda task: replace(task, status=status)


def progress(value: float) -> Change:
    return lambda task: replace(task, progress=value)


def add_one(task: Task) -> Task:
    return replace(task, progress=(task.progress or 0.0) + 1)


def note(words: str) -> Change:
    event = TaskEvent(at=THEN, what="status", words=words)
    return lambda task: replace(task, events=(*task.events, event))


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until `condition` holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes, too
            await asyncio.sleep(0.005)


@dataclass
class BadDisk(Disk):
    """Fails in the steps named in `failing`, counts what is written."""

    failing: set[str] = field(default_factory=set)
    room: int = 0
    """Bytes that a failing write still takes."""
    written: int = 0
    syncs: int = 0

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        if "write" in self.failing:
            super().write(descriptor, data[: self.room], offset)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(descriptor, data, offset)
        self.written += len(data)

    def sync(self, descriptor: int) -> None:
        self._fail("sync")
        self.syncs += 1

    def truncate(self, descriptor: int, size: int) -> None:
        self._fail("truncate")
        super().truncate(descriptor, size)

    def replace(self, source: Path, target: Path) -> None:
        self._fail("replace")
        super().replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        self._fail("sync_folder")

    def keep(self, path: Path, name: Path) -> None:
        self._fail("keep")
        super().keep(path, name)

    def _fail(self, step: str) -> None:
        if step in self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def start_child(job: str, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a job of :mod:`tests.backend.ledger.child` in a process of its own."""
    command = [sys.executable, "-m", "tests.backend.ledger.child", job, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(child: subprocess.Popen[str]) -> str:
    """Wait for the end of a child that must succeed; return what it printed."""
    output, _ = child.communicate(timeout=300)
    assert child.returncode == 0
    return output
