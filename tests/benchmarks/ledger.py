"""The ledger against SQLite, at 100 and 10,000 tasks of 2 KB: ``python -m tests.benchmarks.ledger [FOLDER]``.

Times are medians in ms. SQLite runs in a thread of its own, too, with a write-ahead log; it reads a row,
parses it, changes it and writes it back, with an index on the status. A single update is synced (FULL); 200
are one transaction (NORMAL).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from backend.ledger.store import Change, TaskStore
from backend.ledger.tinydb_store import open_store
from backend.models import Origin, Task, TaskEvent
from backend.records import encode

SIZES = (100, 10_000)
SINGLE = 300
BATCHES = 20
BATCH = 200
THEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


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


async def timed(job: Callable[[int], Awaitable[object]], times: int) -> float:
    """Return the median of `times` runs in ms."""
    spent = []
    for number in range(times):
        start = time.perf_counter()
        await job(number)
        spent.append(time.perf_counter() - start)
    return 1000 * median(spent)


def to(value: float) -> Change:
    return lambda task: replace(task, progress=value)


async def longest_pause(job: Awaitable[TaskStore]) -> tuple[TaskStore, float]:
    """Run `job`; return its result and for how many ms the loop stood still at most."""
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - start - 0.001)

    beating = asyncio.ensure_future(beat())
    await asyncio.sleep(0)
    result = await job
    beating.cancel()
    return result, 1000 * longest


async def measure_ledger(folder: Path, size: int) -> dict[str, float]:
    store = await open_store(folder)
    await store.add(map(make_task, range(size)))
    await store.close()
    start = time.perf_counter()
    store, pause = await longest_pause(open_store(folder))
    opening = 1000 * (time.perf_counter() - start)

    async def one(number: int) -> None:
        await store.update(f"t{number * 7919 % size:06}", to(number / SINGLE + 0.001))

    async def batch(number: int) -> None:
        for place in range(BATCH):
            task_id = f"t{(number * BATCH + place) % size:06}"
            await store.update(task_id, to(number / BATCHES + place / 1e6), durable=False)
        await store.flush()

    figures = {
        "open": opening,
        "loop pause": pause,
        "one": await timed(one, SINGLE),
        "batch": await timed(batch, BATCHES),
    }
    await store.close()
    return figures


async def measure_sqlite(path: Path, size: int) -> dict[str, float]:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    thread = ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE tasks (id TEXT PRIMARY KEY, status TEXT, document TEXT)")
    database.execute("CREATE INDEX by_status ON tasks (status)")
    database.execute("BEGIN")
    rows = ((task.id, str(task.status), encode(task).decode()) for task in map(make_task, range(size)))
    database.executemany("INSERT INTO tasks VALUES (?, ?, ?)", rows)
    database.execute("COMMIT")

    def change(task_id: str, value: float) -> None:
        (text,) = database.execute("SELECT document FROM tasks WHERE id = ?", (task_id,)).fetchone()
        document = json.loads(text) | {"progress": value}
        values = json.dumps(document), document["status"], task_id
        database.execute("UPDATE tasks SET document = ?, status = ? WHERE id = ?", values)

    async def one(number: int) -> None:
        await loop.run_in_executor(thread, change, f"t{number * 7919 % size:06}", number / SINGLE)

    def change_many(number: int) -> None:
        database.execute("BEGIN")
        for place in range(BATCH):
            change(f"t{(number * BATCH + place) % size:06}", number / BATCHES + place / 1e6)
        database.execute("COMMIT")

    async def batch(number: int) -> None:
        await loop.run_in_executor(thread, change_many, number)

    database.execute("PRAGMA synchronous = FULL")
    figures = {"one": await timed(one, SINGLE)}
    database.execute("PRAGMA synchronous = NORMAL")
    figures["batch"] = await timed(batch, BATCHES)
    thread.shutdown()
    database.close()
    return figures


def main() -> None:
    """Measure and print."""
    print(f"{'tasks':>7} {'':26} {'ledger':>9} {'sqlite':>9} {'ratio':>7}")
    single: list[float] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
            ours = asyncio.run(measure_ledger(Path(name) / "ledger", size))
            theirs = asyncio.run(measure_sqlite(Path(name) / "sqlite.db", size))
        single.append(ours["one"])
        for key, words in (
            ("one", "one durable update"),
            ("batch", f"{BATCH} updates, one sync"),
        ):
            ratio = ours[key] / theirs[key]
            print(f"{size:7,} {words:26} {ours[key]:9.3f} {theirs[key]:9.3f} {ratio:7.2f}")
        print(f"{size:7,} {'open':26} {ours['open']:9.1f}")
        print(f"{size:7,} {'longest pause of the loop':26} {ours['loop pause']:9.1f}")
    print(f"one durable update, {SIZES[1]:,} tasks against {SIZES[0]}: {single[1] / single[0]:.2f}")


if __name__ == "__main__":
    main()
