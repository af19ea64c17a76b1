"""Finished tasks put away: out of memory, never out of sight, and never in neither file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from backend.errors import StoreError
from backend.ledger.archive import ARCHIVE_NAME, Archive
from backend.ledger.writer import Addition, Archival, Writer
from backend.models import Status
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import LEDGER, BadDisk, make_task, note, progress, until
from tests.harness.disks import LossyDisk, PowerLossError

DONE = make_task("a", status=Status.SUCCEEDED, prompt="中文 [b]")


async def test_an_archived_task_is_in_the_other_file(folder: Path, opened: Opener) -> None:
    one, other = await opened(), await opened()
    heard: list[frozenset[str]] = []
    await one.add([DONE, make_task("b", status=Status.FAILED), make_task("c")])
    await until(lambda: len(other.tasks) == 3)
    other.subscribe(heard.append)
    await one.archive(["b", "a"])
    assert list(one.tasks) == ["c"]
    await until(lambda: list(other.tasks) == ["c"])
    await until(lambda: heard[-1:] == [{"a", "b"}])
    for store in (one, other, await opened()):
        entries, damage = await store.archived()
        assert damage == 0
        assert {entry.id: entry.status for entry in entries} == {"a": Status.SUCCEEDED, "b": Status.FAILED}
        assert DONE in [entry.task() for entry in entries]
    assert (folder / ARCHIVE_NAME).stat().st_mode & 0o777 == 0o600


async def test_one_brought_back_counts_and_can_be_put_away_again(opened: Opener) -> None:
    store = await opened()
    await store.add([DONE])
    await store.archive(["a"])
    (entry,), _ = await store.archived()
    await store.add([entry.task()])
    assert (await store.archived())[0] == []
    await store.update("a", note("again"))
    await store.archive(["a"])
    (entry,), _ = await store.archived()
    assert entry.task().events[-1].words == "again"


async def test_one_brought_back_stands_where_its_age_belongs(opened: Opener) -> None:
    one, other = await opened(), await opened()
    later = DONE.created_at + timedelta(minutes=1)
    await one.add([DONE, replace(make_task("b", status=Status.FAILED), created_at=later)])
    await one.archive(["a"])
    (entry,), _ = await one.archived()
    await one.add([entry.task()])
    await until(lambda: len(other.tasks) == 2)
    for store in (one, other, await opened()):
        assert list(store.tasks) == ["a", "b"]


async def test_what_goes_on_is_not_put_away(opened: Opener) -> None:
    store = await opened()
    await store.add([DONE, make_task("b", status=Status.RUNNING)])
    with pytest.raises(StoreError, match="task b is running: only finished"):
        await store.archive(["a", "b"])
    with pytest.raises(KeyError):
        await store.archive(["x"])
    assert list(store.tasks) == ["a", "b"]
    assert (await store.archived())[0] == []


async def test_changes_of_the_same_moment_go_along_or_come_too_late(opened: Opener) -> None:
    store = await opened()
    await store.add([DONE])
    await store.update("a", note("just before"), durable=False)
    await store.archive(["a"])
    with pytest.raises(KeyError):
        await store.update("a", progress(0.5))
    (entry,), _ = await store.archived()
    assert entry.task().events[-1].words == "just before"


@pytest.mark.parametrize("failing", ["write", "sync"])
async def test_without_room_nothing_leaves_the_ledger(folder: Path, opened: Opener, failing: str) -> None:
    disk = BadDisk(room=30)
    store = await opened(disk=disk)
    await store.add([DONE, make_task("b", status=Status.FAILED)])
    await store.archive(["b"])
    disk.failing = {failing}
    with pytest.raises(StoreError, match="archive cannot be written"):
        await store.archive(["a"])
    assert store.tasks["a"] == DONE
    assert [entry.id for entry in (await store.archived())[0]] == ["b"]
    disk.failing.clear()
    await store.archive(["a"])
    entries, damage = await store.archived()
    assert [entry.id for entry in entries] == ["b", "a"] or [entry.id for entry in entries] == ["a", "b"]
    assert damage == 0


def test_power_lost_in_any_step_leaves_it_in_one_file_or_both(tmp_path: Path) -> None:
    for step in range(1, 60):
        here, after = tmp_path / f"{step}", tmp_path / f"{step}-after"
        disk = LossyDisk(Random(step), fatal=10**9)
        writer = Writer(here, lead=False, disk=disk)
        b = make_task("b", status=Status.FAILED)
        assert writer.write([Addition((DONE, b))]).error is None
        if step % 2:
            assert writer.write([Archival(("b",))]).error is None
        disk.fatal = disk.steps + 1 + step % 12
        archived = False
        with suppress(PowerLossError):
            archived = writer.write([Archival(("a",))]).error is None
        after.mkdir()
        for name in (LEDGER, ARCHIVE_NAME):
            disk.leave(here / name, after / name)
        left = Writer(after, lead=False)
        entries, _ = Archive(after / ARCHIVE_NAME).read()
        put_away = {entry.id for entry in entries}
        assert {*left.tasks, *put_away} == {"a", "b"}
        assert not archived or "a" in put_away
        left.close()


def test_cut_anywhere_and_flipped_anywhere(tmp_path: Path) -> None:
    path = tmp_path / ARCHIVE_NAME
    record = b'{"schema":1}'
    archive = Archive(path)
    archive.append([(make_task(name, status=Status.FAILED), record) for name in "abc"])
    data = path.read_bytes()
    last = len(data.splitlines(keepends=True)[-1])
    for cut in range(1, last):
        path.write_bytes(data[:-cut])
        entries, damage = archive.read()
        assert ([entry.id for entry in entries], damage) == (["a", "b"], 0)
        archive.append([(make_task("d", status=Status.FAILED), record)])
        assert [entry.id for entry in archive.read()[0]] == ["a", "b", "d"]
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        entries, damage = archive.read()
        assert len(entries) >= 2
        assert damage or len(entries) == 3
