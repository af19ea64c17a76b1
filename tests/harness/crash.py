"""Breaks the ledger: ``python -m tests.harness.crash [--kills 500] [--updates 10000]``.

Two documents are always changed in one call, so a half-applied call shows as two different numbers; each
call is acknowledged after it returned, so a lost one shows as a number below the last acknowledged one. The
ledger is so small that it is compacted every few calls.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

from backend.errors import StoreError
from backend.ledger.disk import Disk
from backend.ledger.storage import FILE_NAME, JournalStorage
from backend.ledger.table import JournalDB, JournalTable
from backend.ledger.tinydb_store import open_store
from tests.backend.ledger.child import COMPACT_AFTER, SHARED, change_pair, hammer
from tests.backend.ledger.helpers import BadDisk, finish, make_task, start_child
from tests.harness.disks import LossyDisk, PowerLossError, SlowDisk
from tests.harness.tally import Tally, print_tallies

DISKS: dict[str, Disk] = {
    "SIGKILL": Disk(),
    "SIGKILL, writes in pieces, fsync of 5 ms": SlowDisk(seconds=0.005),
    "SIGKILL, writes in pieces, fsync of 20 ms": SlowDisk(seconds=0.02),
}
_PREPARED = get_context("forkserver")
_PREPARED.set_forkserver_preload(["tests.backend.ledger.child", "tests.harness.disks"])
_LONGEST_LIFE = 0.15
_CALLS = 40
"""Calls of a writer that is not killed but broken from inside; about two compactions."""


@contextmanager
def pairs(folder: Path, disk: Disk | None = None) -> Iterator[JournalTable]:
    """Open the table that the writers change, with the two documents in it."""
    with JournalDB(folder, disk=disk, compact_after=COMPACT_AFTER) as database:
        table = database.table("pairs")
        assert isinstance(table, JournalTable)
        if not len(table):
            table.insert_multiple([{"number": 0, "padding": ""}] * 2)
        yield table


def check(tally: Tally, folder: Path, acknowledged: int, *, damaged: bool = False, slack: int = 0) -> None:
    """Open what is left and compare it with what was acknowledged, at most `slack` of which may be gone."""
    tally.trials += 1
    try:
        with JournalDB(folder) as database:
            assert isinstance(database.storage, JournalStorage)
            notices = list(database.storage.notices)
            documents = [dict(document) for document in database.table("pairs").all()]
            database.table("pairs").update({"checked": True}, doc_ids=[1, 2])
    except Exception as error:
        print(f"{tally.what}: {type(error).__name__}: {error}", file=sys.stderr)
        tally.unreadable += 1
        return
    if len(documents) != 2:
        tally.lost += slack == 0 or len(documents) < 1
        return
    one, two = documents
    tally.half_applied += one != two and slack == 0
    newest = max(one["number"], two["number"])
    tally.lost += not acknowledged - slack <= newest <= acknowledged + 1
    set_aside = list(folder.glob("*.damaged-*"))
    tally.unsaid += damaged and (len(set_aside) != 1 or not notices)


# -- killed -----------------------------------------------------------------------------------------------


def kill_writers(what: str, folder: Path, kills: int, seed: int) -> Tally:
    """Kill a writer again and again at a random moment, on one ledger."""
    tally, chance, disk = Tally(what), Random(seed), DISKS[what]
    with pairs(folder):
        pass
    for _ in range(kills):
        ours, theirs = _PREPARED.Pipe(duplex=False)
        child = _PREPARED.Process(target=hammer, args=(folder, theirs, disk))
        child.start()
        theirs.close()
        first = os.read(ours.fileno(), 1 << 16)
        time.sleep(chance.uniform(0, _LONGEST_LIFE))
        child.kill()
        child.join()
        said = first + b"".join(iter(partial(os.read, ours.fileno(), 1 << 16), b""))
        ours.close()
        check(tally, folder, int(said.split(b"\n")[-2]))
    tally.unsaid += len(list(folder.glob("*damaged*")))  # a kill damages nothing
    return tally


# -- broken from inside -----------------------------------------------------------------------------------


def lose_power(folder: Path, times: int, seed: int) -> Tally:
    """Lose power in every step of the disk, with any part of what was not synced on it."""
    tally, chance = Tally("power loss, unsynced sectors at random"), Random(seed)
    for number in range(times):
        here, after = folder / f"{number}", folder / f"{number}-after"
        disk = LossyDisk(Random(chance.random()), fatal=10**9)
        acknowledged = 0
        with suppress(PowerLossError), pairs(here, disk) as table:
            disk.fatal = disk.steps + chance.randrange(1, 3 * _CALLS)
            for acknowledged in range(_CALLS):  # the last one that returned is wanted
                change_pair(table, acknowledged + 1)
        after.mkdir()
        disk.leave(here / FILE_NAME, after / FILE_NAME)
        check(tally, after, acknowledged)
    return tally


def cut_everywhere(folder: Path, calls: int = 12) -> Tally:
    """Cut the file at every byte of its last record."""
    tally = Tally("cut at every byte of the last record")
    data, last = _made(folder / "whole", calls)
    for cut in range(1, last + 1):
        here = folder / f"{cut}"
        here.mkdir()
        (here / FILE_NAME).write_bytes(data[:-cut])
        check(tally, here, calls - 1)
        tally.unsaid += len(list(here.glob("*damaged*")))  # a torn end is none
    return tally


def flip_bits(folder: Path, times: int, seed: int) -> Tally:
    """Flip one bit anywhere: at most the record that it is in is gone, and the user is told."""
    tally, chance = Tally("one bit flipped anywhere"), Random(seed)
    data, _ = _made(folder / "whole", 12)
    for number in range(times):
        here = folder / f"{number}"
        here.mkdir()
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (here / FILE_NAME).write_bytes(damaged)
        check(tally, here, 12, damaged=True, slack=1)
    return tally


def break_disk(folder: Path, times: int, seed: int) -> Tally:
    """Let steps of the disk fail for a while: refused calls leave no trace, acknowledged ones stay."""
    tally, chance = Tally("disk full, fsync or rename failing"), Random(seed)
    for number in range(times):
        here = folder / f"{number}"
        disk, acknowledged, refused = BadDisk(), 0, 0
        with pairs(here, disk) as table:
            for _ in range(_CALLS):
                steps = ["write", "sync", "truncate", "replace", "sync_folder"]
                disk.failing = set(chance.sample(steps, chance.randrange(3)))
                disk.room = chance.randrange(400)
                try:
                    change_pair(table, acknowledged + 1)
                    acknowledged += 1
                except StoreError:
                    refused += 1
                one, two = table.all()
                tally.half_applied += one != two
            disk.failing.clear()
        assert acknowledged + refused == _CALLS
        check(tally, here, acknowledged)
    return tally


def fill_disk(folder: Path, times: int) -> Tally:
    """Fill a real file's allowance: the kernel itself refuses what is too much (RLIMIT_FSIZE)."""
    import resource
    import signal

    tally = Tally("file size limit of the kernel")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for number in range(times):
            here, acknowledged = folder / f"{number}", 0
            with pairs(here) as table:
                resource.setrlimit(resource.RLIMIT_FSIZE, (700 + 97 * number, before[1]))
                for wanted in range(1, _CALLS):
                    try:
                        change_pair(table, wanted)
                        acknowledged = wanted
                    except StoreError:
                        break
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            check(tally, here, acknowledged)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    return tally


# -- shared -----------------------------------------------------------------------------------------------


def share(folder: Path, processes: int, updates: int) -> Tally:
    """Let processes change the same ten tasks, each change by one: their sum says if any is missing."""
    tally = Tally(f"updates by {processes} processes at once", trials=updates)
    asyncio.run(_prepare_shared(folder))
    each = updates // processes
    children = [start_child("increment", folder, number, each) for number in range(processes)]
    for child in children:
        finish(child)
    made = asyncio.run(_sum_of_shared(folder))
    tally.lost += processes * each - made
    return tally


async def _prepare_shared(folder: Path) -> None:
    store = await open_store(folder)
    await store.add([make_task(f"shared-{number}", progress=0.0) for number in range(SHARED)])
    await store.close()


async def _sum_of_shared(folder: Path) -> int:
    store = await open_store(folder)
    assert store.notices == ()
    await store.close()
    return int(sum(task.progress or 0 for task in store.tasks.values()))


def _made(folder: Path, calls: int) -> tuple[bytes, int]:
    """Return a ledger's bytes after some calls, and how long its last record is."""
    with JournalDB(folder) as database:
        table = database.table("pairs")
        assert isinstance(table, JournalTable)
        table.insert_multiple([{"number": 0, "padding": ""}] * 2)
        for number in range(1, calls + 1):
            change_pair(table, number)
    data = (folder / FILE_NAME).read_bytes()
    return data, len(data.splitlines(keepends=True)[-1])


# -- all of it --------------------------------------------------------------------------------------------


def run(folder: Path, kills: int, updates: int, seed: int) -> list[Tally]:
    """Try everything; `kills` are spread over the disks, other damage is in proportion."""
    with ThreadPoolExecutor(len(DISKS)) as threads:
        killing = [
            threads.submit(
                kill_writers, what, folder / f"kill-{number}", -(-kills // len(DISKS)), seed + number
            )
            for number, what in enumerate(DISKS)
        ]
        tallies = [job.result() for job in killing]
    return [
        *tallies,
        lose_power(folder / "power", 2 * kills, seed),
        cut_everywhere(folder / "cut"),
        flip_bits(folder / "flip", kills, seed),
        break_disk(folder / "disk", max(5, kills // 10), seed),
        fill_disk(folder / "full", 20),
        share(folder / "share", 4, updates),
    ]


def main() -> int:
    """Try it and print; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--updates", type=int, default=10_000, help="by four processes at once")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reeltop-crash-") as name:
        tallies = run(Path(name), args.kills, args.updates, args.seed)
    print_tallies(tallies)
    kills = sum(tally.trials for tally in tallies if tally.what in DISKS)
    print(
        f"{kills} kills: unreadable {sum(tally.unreadable for tally in tallies)}, "
        f"half-applied {sum(tally.half_applied for tally in tallies)}, "
        f"acknowledged lost {sum(tally.lost for tally in tallies)}"
    )
    return 0 if all(tally.is_clean for tally in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
