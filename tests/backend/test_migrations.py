"""Records of older reeltops, read and changed by this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend import migrations
from backend.ledger.table import JournalDB
from backend.ledger.tinydb_store import open_store
from backend.migrations import STEPS, migrated
from backend.models import Status
from backend.records import SCHEMA, decode, dumps, encode, from_json, to_json
from tests.backend.ledger.helpers import make_task, progress

NOW = make_task(operation="text2video")
OLD: dict[int, dict[str, Any]] = {
    0: {**to_json(NOW), "schema": 0, "provider": "", "operation": "kling/text2video", "mood": "blue"},
}
"""A record of each former shape that says what :data:`NOW` does, and one thing more."""


def test_there_is_a_step_from_every_former_shape() -> None:
    assert sorted(STEPS) == list(range(SCHEMA))
    assert sorted(OLD) == sorted(STEPS)


@pytest.mark.parametrize("number", OLD)
def test_an_old_record_is_read_as_what_it_meant(number: int) -> None:
    assert from_json(OLD[number]) == decode(dumps(OLD[number])) == NOW
    before = json.dumps(OLD[number])
    assert migrated(OLD[number])["schema"] == SCHEMA
    assert json.dumps(OLD[number]) == before


@pytest.mark.parametrize("number", OLD)
def test_a_changed_old_record_is_one_of_today(number: int) -> None:
    record = json.loads(encode(NOW, over=dumps(OLD[number])))
    assert record == {**to_json(NOW), "mood": "blue"}


def test_what_is_of_today_or_newer_stays_as_it_is() -> None:
    for schema in ({"schema": SCHEMA}, {"schema": SCHEMA + 5}, {}):
        record = {**to_json(NOW), **schema, "operation": "a/b"}
        assert migrated(record) == record


def test_steps_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        number: lambda record: {**record, "by": [*record.get("by", []), record["schema"]]}
        for number in (0, 1)
    }
    monkeypatch.setattr(migrations, "STEPS", steps)
    assert migrated({"schema": 0}) == {"schema": 2, "by": [0, 1]}


async def test_a_ledger_of_old_records_goes_on(tmp_path: Path) -> None:
    with JournalDB(tmp_path) as database:
        database.table("tasks").insert_multiple(
            {**record, "id": f"old{number}"} for number, record in OLD.items()
        )
    store = await open_store(tmp_path)
    assert [task.operation for task in store.tasks.values()] == ["text2video"] * len(OLD)
    for number in OLD:
        await store.update(f"old{number}", progress(0.5))
    await store.close()
    with JournalDB(tmp_path) as database:
        for document in database.table("tasks"):
            assert (document["schema"], document["operation"]) == (SCHEMA, "text2video")
            assert document["progress"] == 0.5
            assert document["status"] == Status.WAITING
