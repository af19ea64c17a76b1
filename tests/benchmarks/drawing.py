"""What drawing costs, with 100 and with 10,000 tasks: ``python -m tests.benchmarks.drawing [--rounds 5]``.

The whole dashboard runs on a service in memory, in a terminal of 140×44 that takes everything at once. A
figure is the CPU time of a change until it has been written, but for keys, of which it is the time that the
user waits for the last byte. The small and the large one are measured by turns.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import DataTable

import tui.app
from backend.display import Display
from backend.models import Status, Task
from backend.query import parse
from tests.benchmarks.table import Row, print_rows
from tests.tui.fakes import FakeClock, FakeService, ago, make_task
from tui.app import ReeltopApp
from tui.messages import TasksChanged
from tui.screens.dashboard import DashboardScreen
from tui.task_list import Sort
from tui.widgets.task_table import TaskTable

SMALL, LARGE = 100, 10_000
SIZE = (140, 44)
STEPS = 15
"""Changes of one kind, one after the other, of which a round's figure is the median."""
COLUMNS = ("status", "account", "model", "prompt", "progress", "elapsed", "result", "id")

Deed = Callable[[], Any]


class Sink(HeadlessDriver):
    """A terminal that takes everything at once."""

    taken = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.taken += len(data.encode())


class Dashboard(ReeltopApp):
    """Says when something has been drawn."""

    CSS_PATH = str(Path(tui.app.__file__).with_name("screens") / "dashboard.tcss")

    def __init__(
        self, service: FakeService, clock: FakeClock | None = None, display: Display | None = None
    ) -> None:
        super().__init__(service.open, clock or FakeClock(), display)
        self.driver_class = Sink
        self.drawn = asyncio.Event()

    @property
    def table(self) -> TaskTable:
        """The table of tasks."""
        assert isinstance(self.screen, DashboardScreen)
        return self.screen.table

    def post_display_hook(self) -> None:
        self.drawn.set()


class Stock(App[None]):
    """Textual's own table with as many rows."""

    def __init__(self, rows: int) -> None:
        super().__init__(driver_class=Sink)
        self.drawn = asyncio.Event()
        self.table: DataTable[str] = DataTable()
        self._rows = rows

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        for name in COLUMNS:
            self.table.add_column(name, key=name, width=14)
        for number in range(self._rows):
            self.table.add_row(*(f"{name} {number}" for name in COLUMNS), key=f"t{number:05}")

    def post_display_hook(self) -> None:
        self.drawn.set()


def tasks(number: int) -> list[Task]:
    """Return tasks of which the newest, those on the screen, are running."""
    old = [
        make_task(f"t{each:05}", Status.SUCCEEDED, sent_at=ago(900), prompt=f"{each * 7919 % 9973} fox")
        for each in range(number - 60)
    ]
    new = [make_task(f"t{each:05}", Status.RUNNING, sent_at=ago(30)) for each in range(number - 60, number)]
    return old + new


async def cost(app: Dashboard | Stock, deed: Deed, *, wall: bool = False) -> float:
    """Return the ms of a deed until it has been drawn."""
    await asyncio.sleep(0.03)
    clock = time.perf_counter if wall else time.process_time
    app.drawn.clear()
    start = clock()
    done = deed()
    if isinstance(done, Awaitable):
        await done
    await asyncio.wait_for(app.drawn.wait(), 30)
    return 1000 * (clock() - start)


async def typical(app: Dashboard | Stock, deed: Deed, *, wall: bool = False) -> float:
    """Return the median of some."""
    return median([await cost(app, deed, wall=wall) for _ in range(STEPS)])


@asynccontextmanager
async def dashboard(number: int) -> AsyncIterator[tuple[Dashboard, FakeService]]:
    service = FakeService(tasks(number))
    app = Dashboard(service)
    async with app.run_test(headless=False, size=SIZE) as pilot:
        await pilot.pause()
        while app.service is None or len(app.table.visible_keys()) < 20:
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        gc.collect()
        gc.freeze()  # as the ledger does with the tasks that it opens
        yield app, service
    gc.unfreeze()
    await app.close_service()


def one_changed(app: Dashboard, service: FakeService) -> Deed:
    """Return a deed: a task on the screen gets on by a percent, and the screen hears of it."""
    steps = count(1)
    newest = list(service.tasks)[-5]

    def change() -> None:
        service._by_id[newest] = replace(service._by_id[newest], progress=next(steps) % 100 / 100)
        app.screen.post_message(TasksChanged(frozenset({newest})))

    return change


def key(app: Dashboard, *names: str) -> Deed:
    """Return a deed: a key is hit, the next of them each time."""
    turns = count()

    def press() -> None:
        from textual.events import Key

        name = names[next(turns) % len(names)]
        app.post_message(Key(name, None))

    return press


async def measure(rounds: int) -> Sequence[Row]:
    """Return what all of it costs. Textual allows for one app at a time."""
    changed = Row("one task changes, 10,000 tasks", "with 100", goal=1.2)
    against = Row("one task changes, 10,000 tasks", "one cell of a DataTable", goal=0.1)
    steps = Row("key to last byte, 10,000 tasks", "with 100", goal=1.2)
    edges = Row("… past the edge, 10,000 tasks", "with 100", goal=1.2)
    sorted_ = Row("10,000 tasks are sorted by prompt", "opening them", goal=5.0)
    filtered = Row("10,000 tasks are filtered", "opening them", goal=5.0)
    opened = Row("a table of 10,000 tasks opens", "of 100", goal=1.5)
    counted = Row("its views are counted afterwards", "opening it")
    for _ in range(rounds):
        large, small = await of_dashboard(LARGE), await of_dashboard(SMALL)
        changed.add(large.changed, small.changed)
        against.add(large.changed, await of_stock())
        steps.add(large.step, small.step)
        edges.add(large.edge, small.edge)
        opened.add(large.opened, small.opened)
        counted.add(large.counted, large.opened)
        sorted_.add(large.sorted, large.opened)
        filtered.add(large.filtered, large.opened)
    return [changed, against, steps, edges, opened, counted, sorted_, filtered]


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one dashboard, in ms."""

    opened: float
    counted: float
    changed: float
    step: float
    edge: float
    sorted: float
    filtered: float


async def of_dashboard(number: int) -> Costs:
    async with dashboard(number) as (app, service):
        table = app.table

        screen = app.screen
        assert isinstance(screen, DashboardScreen)
        opened = await cost(app, reopen(screen, service))
        start = time.process_time()
        while screen.tasks.is_counting:
            screen.tasks.count_on()
        counted = 1000 * (time.process_time() - start)
        changed = await typical(app, one_changed(app, service))
        step = await typical(app, key(app, "down", "up"), wall=True)
        past = [await edge(app) for _ in range(5)]

        def find(text: str, sort: Sort | None) -> Deed:
            def change() -> None:
                screen.tasks.query, screen.tasks.sort = parse(text), sort
                screen.tasks.narrow()
                table.show_list()

            return change

        sorting = [await cost(app, find("", ("prompt", down))) for down in (True, False, True)]
        filtering = [await cost(app, find(text, None)) for text in ("status:running", "", "t0009")]
        return Costs(opened, counted, changed, step, median(past), median(sorting), median(filtering))


def reopen(screen: DashboardScreen, service: FakeService) -> Deed:
    """Return a deed: the table, emptied, is given its tasks."""
    screen.table.set_keys([])

    return lambda: screen.table.show(screen.tasks, service.tasks, lambda task: None, lambda task: 0)


async def of_stock() -> float:
    stock = Stock(LARGE)
    values = count()
    async with stock.run_test(headless=False, size=SIZE) as pilot:
        await pilot.pause(0.5)
        return await typical(stock, lambda: stock.table.update_cell("t00005", "progress", f"{next(values)}"))


async def edge(app: Dashboard) -> float:
    """Return the ms of a step past the lower edge of what is shown, by half a page."""
    table = app.table
    table.action_first()
    await asyncio.sleep(0.2)
    table.move_to(table.visible_keys()[-1])
    await asyncio.sleep(0.2)
    before = table.scroll_offset.y
    spent = await cost(app, key(app, "down"), wall=True)
    assert table.scroll_offset.y - before > table.size.height // 2 - 2
    return spent


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.drawing")
    parser.add_argument("--rounds", type=int, default=5)
    return print_rows(asyncio.run(measure(parser.parse_args().rounds)))


if __name__ == "__main__":
    sys.exit(main())
