"""Starts, stops and survives the terminal."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import termios
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from backend.language import N_, _
from tui.terminal.pasting import PastingParser
from tui.terminal.writer import Writer

if TYPE_CHECKING:
    from tui.terminal.interview import Abilities, Interview

_STOPPED = N_("reeltop is stopped: nothing is sent, asked or fetched until it goes on (fg).")
_PATIENCE = 8192
"""Characters."""
_MARGIN = 8
"""Pixels around the cells that some terminals count in, beside what is left over of their window."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, for a line that may be slow, be dropped or be left for a while."""

    on_start: Callable[[], None] = staticmethod(lambda: None)
    """Called when the terminal was taken over, at the start or after others had used it."""
    on_idle: Callable[[], None] = staticmethod(lambda: None)
    """Called on the event loop when the terminal has taken all that was written."""
    on_stop: Callable[[], None] = staticmethod(lambda: None)
    """Called before the terminal is handed back or on, while it can still be written to."""
    on_return: Callable[[], None] = staticmethod(lambda: None)
    """Called after :attr:`on_start`, when it can be written to again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._interview: Interview | None = None
        self._has_terminal = False

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has yet to take so much that more had better wait."""
        writer: object = self._writer_thread
        return isinstance(writer, Writer) and writer.pending > _PATIENCE

    def ask(self, answered: Callable[[Abilities], object]) -> None:
        """Ask the terminal what pictures it can draw; `answered` is called in the thread that reads."""
        from tui.terminal.interview import Interview

        self._interview = Interview(self.write)
        self._interview.begin(answered)

    def cell(self, told: tuple[int, int] | None = None) -> tuple[int, int] | None:
        """Return the pixels across and down of a cell, if they are known.

        What the terminal has `told` holds as long as its size agrees; else it is the least by which the size
        can be explained. A picture that is too small for its cells does no harm, a larger one would.
        """
        with suppress(OSError):
            size = fcntl.ioctl(self.fileno, termios.TIOCGWINSZ, bytes(8))
            rows, columns, width, height = struct.unpack("HHHH", size)
            if rows and columns and width >= columns and height >= rows:
                least = _least(width, columns), _least(height, rows)
                most = width // columns, height // rows
                agrees = told and all(
                    low <= each <= high for low, each, high in zip(least, told, most, strict=True)
                )
                return told if agrees else least
        return told

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        # Textual's driver makes both by these names, and offers no other way to say which.
        parser = partial(PastingParser, lambda: self._interview)
        vars(linux_driver).update(XTermParser=parser, WriterThread=Writer)
        self._has_terminal = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        writer: object = self._writer_thread
        if isinstance(writer, Writer):
            loop = asyncio.get_running_loop()
            writer.on_idle = lambda: self._tell_idle(loop)
            self.on_start()
            self.on_return()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._has_terminal = False
        self.on_stop()
        super().stop_application_mode()

    def _tell_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(self.on_idle)

    def _sigtstp_application(self, *args: Any) -> None:
        if not self._auto_restart:  # another program has the terminal
            super()._sigtstp_application(*args)
            return
        self.suspend_application_mode()
        self._say(_(_STOPPED))
        # The whole job stops, as the shell expects. Where no shell could let it go on, the kernel does not
        # stop it.
        with self.no_automatic_restart():
            handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, handler)
        self._must_signal_resume = True
        self.resume_application_mode()

    def _sigcont_application(self, *args: Any) -> None:
        # It comes unasked as well, as when the line is dropped. A second thread would read beside the first,
        # and never end; and the terminal as we have it would be taken for what it was before us.
        if self._has_terminal and self._auto_restart:
            self.suspend_application_mode()
            self.resume_application_mode()

    def _say(self, words: str) -> None:
        with suppress(OSError, ValueError):
            print(words, file=self._file, flush=True)


def _least(pixels: int, cells: int) -> int:
    return max(1, (pixels - _MARGIN) // (cells + 1) + 1)
