"""A real pseudo-terminal with a program in it, as a person would see it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import pyte
import pytest

_OUR_TERMINAL = ("COLUMNS", "LINES", "TMUX", "NO_COLOR", "COLORTERM", "SSH_TTY", "SSH_CONNECTION")
_REPLIES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
_LONGEST_QUESTION = 80
_STRINGS = re.compile(rb"\x1b[_P][^\x1b]*\x1b\\")
_STRING_BEGUN = re.compile(rb"\x1b(?:[_P][^\x1b]*\x1b?)?\Z")


class PtyProgram:
    """Runs a command in a terminal of its own; what it wrote is in `written`, and on `screen`.

    It answers what is asked by `replies`: whatever is written, and what the terminal says to it. Its cells
    have so many pixels in `cell`.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        *,
        replies: Mapping[bytes, bytes] | None = None,
        cell: tuple[int, int] = (0, 0),
    ) -> None:
        self.written = b""
        self._replies = {**_REPLIES, **(replies or {})}
        self._cell = cell
        self._heard = b""
        self._unfed = b""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        try:
            self.pid, self.terminal = pty.fork()
        except OSError as error:
            pytest.skip(f"no pseudo-terminal can be had here: {error}")
        if self.pid == 0:
            self._set_size(0, *size)
            ours = {name: value for name, value in os.environ.items() if name not in _OUR_TERMINAL}
            os.execvpe(command[0], list(command), {**ours, "TERM": "xterm-256color", **env})
        self.attributes = termios.tcgetattr(self.terminal)
        self.code: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def send(self, keys: str) -> None:
        """Type something."""
        os.write(self.terminal, keys.encode())

    def read(self, seconds: float) -> bytes:
        """Return what is written in so many seconds."""
        before = len(self.written)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read_once(left):
            pass
        return self.written[before:]

    def wait_for(self, words: str, seconds: float = 20.0) -> None:
        """Wait until some words are on the screen."""
        end = time.monotonic() + seconds
        while words not in self.text:
            if time.monotonic() > end or not self._read_once(0.2):
                raise AssertionError(f"{words!r} never came; the screen:\n{self.text}")

    def wait_until_ended(self, seconds: float = 20.0) -> int:
        """Return the exit code."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
            if self.terminal >= 0:
                self._read_once(0.05)
            else:
                time.sleep(0.05)
        raise AssertionError(f"it has not ended; the screen:\n{self.text}")

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.display)

    def resize(self, width: int, height: int) -> None:
        """Make the terminal wider or narrower."""
        self.screen.resize(height, width)
        self._set_size(self.terminal, width, height)

    def hang_up(self) -> None:
        """Close the terminal's other end, as a dropped line does."""
        if self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1

    def _read_once(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.written += data
        self._answer(data)
        # pyte takes sequences that it does not know for text: those of kitty's keys and of pictures.
        data = _STRINGS.sub(b"", self._unfed + data.replace(b"\x1b[>25u", b"").replace(b"\x1b[<u", b""))
        begun = _STRING_BEGUN.search(data)
        self._unfed = begun[0] if begun else b""
        self._stream.feed(data.removesuffix(self._unfed).replace(b"\x1b[>0q", b""))
        return True

    def _answer(self, data: bytes) -> None:
        seen = self._heard + data
        answers = [answer for question, answer in self._replies.items() if question in seen]
        self._heard = b"" if answers else seen[-_LONGEST_QUESTION:]
        for answer in answers:
            os.write(self.terminal, answer)

    def _set_size(self, terminal: int, width: int, height: int) -> None:
        across, down = self._cell
        size = struct.pack("HHHH", height, width, width * across, height * down)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
