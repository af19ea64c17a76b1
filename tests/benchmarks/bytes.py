"""What is sent to the terminal: ``python -m tests.benchmarks.bytes``.

The whole dashboard runs on a service in memory with 1,000 running and 10,000 finished tasks, in a terminal of
140×44 that takes everything at once. Time is real but for the session of five minutes, which is played
on a clock of its own, every second of it in some hundredths: the same seconds, ticks and keys in fewer.
``htop`` is given the same terminal and a refresh of one second; where it is not installed, a line says so.
On a busy machine it sends up to ten times of what it does on a quiet one, some 400 bytes, which is why the
row after it has that as its goal.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from backend.display import Display
from backend.models import Status, Task
from tests.benchmarks.drawing import SIZE, Dashboard, Sink
from tests.benchmarks.table import Row, print_rows
from tests.tui.fakes import FakeClock, FakeService, ago, make_task
from tests.tui.terminal.terminals import PtyProgram
from tui.messages import TasksChanged

RUNNING, FINISHED = 1_000, 10_000
ONE_BY_ONE = 20
HTOP_SECONDS = 20
QUIET_HTOP = 364.0
"""Bytes a second, measured once in a terminal of this size."""
SESSION = 300
"""Seconds of the session."""
MOMENT = 0.04
"""Real seconds for one of the session."""


def tasks() -> list[Task]:
    """Return the tasks, the running ones on top."""
    old = [make_task(f"o{n:05}", Status.SUCCEEDED, sent_at=ago(900)) for n in range(FINISHED)]
    new = [
        make_task(
            f"n{n:05}",
            Status.RUNNING,
            sent_at=ago(30 + n % 90),
            progress=n % 90 / 100,
            prompt=f"task {n}, 猫",
        )
        for n in range(RUNNING)
    ]
    return old + new


class Stage:
    """A dashboard, and what it sends."""

    def __init__(self, app: Dashboard, service: FakeService, clock: FakeClock) -> None:
        self.app, self.service, self.clock = app, service, clock
        self._steps = count(1)

    @property
    def sent(self) -> int:
        """Bytes so far."""
        assert isinstance(self.app._driver, Sink)
        return self.app._driver.taken

    async def during(self, seconds: float) -> int:
        """Return the bytes that are sent in so many real seconds."""
        before = self.sent
        await asyncio.sleep(seconds)
        return self.sent - before

    def get_on(self, number: int) -> None:
        """Some tasks on the screen get on by a percent: a cell each, its bar and its number."""
        shown = self.app.table.visible_keys()[2 : 2 + number]
        for key in shown:
            task = self.service._by_id[key]
            progress = ((task.progress or 0) * 100 + 1) % 100 / 100
            self.service._by_id[key] = replace(task, progress=progress)
        self.app.screen.post_message(TasksChanged(frozenset(shown)))

    async def press(self, *keys: str) -> int:
        """Return the bytes that some keys cost."""
        from textual.events import Key

        before = self.sent
        for name in keys:
            self.app.post_message(Key(name, name if len(name) == 1 else None))
            await asyncio.sleep(0.25)
        return self.sent - before


async def of_dashboard(rows: Sequence[Row], htop: float | None) -> None:
    cell, idle, hidden, ten, quiet, step, without = rows
    service, clock = FakeService(tasks()), FakeClock()
    app = Dashboard(service, clock)
    async with app.run_test(headless=False, size=SIZE) as pilot:
        await pilot.pause(1.0)
        stage = Stage(app, service, clock)
        for _ in range(ONE_BY_ONE):
            stage.get_on(1)
            cell.add(await stage.during(0.1), 0)
        for _ in range(3):
            idle.add(await stage.during(1.3), 0)
        await stage.press("question_mark")
        await stage.during(1.3)
        for _ in range(3):
            clock.advance(7)
            hidden.add(await stage.during(1.3), 0)
        await stage.press("escape")
        await stage.during(1.3)
        for _ in range(ONE_BY_ONE):
            stage.get_on(10)
            sent = await stage.during(0.15)
            ten.add(sent, htop or 1)
            quiet.add(sent, QUIET_HTOP)
        for _ in range(8):
            step.add(await stage.press("down"), 0)
        await stage.press("p")
        for _ in range(8):
            without.add(await stage.press("down"), 0)
    await app.close_service()


async def session(display: Display) -> int:
    """Return the bytes of five minutes: looking on, changes every second, some getting about."""
    service, clock = FakeService(tasks()), FakeClock()
    app = Dashboard(service, clock, display)
    script = {20: ["down"] * 5, 60: ["pagedown"], 65: ["home"], 90: ["enter"], 110: ["escape"]}
    script |= {150: ["question_mark"], 160: ["escape"], 200: ["R"], 230: ["a"], 235: ["escape"], 270: ["j"]}
    async with app.run_test(headless=False, size=SIZE, notifications=True) as pilot:
        await pilot.pause(1.0)
        stage = Stage(app, service, clock)
        for second in range(SESSION):
            clock.advance(1)
            if app.screen is app.screen_stack[0]:
                if second % max(1, round(display.refresh)) == 0:
                    app.screen._tick()  # type: ignore[attr-defined]
                if not display.lean or second % 2 == 0:
                    stage.get_on(4 if display.lean else 2)
            await asyncio.sleep(MOMENT)
            if second in script:
                await stage.press(*script[second])
        sent = stage.sent
    await app.close_service()
    return sent


def of_htop() -> float | None:
    """Return the bytes a second of htop at its refresh of one second; None if there is none."""
    command = shutil.which("htop")
    if command is None:
        return None
    with PtyProgram([command, "-d", "10"], {"COLORTERM": "truecolor"}, SIZE) as program:
        program.read(3.0)
        seconds = [len(program.read(1.0)) for _ in range(HTOP_SECONDS)]
    return statistics.mean(seconds)


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    if len(sys.argv) > 1:  # a session in a process of its own: Textual reads the environment once
        is_lean = sys.argv[1] == "lean"
        print(
            asyncio.run(session(Display(lean=is_lean, refresh=5.0 if is_lean else 1.0))), file=sys.__stdout__
        )
        return 0
    htop = of_htop()
    rows = [
        Row("a changed cell, alone in its frame", "", goal=60, unit="B"),
        Row("a second in which nothing changes", "", goal=0, unit="B"),
        Row("elapsed times move, under the help", "", goal=0, unit="B"),
        Row("ten changed cells in a second", "a second of htop", goal=2 if htop else None),
        Row("ten changed cells in a second", "htop on a quiet machine", goal=2),
        Row("a step of the cursor, with the pane", "", unit="B"),
        Row("a step of the cursor, without", "", unit="B"),
    ]
    asyncio.run(of_dashboard(rows, htop))
    if htop is None:
        print("htop is not installed: ten changed cells are measured against nothing")
        rows[3].unit = "B"
    for name in ("full", "lean"):
        row = Row(f"five minutes, {name}", "", unit="B")
        environment = os.environ | Display(lean=name == "lean").environment
        command = [sys.executable, "-m", "tests.benchmarks.bytes", name]
        row.add(float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout), 0)
        rows.append(row)
    return print_rows(rows)


if __name__ == "__main__":
    sys.exit(main())
