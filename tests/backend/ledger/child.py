"""What the other process does: ``python -m tests.backend.ledger.child JOB FOLDER …``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path


def hammer(folder: Path) -> None:
    """Update two documents in one call, for ever; print each number once it is acknowledged."""
    from backend.ledger.table import JournalDB

    table = JournalDB(folder, compact_after=20_000).table("pairs")
    number = table.get(doc_id=1)["number"]  # type: ignore[index]
    while True:
        number += 1
        table.update({"number": number, "padding": "x" * (number * 37 % 900)}, doc_ids=[1, 2])
        os.write(1, b"%d\n" % number)


async def count(folder: Path, name: str, times: int) -> None:
    """Add a task of its own and note something in the shared one, by turns."""
    from backend.ledger.tinydb_store import open_store
    from tests.backend.ledger.helpers import make_task, note

    store = await open_store(folder, poll=0.01)
    for number in range(times):
        await store.add([make_task(f"{name}-{number}")])
        await store.update("shared", note(f"{name}-{number}"), durable=number % 2 == 0)
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
    elif job == "count":
        asyncio.run(count(folder, sys.argv[3], int(sys.argv[4])))


if __name__ == "__main__":
    main()
