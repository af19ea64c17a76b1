"""Former generations are kept, and one that is put back counts."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from backend.ledger import storage
from backend.ledger.storage import JournalStorage
from backend.ledger.table import JournalDB
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import LEDGER, BadDisk, make_task

DAY = 24 * 3600


def compact(database: JournalDB) -> None:
    assert isinstance(database.storage, JournalStorage)
    database.storage.compact()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("tasks.[0-9].jsonl"))


def backups(folder: Path) -> dict[str, list[int]]:
    """Return what each backup, opened as a ledger of its own, has."""
    found = {}
    for path in sorted(folder.glob("tasks.[0-9].jsonl")):
        alone = folder / f"of-{path.name}"
        alone.mkdir()
        shutil.copy(path, alone / LEDGER)
        with JournalDB(alone) as database:
            assert isinstance(database.storage, JournalStorage)
            assert database.storage.notices == []
            found[path.name] = [document["n"] for document in database.table("tasks")]
        shutil.rmtree(alone)
    return found


def test_the_last_three_generations_are_kept(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        assert backups(tmp_path) == {}
        for number in range(5):
            database.table("tasks").insert({"n": number})
            compact(database)
        database.table("tasks").insert({"n": 5})
    assert backups(tmp_path) == {
        "tasks.1.jsonl": [0, 1, 2, 3, 4],
        "tasks.2.jsonl": [0, 1, 2, 3],
        "tasks.3.jsonl": [0, 1, 2],
    }
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.jsonl")} == {0o600}


def test_a_backup_put_back_counts(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        database.table("tasks").insert({"n": 0})
        compact(database)
        database.table("tasks").insert({"n": 1})
        shutil.copy(tmp_path / "tasks.1.jsonl", tmp_path / "copy")
        (tmp_path / "copy").replace(tmp_path / LEDGER)
        assert [document["n"] for document in database.table("tasks")] == [0]
        database.table("tasks").insert({"n": 2})
    with JournalDB(tmp_path) as database:
        assert [document["n"] for document in database.table("tasks")] == [0, 2]


@pytest.mark.parametrize("failing", [{"keep"}, {"replace"}])
def test_a_backup_that_cannot_be_made_stops_nothing(tmp_path: Path, failing: set[str]) -> None:
    disk = BadDisk()
    with JournalDB(tmp_path, disk=disk) as database:
        for number in range(3):
            disk.failing = set()
            database.table("tasks").insert({"n": number})
            disk.failing = failing
            compact(database)
        assert [document["n"] for document in database.table("tasks")] == [0, 1, 2]


async def test_one_is_made_a_day(folder: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await opened()
    await first.add([make_task("a")])
    await first.add([make_task("b")])
    assert names(folder) == []
    await first.close()
    yesterday = time.time() - DAY - 1
    os.utime(folder / "tasks.lock", (yesterday, yesterday))
    second = await opened()
    await second.add([make_task("c")])
    await second.flush()
    await second.add([make_task("d")])
    await second.close()
    assert names(folder) == ["tasks.1.jsonl"]
    monkeypatch.setattr(storage, "_DAY", 0.0)
    third = await opened()
    await third.add([make_task("e")])
    await third.close()
    assert set((await opened()).tasks) == set("abcde")
