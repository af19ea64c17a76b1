"""Writes to the terminal from a thread of its own, so that a slow or dead line holds up nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO


class Writer(Thread):
    """In the place of Textual's own, which makes the event loop wait once thirty writes are pending."""

    def __init__(self, file: IO[str]) -> None:
        """Write to `file`."""
        super().__init__(daemon=True, name="reeltop-output")
        self._file = file
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self.on_idle: Callable[[], None] = lambda: None
        """Called in this thread when all has been written."""
        self._pending = 0
        self._lock = Lock()

    @property
    def pending(self) -> int:
        """Characters that the terminal has not taken yet."""
        return self._pending

    def write(self, text: str) -> None:
        """Write `text` as soon as the terminal takes it."""
        with self._lock:
            self._pending += len(text)
        self._queue.put(text)

    def isatty(self) -> bool:
        """Say what Textual's says."""
        return True

    def fileno(self) -> int:
        """Return the file's number."""
        return self._file.fileno()

    def flush(self) -> None:
        """Do nothing: the thread does it."""

    def run(self) -> None:
        """Write until told to stop."""
        is_there = True
        while (text := self._queue.get()) is not None:
            if is_there:
                is_there = self._send(text)
            with self._lock:
                self._pending -= len(text)
                is_idle = not self._pending
            if is_idle:
                self.on_idle()
        with suppress(OSError, ValueError):
            self._file.flush()  # whoever has the terminal next writes past this buffer

    def _send(self, text: str) -> bool:
        try:
            self._file.write(text)
            if self._queue.empty():
                self._file.flush()
        except (OSError, ValueError):
            return False  # the terminal is gone; what goes on without it must not notice
        return True

    def stop(self, patience: float = 2.0) -> None:
        """Stop after what is pending; give up after so many seconds on a terminal that takes nothing."""
        self._queue.put(None)
        self.join(patience)
