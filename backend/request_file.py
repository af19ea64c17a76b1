"""``requests.jsonl``: the request log on disk, an object a line, in a few files of bounded size.

Every process that sends appends its own entries; a lock keeps two from turning the files over at once. What
cannot be written is lost to the file and never to the request.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.language import _
from backend.paths import PRIVATE_FILE
from backend.request_log import KEPT, Entry

LARGEST = 5 * 1024 * 1024
"""Bytes after which a new file is begun."""
FILES = 3
"""Files that are kept: ``requests.jsonl``, ``requests.jsonl.1`` and ``.2``, the oldest."""
_PAUSE = 1.0
"""Seconds between two writes."""
_LOCK_TRIES, _LOCK_SECONDS = 20, 0.05
_MOST_PENDING = 20_000
"""Entries that wait for a disk that stands still."""


class RequestFile:
    """Writes entries down, in a thread, at most once a second."""

    def __init__(self, path: Path, *, largest: int = LARGEST, pause: float = _PAUSE) -> None:
        self.problem = ""
        """Why the last write did not succeed."""
        self._path = path
        self._largest = largest
        self._pause = pause
        self._pending: deque[Entry] = deque(maxlen=_MOST_PENDING)
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def add(self, entry: Entry) -> None:
        """Have an entry written soon. Call it on the event loop."""
        self._pending.append(entry)
        if self._writing is None and not self._closing.is_set():
            self._writing = asyncio.ensure_future(self._write_soon())

    async def close(self) -> None:
        """Write what is left."""
        self._closing.set()
        if self._writing is not None:
            await self._writing
        await self._flush()

    async def _write_soon(self) -> None:
        while self._pending and not self._closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._closing.wait()
            await self._flush()
        self._writing = None

    async def _flush(self) -> None:
        entries = [*self._pending]
        self._pending.clear()
        if not entries:
            return
        try:
            await asyncio.to_thread(append, self._path, entries, self._largest)
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror or _('cannot be written')}"
        else:
            self.problem = ""


def append(path: Path, entries: Iterable[Entry], largest: int = LARGEST) -> None:
    """Write entries at the end of the log at `path`, beginning a new file if it has grown. Raises OSError."""
    data = "".join(f"{json.dumps(to_json(entry))}\n" for entry in entries).encode()
    lock = _open(path.with_name(f"{path.name}.lock"))
    try:
        _wait_for(lock)
        with suppress(FileNotFoundError):
            if (size := path.stat().st_size) and size + len(data) > largest:
                for number in range(FILES - 1, 0, -1):
                    with suppress(FileNotFoundError):
                        _numbered(path, number - 1).replace(_numbered(path, number))
        file = _open(path)
        try:
            _write(file, data)
        finally:
            os.close(file)
    finally:
        os.close(lock)


def read(path: Path) -> Iterator[Entry]:
    """Yield all entries, the oldest first, but for what is damaged. Raises OSError but for missing files."""
    for number in range(FILES - 1, -1, -1):
        with suppress(FileNotFoundError), _numbered(path, number).open("rb") as lines:
            for line in lines:
                if (entry := _decode(line)) is not None:
                    yield entry


def tail(path: Path, most: int = KEPT) -> list[Entry]:
    """Return the last entries, the oldest first. Raises OSError but for missing files."""
    found: list[Entry] = []
    for number in range(FILES):
        try:
            lines = _numbered(path, number).read_bytes().splitlines()[-(most - len(found)) :]
        except FileNotFoundError:
            break
        found = [entry for line in lines if (entry := _decode(line)) is not None] + found
        if len(found) >= most:
            break
    return found


class Follower:
    """Reads what is added to a log from now on, through changes of files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._mark()
        self._at = self._file[1]
        self._rest = b""

    def new(self) -> list[Entry]:
        """Return what was added since the last call. Raises OSError."""
        which, size = self._mark()
        data = b""
        if which != self._file[0]:
            # What the old file got before it was put aside.
            with suppress(OSError), _numbered(self._path, 1).open("rb") as old:
                if os.fstat(old.fileno()).st_ino == self._file[0]:
                    old.seek(self._at)
                    data = old.read()
            self._at = 0
        elif size < self._at:
            self._at = 0
        self._file = which, size
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._at)
            data += (fresh := file.read())
            self._at += len(fresh)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [entry for line in lines if (entry := _decode(line)) is not None]

    def _mark(self) -> tuple[int, int]:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return 0, 0
        return state.st_ino, state.st_size


def to_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as what JSON knows."""
    return {
        **{name: getattr(entry, name) for name in _NAMES},
        "at": entry.at.isoformat(),
        "tasks": list(entry.tasks),
        "ms": round(entry.ms, 1),
    }


def _decode(line: bytes) -> Entry | None:
    try:
        facts = json.loads(line)
        facts = {name: facts[name] for name in _NAMES}
        entry = Entry(**facts | {"at": datetime.fromisoformat(facts["at"]), "tasks": tuple(facts["tasks"])})
        _check(entry)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return entry


_NAMES = tuple(field.name for field in fields(Entry))
_TEXTS = ("account", "purpose", "method", "url", "words")
_NUMBERS = ("number", "ms", "sent", "received", "attempt")


def _check(entry: Entry) -> None:
    """Raise ValueError for what no reeltop has written."""
    texts = [*entry.tasks, *(getattr(entry, name) for name in _TEXTS)]
    numbers = [
        *(getattr(entry, name) for name in _NUMBERS),
        *([] if entry.status is None else [entry.status]),
    ]
    if entry.at.tzinfo is None or not all(isinstance(text, str) for text in texts):
        raise ValueError
    if not all(isinstance(number, int | float) and -1e15 < number < 1e15 for number in numbers):
        raise ValueError


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)


def _wait_for(lock: int) -> None:
    for _attempt in range(_LOCK_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_LOCK_SECONDS)
    raise OSError(errno.EWOULDBLOCK, _("another reeltop holds its lock"))


def _write(file: int, data: bytes) -> None:
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        data = b"\n" + data  # whoever wrote last was killed over it
    while data:
        data = data[os.write(file, data) :]
