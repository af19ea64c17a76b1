"""The tables of :mod:`.kling`, :mod:`.kling_v2` and :mod:`.relay`, each row against adapter and sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from backend.errors import RequestError
from backend.models import Creation, Failure, FailureKind, Snapshot, Status
from backend.providers import registry
from backend.providers.contract import HttpAnswer, TaskRef
from backend.providers.failures import MAY_BE_CHARGED, NOTHING_CHARGED
from backend.sandbox import kling as kling_sandbox
from backend.sandbox import kling_relay as relay_sandbox
from tests.backend.sandbox.conftest import Client, HandClock

from . import kling, kling_v2, relay
from .kling import CODES as OFFICIAL_CODES
from .kling import WORDS as OFFICIAL_WORDS
from .relay import CODES as RELAY_CODES
from .relay import WORDS as RELAY_WORDS
from .rows import (
    IMAGE,
    OMNI,
    PATHS,
    RELAY_IMAGE,
    RELAY_TEXT,
    RELAY_TURBO_IMAGE,
    RELAY_TURBO_TEXT,
    TEXT,
    TURBO_IMAGE,
    TURBO_TEXT,
    V2_IMAGE,
    V2_TEXT,
    Row,
)

ROWS = [*kling.ROWS, *kling_v2.ROWS, *relay.ROWS]

LEGACY = [TEXT, IMAGE, OMNI]
V2 = [TURBO_TEXT, TURBO_IMAGE, V2_TEXT, V2_IMAGE]
RELAY = [RELAY_TEXT, RELAY_IMAGE, RELAY_TURBO_TEXT, RELAY_TURBO_IMAGE]
FILM = "https://cdn.example/v.mp4"


def refs_of(operation: tuple[str, str], *ids: str) -> list[TaskRef]:
    path = PATHS[operation].format(model="kling-3.0")
    return [TaskRef(task_id=f"t-{i}", remote_id=i, external_id=None, endpoint=path, request={}) for i in ids]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_adapter(row: Row) -> None:
    operation = registry.operation(*row.operation)
    named = {**row.body, "model": row.model} if row.model else row.body
    if row.field:
        with pytest.raises(RequestError) as caught:
            operation.model.from_body(named)
        assert row.field in {issue.field for issue in caught.value.issues}
        assert all(issue.message for issue in caught.value.issues)
        return
    request = operation.model.from_body(named)
    warned = {issue.field: issue.source for issue in request.warnings()}
    if row.warned:
        assert warned[row.warned]
        assert "FACTS" not in str(warned)
    sent = operation.codec.create(request, "reeltop-1")
    assert (sent.method, sent.path) == ("POST", PATHS[row.operation].format(model=row.model))
    again = operation.codec.create(operation.model.parse(request.values()), "reeltop-1")
    assert again == sent


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_sandbox(row: Row, client: Client) -> None:
    account = row.operation[0]
    path = PATHS[row.operation].format(model=row.model)
    answer = await client.call(account, "POST", path, row.body)
    if row.field:
        assert answer.status_code == 400
        # What the relay itself finds wrong has a documented message, but no documented code.
        own = {"invalid_request"} if account == "kling-relay" else set()
        assert answer.json()["code"] in {1201, *own}, answer.text
        assert answer.json()["message"]
        assert len(client.server.books) == 0
    else:
        assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text
        assert len(client.server.books) == 1


@pytest.mark.parametrize("operation", LEGACY, ids=str)
@pytest.mark.parametrize(("word", "status"), OFFICIAL_WORDS.items())
def test_legacy_words(operation: tuple[str, str], word: str, status: Status | None) -> None:
    result = {"videos": [{"id": "v", "url": FILM, "duration": "5"}]}
    job = {"task_id": "1", "task_status": word, "task_status_msg": "why", "task_result": result}
    assert told(operation, {"code": 0, "message": "SUCCEED", "data": job}).status is status


@pytest.mark.parametrize("operation", V2, ids=str)
@pytest.mark.parametrize(("word", "status"), OFFICIAL_WORDS.items())
def test_api_2_words(operation: tuple[str, str], word: str, status: Status | None) -> None:
    job = {"id": "1", "status": word, "message": "why", "outputs": [{"type": "video", "url": FILM}]}
    snapshot = told(operation, {"code": 0, "message": "SUCCEED", "data": [job]})
    assert snapshot.status is status
    assert (snapshot.failure.words if snapshot.failure else "") == ("why" if status is Status.FAILED else "")


@pytest.mark.parametrize("operation", RELAY, ids=str)
@pytest.mark.parametrize(("word", "status"), RELAY_WORDS.items())
def test_relay_words(operation: tuple[str, str], word: str, status: Status | None) -> None:
    result = {"videos": [{"url": FILM}]}
    for job in (
        {"task_id": "1", "task_status": word, "task_result": result},
        {"id": "1", "status": word, "task_result": result},
        {"id": "1", "status": word, "outputs": [{"type": "video", "url": FILM}]},
    ):
        assert told(operation, {"code": 0, "data": job}).status is status


def told(operation: tuple[str, str], body: Any) -> Snapshot:
    codec = registry.operation(*operation).codec
    got = codec.read_query(answer(body), refs_of(operation, "1"))["t-1"]
    assert isinstance(got, Snapshot), got
    return got


def answer(body: Any, status: int = 200) -> HttpAnswer:
    import json

    return HttpAnswer(status=status, body=json.dumps(body).encode())


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), OFFICIAL_CODES)
@pytest.mark.parametrize("shown", ["own", "200"])
@pytest.mark.parametrize("operation", LEGACY + V2, ids=str)
def test_official_codes(
    operation: tuple[str, str], shown: str, status: int, code: int, kind: FailureKind, may_exist: bool
) -> None:
    body = {"code": code, "message": "some words", "request_id": "r-9"}
    http = status if shown == "own" else 200
    failure = registry.operation(*operation).codec.read_created(answer(body, http))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code, failure.words) == (kind, str(code), "some words")
    assert (failure.request_id, failure.http_status) == ("r-9", http)
    assert failure.creation is (Creation.MAY_EXIST if may_exist else Creation.NOT_CREATED)
    assert failure.money == (MAY_BE_CHARGED if may_exist else NOTHING_CHARGED)


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), RELAY_CODES)
@pytest.mark.parametrize("shape", ["E2", "E3"])
@pytest.mark.parametrize("operation", RELAY, ids=str)
def test_relay_codes(
    operation: tuple[str, str], shape: str, status: int, code: str, kind: FailureKind, may_exist: bool
) -> None:
    flat = {"code": code, "message": "words", "data": None}
    nested = {"error": {"message": "words", "type": "new_api_error", "code": code}}
    body = flat if shape == "E2" else nested
    failure = registry.operation(*operation).codec.read_created(answer(body, status))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code, failure.words) == (kind, code, "words")
    assert (failure.creation is Creation.MAY_EXIST) == may_exist


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), OFFICIAL_CODES)
@pytest.mark.parametrize("operation", [TEXT, TURBO_TEXT, RELAY_TEXT], ids=str)
async def test_official_codes_of_the_sandbox(
    operation: tuple[str, str], status: int, code: int, kind: FailureKind, may_exist: bool, client: Client
) -> None:
    await shows(client, operation, status, str(code), kind)


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), RELAY_CODES)
async def test_relay_codes_of_the_sandbox(
    status: int, code: str, kind: FailureKind, may_exist: bool, client: Client
) -> None:
    await shows(client, RELAY_TEXT, status, code, kind)


async def shows(
    client: Client, operation: tuple[str, str], status: int, code: str, kind: FailureKind
) -> None:
    body = {"model_name": "kling-v1", "prompt": "a cat"}
    got = await client.call(operation[0], "POST", PATHS[operation], body, fault=f"error;code={code}")
    assert got.status_code == status
    failure = registry.operation(*operation).codec.read_created(
        HttpAnswer(status=got.status_code, body=got.content)
    )
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code) == (kind, code)
    assert len(client.server.books) == 0


def test_the_sandbox_knows_the_same_codes() -> None:
    assert set(kling_sandbox.CODES) == {str(code) for _, code, _, _ in OFFICIAL_CODES}
    assert set(relay_sandbox.OWN_CODES) == {code for _, code, _, _ in RELAY_CODES}


# -- FACTS 3.3 and 3.4: asking about many at once ------------------------------------------------------


async def make(client: Client, count: int) -> list[str]:
    ids = []
    for number in range(count):
        body = {"prompt": "x [ok]", "options": {"external_task_id": f"e-{number}"}}
        ids.append((await client.call("kling", "POST", PATHS[TURBO_TEXT], body)).json()["data"]["id"])
    return ids


async def test_many_are_asked_for_at_once(still: Client, hand_clock: HandClock) -> None:
    ids = await make(still, 3)
    hand_clock.pass_(60)
    codec = registry.operation(*TURBO_TEXT).codec
    assert codec.batch_size == 20
    refs = refs_of(TURBO_TEXT, *ids, "86000")
    asked = codec.query(refs)
    assert (asked.method, asked.path, asked.query) == (
        "GET",
        "/tasks",
        (("task_ids", ",".join([*ids, "86000"])),),
    )
    got = await still.call("kling", "GET", f"/tasks?task_ids={','.join([*ids, '86000'])}")
    read = codec.read_query(HttpAnswer(status=200, body=got.content), refs)
    for task_id in ids:
        snapshot = read[f"t-{task_id}"]
        assert isinstance(snapshot, Snapshot)
        assert snapshot.status is Status.SUCCEEDED
        assert (snapshot.files[0].duration, snapshot.charges[0].unit) == (5.0, "unit")
    missing = read["t-86000"]
    assert isinstance(missing, Failure)
    assert missing.kind is FailureKind.NOT_FOUND


async def test_a_task_is_found_by_our_id(client: Client) -> None:
    (task_id,) = await make(client, 1)
    codec = registry.operation(*TURBO_TEXT).codec
    for name, expected in (("e-0", task_id), ("e-9", None)):
        ref = TaskRef(task_id="t", remote_id=None, external_id=name, endpoint=PATHS[TURBO_TEXT], request={})
        asked = codec.find(ref)
        assert asked is not None
        got = await client.call("kling", asked.method, asked.path, params=dict(asked.query))
        found = codec.read_found(HttpAnswer(status=200, body=got.content), ref, frozenset())
        assert (found.remote_id if isinstance(found, Snapshot) else found) == expected


@pytest.mark.parametrize(
    "query", ["", "?task_ids=", "?task_ids=1&external_task_ids=2", "?task_ids=" + ",".join(["1"] * 21)]
)
async def test_what_cannot_be_asked(client: Client, query: str) -> None:
    got = await client.call("kling", "GET", f"/tasks{query}")
    assert (got.status_code, got.json()["code"]) == (400, 1201)


async def test_unknown_ids_are_left_out_without_an_error(client: Client) -> None:
    got = await client.call("kling", "GET", "/tasks?task_ids=1,2")
    assert (got.status_code, got.json()["code"], got.json()["data"]) == (200, 0, [])


async def test_the_list_is_read_by_cursor(still: Client) -> None:
    ids = await make(still, 5)
    provider = registry.provider("kling")
    request = provider.list_tasks("turbo-text2video", 1, 2)
    assert provider.list_tasks("turbo-text2video", 2, 2) is None
    seen: list[str] = []
    while request is not None:
        got = await still.call("kling", request.method, request.path, dict(request.body or {}))
        raw = HttpAnswer(status=got.status_code, body=got.content)
        page = provider.read_list("turbo-text2video", raw)
        assert not isinstance(page, Failure)
        seen += [snapshot.remote_id for snapshot in page]
        request = provider.next_page("turbo-text2video", raw, 2)
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({}, 2),
        ({"start_time": "0", "end_time": 9e15}, None),
        ({"start_time": "0", "end_time": 1}, 0),
        ({"filters": [{"key": "status", "values": ["succeeded"]}]}, 0),
        ({"filters": [{"key": "status", "values": ["submitted"]}]}, 2),
        ({"filters": [{"key": "product_type", "values": ["image"]}]}, 0),
        ({"filters": [{"key": "colour", "values": ["red"]}]}, None),
        ({"limit": 501}, None),
        ({"cursor": "nowhere"}, None),
    ],
)
async def test_the_list_can_be_narrowed(still: Client, body: dict[str, Any], count: int | None) -> None:
    await make(still, 2)
    got = (await still.call("kling", "POST", "/tasks", body)).json()
    if count is None:
        assert got["code"] == 1201
    else:
        assert got["data"]["count"] == len(got["data"]["result"]) == count
        assert got["data"]["has_more"] is False


@pytest.mark.parametrize("operation", [V2_TEXT, V2_IMAGE], ids=str)
async def test_a_model_that_does_not_exist(operation: tuple[str, str], client: Client) -> None:
    with pytest.raises(RequestError, match="model"):
        registry.operation(*operation).model.parse({"model": "kling-9", "prompt": "x"})
    got = await client.call("kling", "POST", PATHS[operation].format(model="kling-9"), {"prompt": "x"})
    assert (got.status_code, got.json()["code"]) == (404, 1203)
    failure = registry.operation(*operation).codec.read_created(HttpAnswer(status=404, body=got.content))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.creation) == (FailureKind.NOT_FOUND, Creation.NOT_CREATED)


async def test_external_ids_and_slots_are_the_accounts(still: Client) -> None:
    await make(still, 1)
    repeated = {"model_name": "kling-v1", "prompt": "x", "external_task_id": "e-0"}
    got = await still.call("kling", "POST", PATHS[TEXT], repeated)
    assert (got.status_code, got.json()["code"]) == (400, 1201)
    failure = registry.operation(*TEXT).codec.read_created(HttpAnswer(status=400, body=got.content))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.DUPLICATE
    for _ in range(4):
        await still.call("kling", "POST", PATHS[TURBO_TEXT], {"prompt": "x"})
    full = await still.call("kling", "POST", PATHS[TURBO_TEXT], {"prompt": "x"})
    assert (full.status_code, full.json()["code"]) == (429, 1303)
