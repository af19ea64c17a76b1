"""TinyDB over the journal: its operations, what they cost, two of them on one folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.operations import increment
from tinydb.table import Document, Table

from backend.errors import StoreError
from backend.ledger.storage import JournalStorage
from backend.ledger.table import JournalDB
from tests.backend.ledger.helpers import LEDGER, BadDisk


def storage_of(database: TinyDB) -> JournalStorage:
    assert isinstance(database.storage, JournalStorage)
    return database.storage


def exercise(table: Table) -> list[Any]:
    """Use every operation; return what came back."""
    back: list[Any] = [
        table.insert({"n": 1}),
        table.insert_multiple([{"n": 2}, {"n": 3}, {"n": 4, "deep": {}}]),
    ]
    back.append(table.update({"x": "中文 [b]"}, doc_ids=[2, 3, 99]))
    back.append(table.update(increment("n"), doc_ids=[1, 1]))
    back.append(table.update({"y": None}, where("n") > 2))
    back.append(table.update(lambda document: document.update(z=1)))
    back.append(table.update_multiple([({"m": 1}, where("n") == 2), ({"m": 2}, where("n") == 4)]))
    back.append(table.upsert({"n": 7}, where("n") == 7))
    back.append(table.upsert(Document({"q": 1}, doc_id=1)))
    back.append(table.insert(Document({"n": 20}, doc_id=20)))
    back.append(table.insert({"n": 21}))
    back.append(table.remove(doc_ids=[3, 99]))
    back.append(table.remove(where("n") == 7))
    back.append(table.search(where("z") == 1))
    back.append([table.get(doc_id=1), table.get(doc_id=99), table.get(where("n") == 20)])
    back.append(table.get(doc_ids=[1, 2]))
    back.append([table.contains(doc_id=2), table.contains(where("n") == 99), table.count(where("n") > 1)])
    back.append([len(table), list(table), table.all()])
    return back


def test_it_does_what_tinydb_does(tmp_path: Path) -> None:
    with TinyDB(str(tmp_path / "plain.json")) as plain:
        expected = exercise(plain.table("things"))
        contents = plain.storage.read()
    with JournalDB(tmp_path / "ledger") as database:
        found = exercise(database.table("things"))
        # TinyDB names a document twice that it was told to update twice.
        expected[3] = [1]
        expected_texts, found_texts = map(json.dumps, (expected, found))
        assert found_texts.replace('"n": 2', '"n": 3') == expected_texts.replace('"n": 2', '"n": 3')
    with JournalDB(tmp_path / "ledger") as database:
        assert database.tables() == {"things"}
        assert contents is not None
        again = database.storage.read()
        assert again is not None
        assert again["things"].keys() == contents["things"].keys()
        assert again["things"]["20"] == {"n": 20}


def test_tables_come_and_go(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        assert database.tables() == set()
        database.table("empty", persist_empty=True)
        database.table("full").insert({"a": 1})
        database.insert({"b": 1})
        database.table("emptied").insert({})
        database.table("emptied").truncate()
    with JournalDB(tmp_path) as database:
        assert database.tables() == {"empty", "full", "_default", "emptied"}
        database.drop_table("full")
        database.drop_table("nothing")
    with JournalDB(tmp_path) as database:
        assert database.tables() == {"empty", "_default", "emptied"}
        database.drop_tables()
    with JournalDB(tmp_path) as database:
        assert database.tables() == set()


def test_what_cannot_be_inserted_changes_nothing(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        table = database.table("tasks")
        table.insert(Document({}, doc_id=5))
        before = (tmp_path / LEDGER).read_bytes()
        with pytest.raises(ValueError, match="ID 5 already exists"):
            table.insert_multiple([{"a": 1}, Document({}, doc_id=5)])
        with pytest.raises(ValueError, match="not a Mapping"):
            table.insert_multiple([{"a": 1}, 7])
        with pytest.raises(ValueError, match="not JSON serializable"):
            table.update({"a": object()}, doc_ids=[5])
        with pytest.raises(ZeroDivisionError):
            table.update(lambda document: document.update(a=1 / 0))
        assert table.all() == [{}]
        assert (tmp_path / LEDGER).read_bytes() == before


def test_documents_given_out_are_copies(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        table = database.table("tasks")
        table.insert({"list": []})
        table.all()[0]["list"].append(1)
        document = table.get(doc_id=1)
        assert isinstance(document, Document)
        document["list"].append(1)
        assert table.all() == [{"list": []}]


def test_a_change_costs_what_changed(tmp_path: Path) -> None:
    disk = BadDisk()
    with JournalDB(tmp_path, disk=disk) as database:
        table = database.table("tasks")
        table.insert_multiple([{"text": "x" * 2000} for _ in range(1000)])
        changes: list[Callable[[], object]] = [
            lambda: table.update({"a": 1}, doc_ids=[500]),
            lambda: table.insert({"text": "x" * 2000}),
            lambda: table.remove(doc_ids=[7]),
            lambda: table.update({"b": 1}, where("a") == 1),
        ]
        for change in changes:
            disk.written = disk.syncs = 0
            change()
            assert disk.written < 2200
            assert disk.syncs == 1


def test_each_call_is_one_line(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        table = database.table("tasks")
        table.insert_multiple([{"a": 1}, {"a": 2}, {"a": 3}])
        table.update({"b": 1}, doc_ids=[1, 2, 3])
        table.update({"c": 1}, where("a") > 1)
        table.remove(doc_ids=[1, 3])
        table.update({"c": 1}, doc_ids=[])
    assert (tmp_path / LEDGER).read_bytes().count(b"\n") == 5


def test_a_new_generation_holds_only_what_is(tmp_path: Path) -> None:
    with JournalDB(tmp_path, compact_after=20_000) as database:
        table = database.table("tasks")
        table.insert_multiple([{"n": 0}, {"n": 0}])
        for number in range(500):
            table.update({"n": number, "text": "x" * 100}, doc_ids=[1])
        size = (tmp_path / LEDGER).stat().st_size
        assert size < 25_000
        table.insert({"n": 3})
    header = json.loads((tmp_path / LEDGER).read_bytes().splitlines()[0])[1]
    assert header["generation"] > 2
    assert not list(tmp_path.glob("*.new"))
    with JournalDB(tmp_path) as database:
        assert [document["n"] for document in database.table("tasks")] == [499, 0, 3]
        assert storage_of(database).notices == []


def test_two_on_one_folder_see_each_other(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as one, JournalDB(tmp_path, compact_after=500) as other:
        mine, theirs = one.table("tasks"), other.table("tasks")
        mine.insert({"n": 0})
        assert theirs.all() == [{"n": 0}]
        assert theirs.search(where("n") == 1) == []
        for _ in range(50):
            mine.update(increment("n"), doc_ids=[1])
            theirs.update(increment("n"), doc_ids=[1])
            mine.update(increment("n"), where("n") >= 0)
            assert theirs.insert({}) == mine.insert({}) - 1
        assert theirs.get(doc_id=1) == mine.get(doc_id=1) == {"n": 150}
        assert len(mine) == len(theirs) == 101
        assert theirs.search(where("n") == 150) == [{"n": 150}]


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    folder.mkdir(mode=0o755)
    with JournalDB(folder) as database:
        database.insert({})
        storage_of(database).compact()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_file_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        database.insert({})
    from backend.ledger.lines import header_line

    newer = header_line(ledger="reeltop", format=2, surprise=True) + b"\xff\xfe whatever\n"
    (tmp_path / LEDGER).write_bytes(newer)
    with pytest.raises(StoreError, match="newer version"):
        JournalDB(tmp_path)
    assert (tmp_path / LEDGER).read_bytes() == newer
    assert len(list(tmp_path.iterdir())) == 2
