"""A full disk, a failing sync: the call raises, nothing of it counts, it goes on once the disk is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import StoreError
from backend.ledger.storage import JournalStorage
from backend.ledger.table import JournalDB, JournalTable
from tests.backend.ledger.helpers import LEDGER, BadDisk


@pytest.fixture
def disk() -> BadDisk:
    return BadDisk()


@pytest.fixture
def database(tmp_path: Path, disk: BadDisk) -> Iterator[JournalDB]:
    with JournalDB(tmp_path, disk=disk) as database:
        table_of(database).insert_multiple([{"n": 1}, {"n": 2}])
        yield database


def table_of(database: JournalDB) -> JournalTable:
    table = database.table("tasks")
    assert isinstance(table, JournalTable)
    return table


def on_disk(folder: Path) -> list[dict[str, int]]:
    with JournalDB(folder) as database:
        assert isinstance(database.storage, JournalStorage)
        assert database.storage.notices == []
        return [dict(document) for document in database.table("tasks")]


@pytest.mark.parametrize("room", [0, 1, 25, 60])
@pytest.mark.parametrize("failing", [{"write"}, {"write", "truncate"}, {"sync"}, {"sync", "truncate"}])
def test_a_refused_call_leaves_everything_as_it_was(
    tmp_path: Path, database: JournalDB, disk: BadDisk, failing: set[str], room: int
) -> None:
    table = table_of(database)
    disk.failing, disk.room = failing, room
    for call in (
        lambda: table.update({"n": 3}, doc_ids=[1, 2]),
        lambda: table.insert({"n": 3}),
        lambda: table.remove(doc_ids=[1]),
        lambda: table.update({"n": 8}),
        lambda: table.truncate(),
        lambda: database.table("more").insert({}),
    ):
        with pytest.raises(StoreError, match=r"cannot be written: (No space left|Input/output error)"):
            call()
        if failing != {"sync", "truncate"}:
            assert table.all() == [{"n": 1}, {"n": 2}]
            assert on_disk(tmp_path) == [{"n": 1}, {"n": 2}]
        assert on_disk(tmp_path) == table.all()
    disk.failing = set()
    before = table.all()
    table.insert({"n": 4})
    assert table.all() == [*before, {"n": 4}]
    assert on_disk(tmp_path) == table.all()
    assert (tmp_path / LEDGER).read_bytes().endswith(b"]\n")


def test_after_a_failed_sync_a_new_file_is_written(
    tmp_path: Path, database: JournalDB, disk: BadDisk
) -> None:
    disk.failing = {"sync"}
    with pytest.raises(StoreError):
        table_of(database).insert({"n": 3})
    before = (tmp_path / LEDGER).stat().st_ino
    disk.failing = set()
    table_of(database).insert({"n": 3})
    assert (tmp_path / LEDGER).stat().st_ino != before
    assert on_disk(tmp_path) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_another_reader_of_the_refused_call_takes_it_back(
    tmp_path: Path, database: JournalDB, disk: BadDisk
) -> None:
    with JournalDB(tmp_path) as other:
        seen = []

        def look_and_fail(descriptor: int) -> None:
            seen.extend(other.table("tasks").all())
            raise OSError(5, "Input/output error")

        disk.sync = look_and_fail  # type: ignore[method-assign]
        with pytest.raises(StoreError):
            table_of(database).update({"n": 3}, doc_ids=[1])
        assert seen == [{"n": 3}, {"n": 2}]
        del disk.sync
        with JournalDB(tmp_path) as third:
            third.table("tasks").update({"n": 4}, doc_ids=[1])
        assert other.table("tasks").all() == [{"n": 4}, {"n": 2}] == database.table("tasks").all()


@pytest.mark.parametrize("failing", ["write", "sync", "replace", "sync_folder"])
def test_a_snapshot_that_fails_hurts_nobody(
    tmp_path: Path, database: JournalDB, disk: BadDisk, failing: str
) -> None:
    assert isinstance(database.storage, JournalStorage)
    disk.failing = {failing}
    database.storage.compact()
    assert on_disk(tmp_path) == table_of(database).all() == [{"n": 1}, {"n": 2}]
    assert not list(tmp_path.glob("*.new"))
    disk.failing = set()
    table_of(database).insert({"n": 3})
    assert on_disk(tmp_path) == table_of(database).all() == [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize("failing", ["write", "replace", "sync_folder"])
def test_a_call_that_needs_a_new_file_and_does_not_get_it(
    tmp_path: Path, database: JournalDB, disk: BadDisk, failing: str
) -> None:
    assert isinstance(database.storage, JournalStorage)
    database.storage._journal.must_rewrite = True
    disk.failing = {failing}
    for _ in range(2):
        with pytest.raises(StoreError):
            table_of(database).insert({"n": 3})
        assert on_disk(tmp_path) == table_of(database).all()
    disk.failing = set()
    table_of(database).insert({"n": 4})
    assert on_disk(tmp_path) == table_of(database).all()
    assert {"n": 4} in table_of(database).all()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be opened: (File exists|Not a directory)"):
        JournalDB(tmp_path / "file")
