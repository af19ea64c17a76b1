"""The thread that writes, on a line that takes nothing or is gone."""

from __future__ import annotations

import io
import os
import threading
import time
from contextlib import suppress

from tui.terminal.writer import Writer


def test_a_line_that_takes_nothing_makes_nobody_wait() -> None:
    end, start = os.pipe()
    with os.fdopen(start, "w") as file:
        writer = Writer(file)
        idle = threading.Event()
        writer.on_idle = idle.set
        writer.start()
        before = time.monotonic()
        for _ in range(200):
            writer.write("x" * 10_000)
        assert time.monotonic() - before < 2
        assert writer.pending > 1_000_000
        got = 0
        while got < 2_000_000:
            got += len(os.read(end, 65536))
        assert idle.wait(5)
        assert writer.pending == 0
        writer.stop()
    os.close(end)


def test_a_line_that_is_gone_is_no_error_and_ends_no_thread() -> None:
    end, start = os.pipe()
    os.close(end)
    file = os.fdopen(start, "w")
    writer = Writer(file)
    writer.start()
    for _ in range(100):
        writer.write("x" * 10_000)
    writer.stop()
    assert not writer.is_alive()
    assert writer.pending == 0
    with suppress(OSError):
        file.close()


def test_all_is_in_the_terminal_before_another_program_has_it() -> None:
    told_to_stop = threading.Event()

    class Slow(io.StringIO):
        flushed = ""

        def write(self, text: str) -> int:
            told_to_stop.wait(30)
            return super().write(text)

        def flush(self) -> None:
            self.flushed = self.getvalue()

    file = Slow()
    writer = Writer(file)
    writer.start()
    writer.write("the usual screen")
    writer.stop(patience=0)
    told_to_stop.set()
    writer.join(30)
    assert file.flushed == "the usual screen"


def test_stopping_gives_up_on_a_line_that_takes_nothing() -> None:
    end, start = os.pipe()
    file = os.fdopen(start, "w")
    writer = Writer(file)
    writer.start()
    writer.write("x" * 1_000_000)
    writer.stop(patience=0.1)
    assert writer.is_alive()
    os.close(end)
    writer.join(5)
    assert not writer.is_alive()
    with suppress(OSError):
        file.close()
