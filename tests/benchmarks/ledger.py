"""The ledger against SQLite, with 10,000 tasks of 2 KB: ``python -m tests.benchmarks.ledger [--rounds 7]``.

Both do the same work by turns, operation by operation, so that whatever else the machine is doing disturbs
both alike; a round's ratio is that of its medians. SQLite runs in a thread of its own, too, with a
write-ahead log; it reads a row, parses it, changes it and writes it back, with an index on the status. FULL
syncs each transaction, as the ledger does; NORMAL syncs none of them, so it is shown without a goal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from backend.altered import altered
from backend.ledger.store import Change, TaskStore
from backend.ledger.table import JournalDB
from backend.ledger.tinydb_store import open_store
from backend.models import Origin, Task, TaskEvent
from backend.records import encode
from tests.benchmarks.table import Row, print_rows

SMALL, LARGE = 100, 10_000
SINGLE = 60
"""Operations of a round."""
BATCHES = 5
BATCH = 200
THEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
FRAME = 16.0
"""ms"""

Job = Callable[[int], Awaitable[object]]


def make_task(number: int) -> Task:
    """Return a task whose record has 2 KB."""
    return Task(
        id=f"t{number:06}",
        account="kling",
        provider="kling",
        operation="kling/text2video",
        origin=Origin(base_url="https://example.com", endpoint="/v1/videos/text2video"),
        request={"prompt": f"{number} " + "x" * 250},
        created_at=THEN,
        updated_at=THEN,
        prompt=f"{number} " + "x" * 250,
        events=tuple(TaskEvent(at=THEN, what="status", words="queued") for _ in range(6)),
        last_answer="y" * 600,
    )


def to(value: float) -> Change:
    return lambda task: altered(task, progress=value)


class Ours:
    """A ledger with so many tasks."""

    def __init__(self, store: TaskStore, size: int) -> None:
        self.store = store
        self._size = size
        self._values = count(1)
        self._new = count(10**6)

    async def insert(self, number: int) -> None:
        await self.store.add([make_task(next(self._new))])

    async def update(self, number: int) -> None:
        await self.store.update(f"t{number * 7919 % self._size:06}", to(next(self._values) / 1e6))

    async def batch(self, number: int) -> None:
        change = to(next(self._values) / 1e6)
        for place in range(BATCH):
            task_id = f"t{(number * BATCH + place) % self._size:06}"
            await self.store.update(task_id, change, durable=False)
        await self.store.flush()


class Theirs:
    """The same in SQLite."""

    def __init__(self, path: Path, size: int, synchronous: str) -> None:
        self._size = size
        self._thread = ThreadPoolExecutor(1)
        self._values = count(1)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("CREATE TABLE tasks (id TEXT PRIMARY KEY, status TEXT, document TEXT)")
        self._database.execute("CREATE INDEX by_status ON tasks (status)")
        self._database.execute("BEGIN")
        rows = ((task.id, str(task.status), encode(task).decode()) for task in map(make_task, range(size)))
        self._database.executemany("INSERT INTO tasks VALUES (?, ?, ?)", rows)
        self._database.execute("COMMIT")
        self._database.execute(f"PRAGMA synchronous = {synchronous}")

    async def update(self, number: int) -> None:
        await self._run(self._change, f"t{number * 7919 % self._size:06}", next(self._values) / 1e6)

    async def batch(self, number: int) -> None:
        await self._run(self._change_many, number, next(self._values) / 1e6)

    async def _run(self, work: Callable[..., None], *args: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _change(self, task_id: str, value: float) -> None:
        (text,) = self._database.execute("SELECT document FROM tasks WHERE id = ?", (task_id,)).fetchone()
        document = json.loads(text) | {"progress": value}
        values = json.dumps(document), document["status"], task_id
        self._database.execute("UPDATE tasks SET document = ?, status = ? WHERE id = ?", values)

    def _change_many(self, number: int, value: float) -> None:
        self._database.execute("BEGIN")
        for place in range(BATCH):
            self._change(f"t{(number * BATCH + place) % self._size:06}", value)
        self._database.execute("COMMIT")

    def close(self) -> None:
        self._thread.shutdown()
        self._database.close()


async def compare(row: Row, one: Job, other: Job, times: int, rounds: int) -> Row:
    """Do both by turns."""
    numbers = count()
    for _ in range(rounds):
        spent: tuple[list[float], list[float]] = ([], [])
        for _ in range(times):
            number = next(numbers)
            for job, times_of in zip((one, other), spent, strict=True):
                start = time.perf_counter()
                await job(number)
                times_of.append(1000 * (time.perf_counter() - start))
        row.add(median(spent[0]), median(spent[1]))
    return row


async def against_sqlite(folder: Path, rounds: int) -> Iterable[Row]:
    store = await _filled(folder / "ledger", LARGE)
    ours = Ours(store, LARGE)
    full, normal = (Theirs(folder / f"{word}.db", LARGE, synchronous=word) for word in ("FULL", "NORMAL"))
    one = Row("one durable update, 10,000 tasks", "SQLite FULL", goal=1.5)
    many = Row("200 updates in one durable write", "SQLite FULL, one transaction", goal=1.0)
    loose = Row("200 updates in one durable write", "SQLite NORMAL, not synced")
    rows = [
        await compare(one, ours.update, full.update, SINGLE, rounds),
        await compare(many, ours.batch, full.batch, BATCHES, rounds),
        await compare(loose, ours.batch, normal.batch, BATCHES, rounds),
    ]
    await store.close()
    full.close()
    normal.close()
    return rows


async def against_small(folder: Path, rounds: int) -> Iterable[Row]:
    large = Ours(await _filled(folder / "large", LARGE), LARGE)
    small = Ours(await _filled(folder / "small", SMALL), SMALL)
    rows = [
        await compare(
            Row("update, 10,000 tasks", "with 100", goal=1.5), large.update, small.update, SINGLE, rounds
        ),
        await compare(
            Row("insert, 10,000 tasks", "with 100", goal=1.5), large.insert, small.insert, SINGLE, rounds
        ),
    ]
    await large.store.close()
    await small.store.close()
    with JournalDB(folder / "large") as many, JournalDB(folder / "small") as few:
        tables = many.table("tasks"), few.table("tasks")
        last = [max(document.doc_id for document in table) for table in tables]

        def remove(which: int) -> Job:
            async def job(number: int) -> None:
                tables[which].remove(doc_ids=[last[which] - number])

            return job

        removal = Row("remove, 10,000 tasks", "with 100", goal=1.5)
        rows.append(await compare(removal, remove(0), remove(1), SINGLE, rounds))
    return rows


async def pauses(folder: Path, rounds: int) -> Iterable[Row]:
    """Measure for how long the loop stands still at most, beside the same loop with nothing to do.

    On a machine that others use as well, even a loop with nothing to do stands still now and then; so it is
    also told how long this process itself computed meanwhile.
    """
    opening = Row("longest pause of the loop, opening", "idle loop", unit="ms", goal=FRAME)
    own_opening = Row("… of its own doing", "idle loop", unit="ms", goal=FRAME)
    working = Row("… writing and compacting", "idle loop", unit="ms", goal=FRAME)
    own_working = Row("… of its own doing", "idle loop", unit="ms", goal=FRAME)
    await (await _filled(folder / "ledger", LARGE)).close()
    for _ in range(rounds):
        stores: list[TaskStore] = []

        async def open_it(stores: list[TaskStore] = stores) -> None:
            stores.append(await open_store(folder / "ledger", compact_after=2**20))

        async def work(stores: list[TaskStore] = stores) -> None:
            ours = Ours(stores[0], LARGE)
            for number in range(90):  # 30 MB, so at least one compaction of the 20 MB that are kept
                await ours.batch(number)
                await asyncio.sleep(0.01)

        await _measure_pauses(open_it(), opening, own_opening)
        before = _generation(folder / "ledger")
        await _measure_pauses(work(), working, own_working)
        await stores[0].close()
        assert _generation(folder / "ledger") > before
    return opening, own_opening, working, own_working


async def _measure_pauses(job: Awaitable[object], pause: Row, own: Row) -> None:
    busy, idle = await _longest_pauses(job), await _longest_pauses(asyncio.sleep(0.5))
    for row, place in ((pause, 0), (own, 1)):
        row.add(busy[place], idle[place])


async def _longest_pauses(job: Awaitable[object]) -> tuple[float, float]:
    """Return the longest pause in ms, and the most ms of CPU that were spent in one."""
    longest = computed = 0.0

    async def beat() -> None:
        nonlocal longest, computed
        while True:
            start, cpu = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.001)
            pause = time.perf_counter() - start - 0.001
            longest = max(longest, pause)
            computed = max(computed, min(pause, time.process_time() - cpu))

    beating = asyncio.ensure_future(beat())
    await asyncio.sleep(0)
    await job
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    return 1000 * longest, 1000 * computed


async def _filled(folder: Path, size: int) -> TaskStore:
    store = await open_store(folder)
    await store.add(map(make_task, range(size)))
    return store


def _generation(folder: Path) -> int:
    with (folder / "tasks.jsonl").open("rb") as file:
        generation = json.loads(file.readline())[1]["generation"]
    assert isinstance(generation, int)
    return generation


def measure(folder: Path, rounds: int) -> list[Row]:
    """Measure everything, in `folder`."""
    rows: list[Row] = []
    for name, part in (("sqlite", against_sqlite), ("small", against_small), ("pauses", pauses)):
        rows += asyncio.run(part(folder / name, rounds))
    return rows


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ledger")
    parser.add_argument("folder", nargs="?", help="where to measure: another disk than that of /tmp")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        for part in ("sqlite", "small", "pauses"):
            (Path(name) / part).mkdir()
        return print_rows(measure(Path(name), args.rounds))


if __name__ == "__main__":
    sys.exit(main())
