"""The request log as front ends see it: this process's entries, and those of others from the file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backend.request_log import KEPT, Entry, RequestLog


class Requests:
    """What was asked of the providers, by whichever reeltop."""

    def __init__(self, log: RequestLog, path: Path) -> None:
        self._log = log
        self._path = path
        self._others: list[Entry] = []
        self._seen: tuple[int, int] | None = None

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks; only then are new entries told, as ``Changes.requests``."""
        self._log.is_watched = watched

    @property
    def problem(self) -> str:
        """Why the file cannot be read or written; empty if it can."""
        return self._log.problem

    def entries(self) -> list[Entry]:
        """Return the last entries known, the oldest first."""
        if not self._others:
            return list(self._log.entries)
        known = {entry.key: entry for entry in (*self._others, *self._log.entries)}
        return sorted(known.values(), key=lambda entry: (entry.at, entry.number))[-KEPT:]

    async def look(self) -> bool:
        """Read what other processes wrote down; return whether there was anything new. Raises OSError."""
        return await asyncio.to_thread(self._read)

    async def save(self, folder: Path, entries: Sequence[Entry]) -> Path:
        """Write entries to a new file in `folder`, as ``reeltop log --json`` prints them; return it.

        Raises OSError.
        """

        def write() -> Path:
            from backend.files import write_new
            from backend.records import dumps
            from backend.request_file import to_json

            data = b"".join(dumps(to_json(entry)) + b"\n" for entry in entries)
            now = datetime.now().astimezone()
            return write_new(folder, f"reeltop-requests-{now:%Y%m%d-%H%M%S}", ".jsonl", data)

        return await asyncio.to_thread(write)

    def _read(self) -> bool:
        from backend.request_file import tail

        try:
            state = self._path.stat()
        except FileNotFoundError:
            return False
        seen = state.st_ino, state.st_size
        if seen == self._seen:
            return False
        self._others, self._seen = tail(self._path), seen
        return True
