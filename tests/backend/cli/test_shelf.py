"""archive, export and import: tasks put away, backed up, and brought in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.ledger.table import JournalDB
from backend.models import Artifact, ArtifactState, Failure, FailureKind, RemoteFile, Status, Task
from backend.records import to_json
from tests.backend.cli.conftest import Inside, Sandbox
from tests.backend.cli.helpers import THEN, make_task

SAVED = Artifact(
    remote=RemoteFile(url="http://127.0.0.1:1/a.mp4"), state=ArtifactState.SAVED, path="/v/a.mp4"
)
TASKS = (
    make_task(Status.SUCCEEDED, id="done0001", finished_at=THEN, artifacts=(SAVED,), remote_id="r1"),
    make_task(
        Status.SUCCEEDED,
        id="open0002",
        finished_at=THEN,
        artifacts=(Artifact(remote=RemoteFile(url="http://127.0.0.1:1/b.mp4")),),
    ),
    make_task(
        Status.FAILED,
        id="fail0003",
        account="gone",
        finished_at=THEN,
        prompt="雪 [bold]\x1b[1m",
        failure=Failure(kind=FailureKind.POLICY, words="no"),
    ),
    make_task(Status.RUNNING, id="live0004", remote_id="r4"),
)


def record(inside: Inside, *tasks: Task) -> None:
    """Put tasks straight into the ledger."""
    ledger = Path(json.loads(inside("paths", "--json").out)["ledger"])
    with JournalDB(ledger) as database:
        database.table("tasks").insert_multiple(map(to_json, tasks))


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.fixture
def elsewhere(inside: Inside, tmp_path: Path) -> Inside:
    """Another machine, with the same sandbox."""
    return Inside(tmp_path / "elsewhere", inside.environment, printed=inside.printed)


def test_what_is_archived_is_listed_shown_and_brought_back(inside: Inside) -> None:
    record(inside, *TASKS)
    done = inside("archive", "--older-than", "1d", "--json")
    assert done.code == 0, done.err
    assert ids(done.lines()) == ["done0001", "fail0003"]
    assert "1 kept: their files are not fetched" in done.err
    assert sorted(ids(inside("list", "--json").json())) == ["live0004", "open0002"]
    assert sorted(ids(inside("list", "--archived", "--json").json())) == ["done0001", "fail0003"]
    assert len(inside("list", "--all", "--json").json()) == 4
    assert ids(inside("list", "--all", "--status", "failed", "--account", "gone", "--json").json()) == [
        "fail0003"
    ]
    assert len(inside("list", "--all", "--limit", "3", "--json").json()) == 3
    assert inside("show", "done", "--json").json() == to_json(TASKS[0])
    assert "/v/a.mp4" in inside("show", "done0001").out
    assert "\x1b" not in inside("list", "--archived").out
    assert inside("show", "nothing").code == 2
    back = inside("archive", "--restore", "done", "--json")
    assert back.json() == to_json(TASKS[0])
    assert ids(inside("list", "--archived", "--json").json()) == ["fail0003"]
    assert inside("archive", "--restore", "done").code == 2


def test_young_tasks_stay(inside: Inside) -> None:
    record(inside, *TASKS)
    assert inside("archive", "--older-than", "5200w").err.count("0 archived") == 1
    assert inside("archive", "--older-than", "soon").code == 2


def test_a_backup_comes_back_exactly(inside: Inside, elsewhere: Inside, tmp_path: Path) -> None:
    record(inside, *TASKS)
    inside("archive")
    file = tmp_path / "backup.jsonl"
    done = inside("export", str(file))
    assert (done.code, done.out) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert inside("export", str(file)).code == 2
    assert inside("export", str(file), "--force").code == 0
    assert sorted(ids([json.loads(line) for line in inside("export").out.splitlines()])) == sorted(
        task.id for task in TASKS
    )
    first = elsewhere("import", str(file), "--json")
    assert first.code == 0, first.err
    assert len(first.lines()) == 4
    again = elsewhere("import", "-", "--json", stdin=file.read_text())
    assert again.out == ""
    assert "0 tasks added; 4 were here already" in again.err
    assert elsewhere("export").out == inside("export").out


def test_what_was_waiting_is_not_sent_from_a_backup(inside: Inside, elsewhere: Inside) -> None:
    record(inside, make_task(Status.WAITING, id="wait0001", external_id="mine"))
    (added,) = elsewhere("import", "-", "--json", stdin=inside("export").out).lines()
    assert added["status"] == "unconfirmed"
    assert added["events"][-1]["what"] == "imported"
    assert "may have been sent since" in added["failure"]["meaning"]


def test_the_same_task_under_another_id_is_no_second_one(inside: Inside) -> None:
    record(inside, TASKS[0])
    twin = make_task(Status.RUNNING, id="twin0009", remote_id="r1")
    done = inside("import", "-", stdin=json.dumps(to_json(twin)))
    assert "0 tasks added; 1 were here already" in done.err


@pytest.mark.parametrize("text", ["{", "[]", '{"id": 7}', '{"schema": 1}', "\udcff"])
def test_a_broken_line_is_named_and_nothing_comes_in(inside: Inside, text: str, tmp_path: Path) -> None:
    good = json.dumps(to_json(TASKS[0]))
    file = tmp_path / "broken.jsonl"
    file.write_bytes(f"{good}\n\n{text}\n".encode(errors="surrogateescape"))
    done = inside("import", str(file))
    assert done.code == 2
    assert "broken.jsonl" in done.err
    assert inside("list", "--json").json() == []


def test_tasks_made_elsewhere_come_in_once(inside: Inside, elsewhere: Inside, sandbox: Sandbox) -> None:
    del sandbox
    words = ["--account", "kling", "--operation", "text2video", "--set", "model_name=kling-v1"]
    made = elsewhere("submit", *words, "--set", "prompt=for import [ok]", "--wait", "--json").json()
    waiting = elsewhere("submit", *words, "--set", "prompt=for import [ok] [slow]", "--json").json()
    done = inside("import", "--account", "kling", "--operation", "text2video", "--json")
    assert done.code == 0, done.err
    added = {task["remote_id"]: task for task in done.lines()}
    finished, running = added[made["remote_id"]], added[waiting["remote_id"]]
    assert finished["status"] == "succeeded"
    assert finished["artifacts"][0]["remote"]["url"] == made["artifacts"][0]["remote"]["url"]
    assert finished["external_id"] == made["external_id"]
    assert running["status"] in ("queued", "running")
    assert running["deadline"]
    again = inside("import", "--account", "kling", "--operation", "text2video", "--json")
    assert made["remote_id"] not in again.out
    assert waiting["remote_id"] not in again.out
    own = elsewhere("import", "--account", "kling", "--json")
    assert made["remote_id"] not in own.out
    fetched = inside("download", finished["id"], "--json").json()
    assert Path(fetched["artifacts"][0]["path"]).stat().st_size > 1000
    watched = inside("wait", running["id"], "--json")
    assert watched.json()["status"] == "succeeded"


def test_chanjing_lists_too_and_who_has_none_says_so(inside: Inside, elsewhere: Inside) -> None:
    made = elsewhere(
        *("submit", "--account", "chanjing", "--operation", "tx-kling2.5"),
        *("--set", "ref_prompt=a [ok]", "--wait", "--json"),
    ).json()
    added = inside("import", "--account", "chanjing", "--json").lines()
    assert made["remote_id"] in [task["remote_id"] for task in added]
    none = inside("import", "--account", "kling-relay")
    assert none.code == 2
    assert "has no list of tasks" in none.err
    assert inside("import").code == 2
    assert inside("import", "x.jsonl", "--account", "kling").code == 2
