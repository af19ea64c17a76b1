"""Time to first paint against an empty Textual app: ``python -m tests.benchmarks.first_paint [runs]``.

Both are started in a pseudo-terminal of 140×44, by turns; what counts is the time from the start of the
process until the first screen's text has come out of the terminal. Ratios hold; absolute times are the
machine's.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

_GIVE_UP_SECONDS = 30.0

_BARE = """
from textual.app import App
from textual.widgets import DataTable

class Bare(App):
    def compose(self):
        yield DataTable()
    def on_mount(self):
        self.query_one(DataTable).add_columns("bare-a", "bare-b", "bare-c")

Bare().run()
"""


def first_paint(command: Sequence[str], marker: bytes, home: Path) -> float:
    """Return the seconds from starting `command` until `marker` comes out of its terminal."""
    started = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(HOME=str(home), TERM="xterm-256color", COLORTERM="truecolor")
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 140, 0, 0))
        os.execvp(command[0], list(command))
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], _GIVE_UP_SECONDS)
            if not ready:
                raise TimeoutError(f"{command}: nothing was painted; got {seen[-200:]!r}")
            seen += os.read(terminal, 65536)
        return time.monotonic() - started
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def main() -> None:
    """Print both medians and their ratio."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    dashboard = [sys.executable, "-m", "backend", "--sandbox"]
    cases = {
        "empty Textual app with one table": ([sys.executable, "-c", _BARE], b"bare-c"),
        "reeltop, first paint": (dashboard, b"Elapsed"),
        "reeltop, ledger open and sandbox up": (dashboard, b"SANDBOX"),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    with tempfile.TemporaryDirectory(prefix="reeltop-") as home:
        for _ in range(runs):
            for name, (command, marker) in cases.items():
                times[name].append(first_paint(command, marker, Path(home)))
    bare = statistics.median(times["empty Textual app with one table"])
    print(f"{'program':36} {'median':>8} {'min':>8} {'max':>8} {'ratio':>6}   ({runs} runs each)")
    for name, measured in times.items():
        median = statistics.median(measured)
        spread = f"{min(measured) * 1000:6.0f}ms {max(measured) * 1000:6.0f}ms"
        print(f"{name:36} {median * 1000:6.0f}ms {spread} {median / bare:6.2f}")


if __name__ == "__main__":
    main()
