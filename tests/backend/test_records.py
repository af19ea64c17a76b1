"""Tasks as JSON."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import records
from backend.models import (
    Artifact,
    ArtifactState,
    Charge,
    Creation,
    Failure,
    FailureKind,
    Origin,
    RemoteFile,
    Status,
    Task,
    TaskEvent,
    Trouble,
)
from backend.records import TIMES, as_tinydb, decode, encode, from_json, to_json

THEN = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
FAILURE = Failure(kind=FailureKind.POLICY, words="[red]不行[/]", code="1301", creation=Creation.MAY_EXIST)
TASK = Task(
    id="a1",
    account="工作",
    provider="kling",
    operation="kling/text2video",
    origin=Origin(base_url="https://example.com", endpoint="/v1/videos/text2video", codec_version=3),
    request={"prompt": "一只猫 [bold]x[/bold]", "at": "2026-05-01T12:00:00", "nested": {"a": [1, 0.5, None]}},
    created_at=THEN,
    updated_at=THEN,
    status=Status.SUCCEEDED,
    progress=0.25,
    remote_id="900719925474099312",
    failure=FAILURE,
    trouble=Trouble(failure=FAILURE, since=THEN, count=2, next_try=THEN),
    artifacts=(
        Artifact(
            remote=RemoteFile(url="https://example.com/1.mp4", duration=5.0, expires_at=THEN),
            state=ArtifactState.SAVED,
            checks=("length", "mp4"),
        ),
    ),
    charges=(Charge(amount=Decimal("0.10"), unit="cash"),),
    events=(TaskEvent(at=THEN, what="created"), TaskEvent(at=THEN, what="status", words="排队")),
)


def test_a_task_comes_back_as_it_was() -> None:
    assert from_json(json.loads(json.dumps(to_json(TASK)))) == TASK
    assert decode(encode(TASK)) == TASK
    assert json.loads(encode(TASK)) == to_json(TASK)


def test_the_record_has_the_shape_that_is_documented() -> None:
    record = to_json(TASK)
    assert list(record) == ["schema", *(field.name for field in dataclasses.fields(Task))]
    assert record["schema"] == 1
    assert record["status"] == "succeeded"
    assert record["created_at"] == "2026-05-01T12:00:00.123456Z"
    assert record["charges"] == [{"amount": "0.10", "unit": "cash"}]
    assert record["artifacts"][0]["remote"]["expires_at"] == "2026-05-01T12:00:00.123456Z"


def test_every_time_in_a_task_is_known_as_one() -> None:
    found = set()
    open_types = [Task]
    while open_types:
        for name, hint in typing.get_type_hints(open_types.pop()).items():
            for part in (hint, *typing.get_args(hint)):
                if part is datetime:
                    found.add(name)
                elif dataclasses.is_dataclass(part) and isinstance(part, type):
                    open_types.append(part)  # type: ignore[arg-type]
    assert found == TIMES


def test_other_zones_become_utc_and_no_zone_is_refused() -> None:
    there = replace(TASK, created_at=datetime(2026, 5, 1, 20, 0, tzinfo=timezone(timedelta(hours=8))))
    assert to_json(there)["created_at"] == "2026-05-01T12:00:00Z"
    assert b'"created_at":"2026-05-01T12:00:00Z"' in encode(there)
    naive = replace(TASK, events=(TaskEvent(at=datetime(2026, 5, 1), what="created"),))
    for make in (to_json, encode):
        with pytest.raises(ValueError, match="2026-05-01T00:00:00 has no zone"):
            make(naive)
    with pytest.raises(ValueError, match="no zone"):
        from_json(to_json(TASK) | {"sent_at": "2026-05-01T12:00:00"})


def spoiled(part: Any, time: datetime) -> Iterator[Any]:
    """Make copies of a task or of a part of it, in each of which another time is `time`."""
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.name in TIMES:
            yield replace(part, **{field.name: time})
        elif dataclasses.is_dataclass(value):
            yield from (replace(part, **{field.name: item}) for item in spoiled(value, time))
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[-1]):
            changed = (
                replace(part, **{field.name: (*value[:-1], item)}) for item in spoiled(value[-1], time)
            )
            yield from changed


def test_no_time_escapes() -> None:
    tasks = list(spoiled(TASK, datetime(2026, 5, 1)))
    assert len(tasks) == len(TIMES)
    for task in tasks:
        with pytest.raises(ValueError, match="no zone"):
            encode(task)
    for task in spoiled(TASK, THEN.astimezone(timezone(timedelta(hours=8)))):
        assert b"+08:00" not in encode(task)


def test_what_looks_like_a_time_in_a_request_stays() -> None:
    assert to_json(TASK)["request"] == TASK.request


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "dreaming"}, "status: Input should be 'waiting'"),
        ({"id": 7}, "id: Input should be a valid string"),
        ({"origin": {"base_url": "x"}}, "origin.endpoint: Field required"),
        ({"created_at": "yesterday"}, "created_at: Input should be a valid datetime"),
        ({"schema": "one"}, "schema must be a number"),
    ],
)
def test_a_bad_record_is_refused_by_name(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        from_json(to_json(TASK) | change)
    assert "\n" not in str(caught.value)
    assert "一只猫" not in str(caught.value)
    with pytest.raises(ValueError, match="JSON object"):
        from_json([])  # type: ignore[arg-type]


def newer_record() -> dict[str, Any]:
    record = to_json(TASK) | {"schema": 2, "mood": "blue", "removed_later": None}
    record["origin"]["region"] = "eu"
    record["events"][0]["by"] = "me"
    record["artifacts"][0]["remote"]["codec"] = "av1"
    return record


def test_a_newer_record_is_read_and_keeps_what_only_it_knows() -> None:
    old = newer_record()
    task = from_json(old)
    assert task == TASK
    event = TaskEvent(at=THEN, what="saved")
    artifact = replace(task.artifacts[0], path="/v/1.mp4")
    changed = replace(task, progress=1.0, events=(*task.events, event), artifacts=(artifact,))
    new = to_json(changed, over=old)
    assert from_json(new) == changed
    assert new["schema"] == 2
    assert new["mood"] == "blue"
    assert "removed_later" in new
    assert new["origin"]["region"] == "eu"
    assert new["events"][0]["by"] == "me"
    assert new["artifacts"][0]["remote"]["codec"] == "av1"
    encoded = json.dumps(old).encode()
    assert not records.is_of_this_version(encoded)
    assert decode(encoded) == TASK
    assert json.loads(encode(changed, over=encoded)) == new


def test_what_was_taken_out_is_not_carried_over() -> None:
    new = to_json(replace(TASK, request={"prompt": "x"}, failure=None, events=()), over=newer_record())
    assert new["request"] == {"prompt": "x"}
    assert new["failure"] is None
    assert new["events"] == []


def test_half_characters_do_not_keep_a_task_from_being_recorded() -> None:
    hostile = replace(TASK, last_answer="\ud800x", request={"prompt": "\udfff", "face": "\ud83d\ude00"})
    task = decode(encode(hostile))
    assert task.last_answer == "\ufffdx"
    assert task.request == {"prompt": "\ufffd", "face": "😀"}


@given(st.text(), st.text(st.characters(codec="utf-8")))
def test_any_text_is_one_line_of_utf8(words: str, sure: str) -> None:
    data = encode(replace(TASK, prompt=sure, last_answer=words))
    assert b"\n" not in data
    assert decode(data).prompt == sure


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown type"):
        encode(replace(TASK, request={"thing": object()}))


def test_an_export_is_a_tinydb_file(tmp_path: Path) -> None:
    from tinydb import TinyDB, where

    path = tmp_path / "export.json"
    export = as_tinydb([TASK, replace(TASK, id="b2")])
    path.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
    with TinyDB(str(path), access_mode="r", encoding="utf-8") as database:
        found = database.table("tasks").get(where("id") == "b2")
    assert isinstance(found, dict)
    assert found["request"]["prompt"] == "一只猫 [bold]x[/bold]"


def test_importing_it_does_not_import_pydantic() -> None:
    code = "import sys, backend.records; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
