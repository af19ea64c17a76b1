"""Records of a newer reeltop in an older one's hands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.errors import StoreError
from backend.ledger.table import JournalDB
from backend.models import Status
from backend.records import to_json
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import make_task, progress, to


def put(folder: Path, *documents: dict[str, Any]) -> None:
    with JournalDB(folder) as database:
        database.table("tasks").insert_multiple(documents)


def records(folder: Path) -> list[dict[str, Any]]:
    with JournalDB(folder) as database:
        return [dict(document) for document in database.table("tasks")]


async def test_what_is_not_known_survives_a_change(folder: Path, opened: Opener) -> None:
    newer = to_json(make_task()) | {"schema": 3, "mood": {"colour": "blue"}}
    put(folder, newer)
    store = await opened()
    assert store.tasks["a"] == make_task()
    await store.update("a", to(Status.SUBMITTING))
    await store.update("a", progress(0.5), durable=False)
    await store.close()
    (record,) = records(folder)
    assert record["schema"] == 3
    assert record["mood"] == {"colour": "blue"}
    assert record["status"] == "submitting"
    assert record["progress"] == 0.5


async def test_what_cannot_be_read_is_kept_and_said(folder: Path, opened: Opener) -> None:
    strange = to_json(make_task("s")) | {"schema": 3, "status": "dreaming"}
    put(folder, to_json(make_task("a")), strange)
    store = await opened(compact_after=1)
    assert list(store.tasks) == ["a"]
    assert store.notices == (
        "Records in the ledger that this version of reeltop cannot read, kept as they are: 1.",
    )
    await store.add([make_task("b")])
    await store.update("b", to(Status.SUBMITTING))
    await store.close()
    assert json.dumps(records(folder)[1]) == json.dumps(strange)


async def test_a_task_that_a_newer_version_took_further_is_not_touched(folder: Path, opened: Opener) -> None:
    store = await opened(poll=60)
    await store.add([make_task("a")])
    with JournalDB(folder) as database:
        database.table("tasks").update({"schema": 3, "status": "dreaming"}, doc_ids=[1])
    with pytest.raises(StoreError, match="changed by a newer version"):
        await store.update("a", progress(0.5))
    assert store.tasks["a"] == make_task("a")
    await store.close()
    assert records(folder)[0]["status"] == "dreaming"
