"""The tables of :mod:`.chanjing`, each row against the adapter and against the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.clock import SystemClock
from backend.errors import RequestError
from backend.models import Creation, Failure, FailureKind, Origin, Snapshot, Status, Submission, Task
from backend.providers import registry
from backend.providers.contract import HttpAnswer, TaskRef
from backend.sandbox import chanjing as sandbox_module
from tests.backend.engine.test_sandbox import at_work
from tests.backend.sandbox.conftest import Client

from .chanjing import CODES, CODES_BY_OPERATION, REASONS, ROWS, WORDS
from .rows import Row

SUBMIT = "/open/v1/ai_creation/task/submit"
PAGE = "/open/v1/ai_creation/task/page"
OPERATIONS = [registry.operation("chanjing", name) for name in CODES_BY_OPERATION]
FILM = "https://cdn.example/v.mp4"


def answer(body: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status=status, body=json.dumps(body).encode())


def created(body: Any, status: int = 200) -> Failure:
    got = OPERATIONS[0].codec.read_created(answer(body, status))
    assert isinstance(got, Failure), got
    return got


def told(job: dict[str, Any]) -> Snapshot:
    ref = TaskRef(task_id="t", remote_id="u-1", external_id=None, endpoint=SUBMIT, request={})
    got = OPERATIONS[0].codec.read_query(answer({"code": 0, "data": {"unique_id": "u-1", **job}}), [ref])["t"]
    assert isinstance(got, Snapshot), got
    return got


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_adapter(row: Row) -> None:
    operation = registry.operation(*row.operation)
    if row.field:
        with pytest.raises(RequestError) as caught:
            operation.model.from_body(row.body)
        assert row.field in {issue.field for issue in caught.value.issues}
        return
    request = operation.model.from_body(row.body)
    warned = {issue.field: issue.source for issue in request.warnings()}
    assert set(warned) == ({row.warned} if row.warned else set())
    assert "FACTS" not in str(warned)
    sent = operation.codec.create(request, "reeltop-1")
    assert (sent.method, sent.path, sent.body) == ("POST", SUBMIT, row.body)
    assert operation.codec.create(operation.model.parse(request.values()), None) == sent


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_sandbox(row: Row, client: Client) -> None:
    got = await client.call("chanjing", "POST", SUBMIT, row.body)
    assert got.status_code == 200, "errors too come with 200"
    if row.field:
        assert got.json()["code"] == 40000, got.text
        assert got.json()["msg"].startswith("参数错误")
        assert len(client.server.books) == 0
    else:
        assert got.json()["code"] == 0, got.text
        (job,) = client.server.books
        assert (job.id, job.operation) == (got.json()["data"], row.operation[1])


@pytest.mark.parametrize("missing", ["creation_type", "model_code"])
async def test_the_sandbox_demands(client: Client, missing: str) -> None:
    body = {"creation_type": 4, "model_code": "tx_kling2.5", "ref_prompt": "x"}
    del body[missing]
    got = (await client.call("chanjing", "POST", SUBMIT, body)).json()
    assert got["code"] == 40000
    assert missing in got["msg"]


def test_a_last_frame_cannot_stand_alone_in_the_array() -> None:
    for operation in OPERATIONS[1:]:
        with pytest.raises(RequestError, match="start_frame"):
            operation.model.parse({"end_frame": "https://example.com/a.png"})


@pytest.mark.parametrize(("word", "status"), WORDS.items())
def test_words(word: str, status: Status | None) -> None:
    for said in {word, word.upper(), word.lower()}:
        snapshot = told({"progress_desc": said, "output_url": [FILM], "err_msg": "why"})
        assert (snapshot.status, snapshot.status_words, snapshot.progress) == (status, said, None)
        assert [file.url for file in snapshot.files] == ([FILM] if status is Status.SUCCEEDED else [])
        assert bool(snapshot.failure) == (status is Status.FAILED)


@pytest.mark.parametrize("output", [[], None, "", [""]])
def test_success_without_a_film_is_not_yet_success(output: Any) -> None:
    assert told({"progress_desc": "Success", "output_url": output}).status is Status.RUNNING


@pytest.mark.parametrize(("code", "kind", "may_exist"), CODES)
async def test_codes(client: Client, code: int, kind: FailureKind, may_exist: bool) -> None:
    body = {"creation_type": 4, "model_code": "tx_kling2.5"}
    got = await client.call("chanjing", "POST", SUBMIT, body, fault=f"error;code={code}")
    assert got.status_code == 200
    own = {"trace_id": "t-1", "code": str(code), "msg": "words", "data": None}
    for failure in (created(got.json()), created(own)):
        assert (failure.kind, failure.code) == (kind, str(code))
        assert failure.creation is (Creation.MAY_EXIST if may_exist else Creation.NOT_CREATED)
        assert failure.request_id
    assert len(client.server.books) == 0


def test_the_sandbox_knows_the_same_codes() -> None:
    assert set(sandbox_module.CODES) == {str(code) for code, _, _ in CODES}


@pytest.mark.parametrize(
    ("status", "kind", "may_exist"), [(400, FailureKind.INVALID, False), (502, FailureKind.TRANSIENT, True)]
)
def test_other_statuses_are_the_transports(status: int, kind: FailureKind, may_exist: bool) -> None:
    failure = created({"message": "?"}, status)
    assert (failure.kind, failure.creation is Creation.MAY_EXIST) == (kind, may_exist)


def test_an_unknown_model_is_named_as_such() -> None:
    failure = created({"code": 40000, "msg": "参数错误：模型不存在"})
    assert (failure.kind, failure.creation) == (FailureKind.INVALID, Creation.NOT_CREATED)
    assert "model code" in failure.meaning


@pytest.mark.parametrize(("words", "kind"), REASONS)
def test_reasons(words: str, kind: FailureKind) -> None:
    failure = told({"progress_desc": "Error", "err_msg": words}).failure
    assert failure is not None
    assert (failure.kind, failure.words) == (kind, words)
    assert "not charged" in failure.money


def test_more_model_codes_come_from_the_configuration() -> None:
    provider = registry.provider("chanjing").configured({"models": ["kling-v9"]})
    for name in CODES_BY_OPERATION:
        request = provider.operations[name].model.parse({"model_code": "kling-v9", "ref_prompt": "x"})
        assert request.to_body()["model_code"] == "kling-v9"
        with pytest.raises(RequestError, match="model_code"):
            registry.operation("chanjing", name).model.parse({"model_code": "kling-v9"})


# -- one question for fifty tasks -------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "questions"), [(3, 1), (50, 1), (51, 2), (99, 2)])
async def test_running_tasks_cost_a_question_for_each_fifty(
    client: Client, tmp_path: Path, count: int, questions: int
) -> None:
    server = client.server
    tasks = []
    for number in range(count):
        operation = OPERATIONS[number % len(OPERATIONS)]
        request = operation.model.parse({"ref_prompt": "[slow] x"})
        got = await client.call("chanjing", "POST", SUBMIT, request.to_body())
        tasks.append(
            _running(
                server.account("chanjing").base_url, operation.name, got.json()["data"], request.values()
            )
        )
    asked = len(server.log)
    async with at_work(server, tmp_path, concurrency=100, poll_first=1.5, poll_max=1.5) as studio:
        await studio.store.add(tasks)
        await studio.until(lambda: all(studio[task].status_words for task in tasks), 20)
    said = [entry for entry in list(server.log)[asked:] if entry.fault == "" and "ai_creation" in entry.path]
    assert len(said) == questions


def _running(base_url: str, operation: str, remote_id: str, request: Any) -> Task:
    now = SystemClock().now()
    return Task(
        id=f"task-{remote_id}",
        account="chanjing",
        provider="chanjing",
        operation=operation,
        origin=Origin(base_url=base_url, endpoint=SUBMIT),
        request=request,
        status=Status.RUNNING,
        remote_id=remote_id,
        created_at=now,
        sent_at=now,
        updated_at=now,
    )


async def test_no_question_names_more_than_fifty(client: Client) -> None:
    codec = OPERATIONS[0].codec
    assert codec.batch_size == 50
    assert all(operation.codec is codec for operation in OPERATIONS)
    body = {"unique_ids": [str(n) for n in range(51)], "type": 4, "page": 1, "page_size": 50}
    assert (await client.call("chanjing", "POST", PAGE, body)).json()["code"] == 40000


async def test_a_sibling_is_found_by_what_was_asked(client: Client) -> None:
    for operation in OPERATIONS:
        request = operation.model.parse({"ref_prompt": "a cat"})
        got = await client.call("chanjing", "POST", SUBMIT, request.to_body())
        made = operation.codec.read_created(HttpAnswer(status=200, body=got.content))
        assert isinstance(made, Submission)
        ref = TaskRef(
            task_id="t",
            remote_id=None,
            external_id=None,
            endpoint=SUBMIT,
            request=request.values(),
            sent_at=SystemClock().now(),
        )
        question = operation.codec.find(ref)
        assert question is not None
        listed = await client.call("chanjing", "POST", question.path, dict(question.body or {}))
        found = operation.codec.read_found(HttpAnswer(status=200, body=listed.content), ref, frozenset())
        assert isinstance(found, Snapshot)
        assert found.remote_id == made.remote_id
