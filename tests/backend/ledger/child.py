"""What the other process does: ``python -m tests.backend.ledger.child JOB FOLDER …``."""

from __future__ import annotations

import asyncio
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from backend.ledger.disk import Disk
from backend.ledger.table import JournalDB, JournalTable

COMPACT_AFTER = 20_000
"""Bytes: with two documents it comes every few calls."""
SHARED = 10
"""Tasks that all processes change."""


def hammer(folder: Path, told: Connection | None = None, disk: Disk | None = None) -> None:
    """Update two documents in one call, for ever; tell each number once it is acknowledged."""
    table = JournalDB(folder, disk=disk, compact_after=COMPACT_AFTER).table("pairs")
    assert isinstance(table, JournalTable)
    number = table.get(doc_id=1)["number"]  # type: ignore[index,call-overload]
    descriptor = told.fileno() if told else 1
    while True:
        number += 1
        change_pair(table, number)
        os.write(descriptor, b"%d\n" % number)


def change_pair(table: JournalTable, number: int) -> None:
    """Make one call that changes both documents, of a length that differs from call to call."""
    table.update({"number": number, "padding": "x" * (number * 37 % 900)}, doc_ids=[1, 2])


async def count(folder: Path, name: str, times: int) -> None:
    """Add a task of its own and note something in the shared one, by turns."""
    from backend.ledger.tinydb_store import open_store
    from tests.backend.ledger.helpers import make_task, note

    store = await open_store(folder, poll=0.01)
    for number in range(times):
        await store.add([make_task(f"{name}-{number}")])
        await store.update("shared", note(f"{name}-{number}"), durable=number % 2 == 0)
    await store.close()


async def increment(folder: Path, seed: int, times: int) -> None:
    """Add one to the progress of tasks that others change, too; compact now and then."""
    from backend.ledger.tinydb_store import open_store
    from tests.backend.ledger.helpers import add_one

    store = await open_store(folder, poll=0.05, lock_timeout=60.0, compact_after=200_000)
    chance = Random(seed)
    for number in range(times):
        await store.update(f"shared-{chance.randrange(SHARED)}", add_one, durable=number % 4 > 0)
    await store.close()


async def lead(folder: Path) -> None:
    """Say when it leads, then stay."""
    from backend.ledger.tinydb_store import open_store

    store = await open_store(folder, poll=0.05)
    told = asyncio.Event()
    store.subscribe(lambda ids: None if ids else told.set())
    if not store.leads:
        await told.wait()
    print("leads", flush=True)
    await asyncio.sleep(60)


def hold(folder: Path) -> None:
    """Hold the lock for writing until standard input ends."""
    from backend.ledger.sharing import FileLock

    FileLock(folder / "tasks.lock").acquire(10)
    print("holds", flush=True)
    sys.stdin.read()


def main() -> None:
    job, folder = sys.argv[1], Path(sys.argv[2])
    if job == "hammer":
        hammer(folder)
    elif job == "hold":
        hold(folder)
    elif job == "lead":
        asyncio.run(lead(folder))
    elif job == "increment":
        asyncio.run(increment(folder, int(sys.argv[3]), int(sys.argv[4])))
    elif job == "count":
        asyncio.run(count(folder, sys.argv[3], int(sys.argv[4])))


if __name__ == "__main__":
    main()
