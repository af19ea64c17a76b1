"""Time to first paint, and memory: ``python -m tests.benchmarks.first_paint [runs]``.

Programs are started in a pseudo-terminal of 140×44, by turns. What counts is the time from the start of the
process until the first screen's text has come out of the terminal. reeltop is measured against an empty
Textual app with one table; with 10,000 tasks of 2 KB in its ledger it is measured against an empty ledger.
Memory is what is resident two seconds after all tasks are shown. Ratios hold; absolute times do not.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backend.ledger.tinydb_store import open_store
from backend.models import Status
from tests.benchmarks.ledger import make_task
from tests.benchmarks.table import Row, print_rows

_GIVE_UP_SECONDS = 30.0
_STORED = 10_000

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


def first_paint(command: Sequence[str], marker: bytes, home: Path, linger: float = 0) -> tuple[float, float]:
    """Return ms from starting `command` until `marker` comes out of its terminal, and then MB in memory."""
    started = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        for name in ("SSH_CONNECTION", "SSH_TTY", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE"):
            os.environ.pop(name, None)
        os.environ.update(HOME=str(home), TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 140, 0, 0))
        os.execvp(command[0], list(command))
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], _GIVE_UP_SECONDS)
            if not ready:
                raise TimeoutError(f"{command}: nothing was painted; got {seen[-200:]!r}")
            seen += os.read(terminal, 65536)
        spent = 1000 * (time.monotonic() - started)
        end = time.monotonic() + linger
        while (left := end - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                os.read(terminal, 65536)
        return spent, resident(process)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def resident(process: int) -> float:
    """Return the MB that a process has in memory; 0 where that cannot be known."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


async def fill(home: Path) -> None:
    """Put finished tasks into the ledger of the sandbox's dashboard."""
    ledger = home / ".local/share/reeltop/sandbox/ledger"
    ledger.parent.mkdir(parents=True)
    store = await open_store(ledger)
    await store.add(replace(make_task(each), status=Status.SUCCEEDED) for each in range(_STORED))
    await store.close()


def measure(runs: int, empty: Path, full: Path) -> list[Row]:
    """Measure by turns."""
    dashboard = [sys.executable, "-m", "backend", "--sandbox"]
    bare = [sys.executable, "-c", _BARE]
    paint = Row("reeltop, first paint", "empty app with a table", goal=1.15)
    stored = Row("first paint, 10,000 tasks stored", "none stored", goal=1.3)
    opened = Row("all tasks shown, 10,000 stored", "none stored")
    memory = Row("MB more for 10,000 tasks", "empty reeltop, in all", goal=50, unit="MB")
    first_paint(dashboard, b"Elapsed", empty)  # what was installed has been compiled
    for _ in range(runs):
        ours, _ = first_paint(dashboard, b"Elapsed", empty)
        paint.add(ours, first_paint(bare, b"bare-c", empty)[0])
        stored.add(first_paint(dashboard, b"Elapsed", full)[0], ours)
    for _ in range(3):
        few, least = first_paint(dashboard, b"0 of 0 shown", empty, linger=2)
        many, most = first_paint(dashboard, b"succeeded", full, linger=2)
        opened.add(many, few)
        memory.add(most - least, least)
    return [paint, stored, opened, memory]


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory(prefix="reeltop-") as folder:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        empty.mkdir()
        full.mkdir()
        asyncio.run(fill(full))
        return print_rows(measure(runs, empty, full))


if __name__ == "__main__":
    sys.exit(main())
