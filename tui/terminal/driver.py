"""Starts, stops and survives the terminal."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from backend.language import N_, _
from tui.terminal.pasting import PastingParser
from tui.terminal.writer import Writer

_STOPPED = N_("reeltop is stopped: nothing is sent, asked or fetched until it goes on (fg).")
_PATIENCE = 8192
"""Characters."""

# Textual's driver makes both by these names, and offers no other way to say which.
vars(linux_driver).update(XTermParser=PastingParser, WriterThread=Writer)


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, for a line that may be slow, be dropped or be left for a while."""

    on_start: Callable[[], None] = staticmethod(lambda: None)
    """Called when the terminal was taken over, at the start or after others had used it."""
    on_idle: Callable[[], None] = staticmethod(lambda: None)
    """Called on the event loop when the terminal has taken all that was written."""

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has yet to take so much that more had better wait."""
        writer: object = self._writer_thread
        return isinstance(writer, Writer) and writer.pending > _PATIENCE

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self.on_start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        writer: object = self._writer_thread
        if isinstance(writer, Writer):
            loop = asyncio.get_running_loop()
            writer.on_idle = lambda: self._tell_idle(loop)

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

    def _say(self, words: str) -> None:
        with suppress(OSError, ValueError):
            print(words, file=self._file, flush=True)
