"""Torn, flipped, cut, emptied and deleted files: what can be read is kept, nothing is overwritten."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from backend.ledger.storage import JournalStorage
from backend.ledger.table import JournalDB
from tests.backend.ledger.helpers import LEDGER, BadDisk


def make(folder: Path) -> bytes:
    """Make a ledger with five documents in its snapshot and three calls behind; return its bytes."""
    with JournalDB(folder) as database:
        table = database.table("tasks")
        table.insert_multiple([{"n": number} for number in range(5)])
        assert isinstance(database.storage, JournalStorage)
        database.storage.compact()
        table.update({"x": 1}, doc_ids=[1, 2])
        table.insert({"n": 5})
        table.update({"x": 3}, doc_ids=[6])
    return (folder / LEDGER).read_bytes()


def reopened(folder: Path, **options: object) -> tuple[list[dict[str, int]], list[str]]:
    with JournalDB(folder, **options) as database:
        assert isinstance(database.storage, JournalStorage)
        return [dict(document) for document in database.table("tasks")], list(database.storage.notices)


def set_aside(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("tasks.damaged-*.jsonl"))]


WHOLE = [{"n": 0, "x": 1}, {"n": 1, "x": 1}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5, "x": 3}]
WITHOUT_LAST = [*WHOLE[:-1], {"n": 5}]


def test_a_call_cut_at_any_byte_never_was(tmp_path: Path) -> None:
    data = make(tmp_path)
    last = data.splitlines(keepends=True)[-1]
    for cut in range(1, len(last) + 1):
        (tmp_path / LEDGER).write_bytes(data[:-cut])
        with JournalDB(tmp_path) as database:
            table = database.table("tasks")
            assert table.all() == WITHOUT_LAST
            table.update({"x": 4}, doc_ids=[6])
        assert reopened(tmp_path) == ([*WHOLE[:-1], {"n": 5, "x": 4}], [])
    assert set_aside(tmp_path) == []


def test_a_flipped_bit_anywhere_costs_one_call_at_most(tmp_path: Path) -> None:
    data = make(tmp_path / "0")
    chance = random.Random(7)
    for number, place in enumerate([*chance.sample(range(len(data)), 60), len(data) - 1], 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        damaged = bytearray(data)
        damaged[place] ^= 1 << chance.randrange(8)
        (folder / LEDGER).write_bytes(damaged)
        documents, notices = reopened(folder)
        assert len(documents) >= 5
        assert all(document in [*WHOLE, {"n": 0}, {"n": 1}, {"n": 5}] for document in documents)
        assert set_aside(folder) == [bytes(damaged)]
        assert len(notices) == 1
        assert f"{len(documents)} tasks could be read" in notices[0]
        assert "tasks.damaged-" in notices[0]
        assert reopened(folder) == (documents, [])


@pytest.mark.parametrize("lines", range(1, 6))
def test_a_snapshot_cut_short_is_damage(tmp_path: Path, lines: int) -> None:
    cut = b"".join(make(tmp_path).splitlines(keepends=True)[:lines])
    (tmp_path / LEDGER).write_bytes(cut)
    documents, notices = reopened(tmp_path)
    assert documents == [{"n": number} for number in range(lines - 1)]
    assert len(notices) == 1
    assert set_aside(tmp_path) == [cut]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"tasks": {}}\n', b"\x00" * 5000, b"[1]\n" * 3])
def test_a_file_that_is_none_of_ours_is_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LEDGER).write_bytes(content)
    assert reopened(tmp_path)[0] == []
    assert set_aside(tmp_path) == [content]


def test_a_call_that_is_missing_between_others_is_noticed(tmp_path: Path) -> None:
    lines = make(tmp_path).splitlines(keepends=True)
    del lines[7]
    (tmp_path / LEDGER).write_bytes(b"".join(lines))
    documents, notices = reopened(tmp_path)
    assert documents == [*WHOLE[:-1], {"n": 5, "x": 3}]
    assert len(notices) == 1


def test_several_damaged_files_do_not_take_each_others_names(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / LEDGER).write_bytes(b"noise %d\n" % number)
        reopened(tmp_path)
    assert sorted(set_aside(tmp_path)) == [b"noise 0\n", b"noise 1\n", b"noise 2\n"]


def test_damage_behind_our_back_loses_nothing_that_was_read(tmp_path: Path) -> None:
    make(tmp_path)
    with JournalDB(tmp_path) as database, JournalDB(tmp_path) as other:
        table = database.table("tasks")
        other.table("tasks").insert({"n": 6})
        data = (tmp_path / LEDGER).read_bytes()
        with (tmp_path / LEDGER).open("r+b") as file:
            file.seek(len(data) - 4)
            file.write(b"?")
        assert table.all() == WHOLE
        assert isinstance(database.storage, JournalStorage)
        assert len(database.storage.notices) == 1
        table.insert({"n": 7})
        assert other.table("tasks").all() == [*WHOLE, {"n": 7}]
    assert len(set_aside(tmp_path)) == 1
    assert reopened(tmp_path) == ([*WHOLE, {"n": 7}], [])


def test_a_deleted_file_is_written_again(tmp_path: Path) -> None:
    make(tmp_path)
    with JournalDB(tmp_path) as database:
        (tmp_path / LEDGER).unlink()
        (tmp_path / "tasks.lock").unlink()
        assert database.table("tasks").all() == WHOLE
        database.table("tasks").remove(doc_ids=[6])
    assert reopened(tmp_path) == (WHOLE[:-1], [])


def test_a_restored_copy_counts(tmp_path: Path) -> None:
    old = make(tmp_path)
    with JournalDB(tmp_path) as database:
        database.table("tasks").remove(doc_ids=[1, 2, 3])
        (tmp_path / "copy").write_bytes(old)
        (tmp_path / "copy").replace(tmp_path / LEDGER)
        assert database.table("tasks").all() == WHOLE


def test_damage_on_a_full_disk_is_said_and_repaired_later(tmp_path: Path) -> None:
    data = bytearray(make(tmp_path))
    data[-5] ^= 1
    (tmp_path / LEDGER).write_bytes(data)
    disk = BadDisk(failing={"write"})
    with JournalDB(tmp_path, disk=disk) as database:
        table = database.table("tasks")
        assert table.all() == WITHOUT_LAST
        assert isinstance(database.storage, JournalStorage)
        assert "cannot be written anew" in database.storage.notices[0]
        assert (tmp_path / LEDGER).read_bytes() == data
        disk.failing.clear()
        table.insert({"n": 6})
    assert set_aside(tmp_path) == [bytes(data)]
    assert reopened(tmp_path) == ([*WITHOUT_LAST, {"n": 6}], [])
