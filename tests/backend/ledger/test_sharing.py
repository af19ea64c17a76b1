"""Several reeltops on one ledger: in one process, in several, and killed."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from backend.errors import StoreError, TransitionError
from backend.ledger import sharing
from backend.ledger.sharing import FileLock
from backend.ledger.storage import JournalStorage
from backend.ledger.table import JournalDB
from backend.models import Status
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import LEDGER, finish, make_task, note, progress, start_child, to, until


async def test_others_changes_come_by_themselves(opened: Opener) -> None:
    one, other = await opened(), await opened(poll=0.25)
    heard: list[frozenset[str]] = []
    other.subscribe(heard.append)
    await one.add([make_task()])
    await until(lambda: "a" in other.tasks, 1.0)
    await one.update("a", to(Status.SUBMITTING))
    await until(lambda: other.tasks["a"].status is Status.SUBMITTING, 1.0)
    await asyncio.sleep(0)
    assert heard == [{"a"}, {"a"}]
    assert dict(one.tasks) == dict(other.tasks)


async def test_a_change_is_made_to_the_newest_version(opened: Opener) -> None:
    one, other = await opened(poll=60), await opened(poll=60)
    await one.add([make_task()])
    await one.update("a", to(Status.SUBMITTING))
    assert (await other.update("a", note("theirs"))).status is Status.SUBMITTING
    await one.update("a", progress(0.5), durable=False)
    await one.flush()
    assert one.tasks["a"].events[0].words == "theirs"
    assert one.tasks["a"].progress == 0.5
    with pytest.raises(TransitionError):
        await other.update("a", to(Status.CANCELLED))


async def test_what_another_process_forbids_meanwhile_is_dropped(opened: Opener) -> None:
    one, other = await opened(poll=60), await opened(poll=60)
    await one.add([make_task("a"), make_task("b")])
    await other.flush()
    mine = await one.update("a", to(Status.SUBMITTING), durable=False)
    assert one.tasks["a"] is mine
    theirs = await other.update("a", to(Status.CANCELLED))
    await one.update("b", progress(0.5))
    assert one.tasks["a"] == theirs
    assert one.tasks["b"].progress == 0.5


async def test_unwritten_changes_stay_on_top_of_others_news(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.ledger.tinydb_store.GATHER_SECONDS", 0.3)
    one, other = await opened(), await opened()
    await one.add([make_task()])
    await until(lambda: "a" in other.tasks)
    await one.update("a", progress(0.5), durable=False)
    await other.update("a", note("theirs"))
    await until(lambda: one.tasks["a"].events)
    assert one.tasks["a"].progress == 0.5
    assert other.tasks["a"].progress is None
    await until(lambda: other.tasks["a"].progress == 0.5)
    assert dict(one.tasks) == dict(other.tasks)


async def test_ids_are_known_across_stores(opened: Opener) -> None:
    one, other = await opened(poll=60), await opened(poll=60)
    await one.add([make_task()])
    with pytest.raises(StoreError, match="already"):
        await other.add([make_task()])
    assert list(other.tasks) == ["a"]


async def test_one_leads_and_the_next_follows_it(opened: Opener) -> None:
    one, other, never = await opened(), await opened(), await opened(lead=False)
    assert [store.leads for store in (one, other, never)] == [True, False, False]
    heard: list[frozenset[str]] = []
    other.subscribe(heard.append)
    await one.add([make_task()])
    await one.close()
    await until(lambda: other.leads)
    await asyncio.sleep(0)
    assert heard == [{"a"}, set()]
    await other.close()
    await asyncio.sleep(0.05)
    assert not never.leads


async def test_who_lost_its_lock_file_does_not_lead_beside_another(folder: Path, opened: Opener) -> None:
    one = await opened()
    (folder / "lead.lock").unlink()
    other = await opened()
    await until(lambda: not one.leads)
    assert other.leads


async def test_the_lead_passes_on_when_its_holder_is_killed(folder: Path, opened: Opener) -> None:
    child = start_child("lead", folder)
    assert child.stdout is not None
    assert child.stdout.readline() == "leads\n"
    store = await opened(poll=0.25)
    assert not store.leads
    told = asyncio.Event()
    store.subscribe(lambda ids: None if ids else told.set())
    child.kill()
    child.communicate()
    await asyncio.wait_for(told.wait(), 2.0)
    assert store.leads


@pytest.mark.parametrize("processes", [2, 4])
async def test_processes_writing_at_once_lose_nothing(folder: Path, opened: Opener, processes: int) -> None:
    store = await opened(compact_after=60_000)
    await store.add([make_task("shared")])
    children = [start_child("count", folder, name, 25) for name in "abcd"[:processes]]
    expected = {f"{name}-{number}" for name in "abcd"[:processes] for number in range(25)}
    for number in range(25):
        await store.update("shared", note(f"here-{number}"))
    await asyncio.gather(*(asyncio.to_thread(finish, child) for child in children))
    await until(lambda: len(store.tasks) == len(expected) + 1)
    await store.flush()
    for seen in (store, await opened()):
        assert set(seen.tasks) == expected | {"shared"}
        words = [event.words for event in seen.tasks["shared"].events]
        assert len(words) == len(set(words))
        assert set(words) == expected | {f"here-{number}" for number in range(25)}
        for name in (*"abcd"[:processes], "here"):
            mine = [word for word in words if word.startswith(f"{name}-")]
            assert mine == [f"{name}-{number}" for number in range(25)]
        assert seen.notices == ()


def test_killed_writers_lose_nothing_that_they_acknowledged(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        database.table("pairs").insert_multiple([{"number": 0, "padding": ""}] * 2)
    chance = random.Random(11)
    for _ in range(25):
        child = start_child("hammer", tmp_path)
        assert child.stdout is not None
        acknowledged = int(child.stdout.readline())
        time.sleep(chance.uniform(0, 0.1))
        child.send_signal(signal.SIGKILL)
        with child:  # communicate() would pass over what readline() has read ahead
            acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
        with JournalDB(tmp_path) as database:
            assert isinstance(database.storage, JournalStorage)
            assert database.storage.notices == []
            one, two = database.table("pairs").all()
        assert one == two
        assert acknowledged <= one["number"] <= acknowledged + 1
    assert not list(tmp_path.glob("*damaged*"))


async def test_a_stuck_program_is_named_and_reading_goes_on(folder: Path, opened: Opener) -> None:
    store = await opened(lock_timeout=0.05)
    await store.add([make_task()])
    child = start_child("hold", folder)
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(StoreError, match=r"tasks\.lock for 0\.05 s"):
        await store.update("a", progress(0.5))
    assert (await opened(lock_timeout=0.05)).tasks == store.tasks
    child.communicate("")
    assert (await store.update("a", progress(0.5))).progress == 0.5


async def test_without_locks_it_is_read_only(
    folder: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened()
    await store.add([make_task()])
    await store.close()
    before = (folder / LEDGER).read_bytes()

    def no_locks(descriptor: int) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(sharing, "_flock", no_locks)
    reading = await opened()
    assert list(reading.tasks) == ["a"]
    assert not reading.leads
    assert len(reading.notices) == 1
    assert "read-only" in reading.notices[0]
    assert "without file locks" in reading.notices[0]
    for attempt in (
        reading.add([make_task("b")]),
        reading.update("a", progress(0.5)),
        reading.update("a", progress(0.5), durable=False),
    ):
        with pytest.raises(StoreError, match="read-only"):
            await attempt
    await reading.close()
    assert (folder / LEDGER).read_bytes() == before


async def test_without_locks_a_new_ledger_is_not_begun(
    folder: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(descriptor: int) -> bool:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(sharing, "_flock", no_locks)
    store = await opened()
    with pytest.raises(StoreError, match="read-only"):
        await store.add([make_task()])
    assert not (folder / LEDGER).exists()


def test_a_lock_is_one_holders(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.try_acquire()
    assert one.held
    assert not other.try_acquire()
    one.release()
    assert other.try_acquire()
    assert other.still_counts()
    (tmp_path / "lock").unlink()
    assert not other.still_counts()
    one.acquire(1)
    other.close()
    one.close()
    with pytest.raises(StoreError, match="cannot be locked"):
        FileLock(tmp_path / "nowhere" / "lock").try_acquire()


def test_children_do_not_inherit_a_lock(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    lock.acquire(1)
    with subprocess.Popen(["sleep", "5"]) as child:
        lock.close()
        assert other.try_acquire()
        child.kill()
    other.close()
