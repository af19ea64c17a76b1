"""What an error must tell, a test for each demand, at every provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backend.models import Creation, Failure, FailureKind, Snapshot, Status
from backend.providers import registry
from backend.providers.contract import HttpAnswer, Operation, TaskRef
from backend.providers.failures import MAY_BE_CHARGED, NOTHING_CHARGED

from . import chanjing, gateway, kling, relay

OPERATIONS = [
    (name, operation) for name, known in registry.providers().items() for operation in known.operations
]
every_operation = pytest.mark.parametrize(("provider", "name"), OPERATIONS)
CODES: dict[str, list[tuple[int, Any, FailureKind, bool]]] = {
    "kling": kling.CODES,
    "kling-relay": [*kling.CODES, *relay.CODES],
    "openai-video": gateway.CODES,
    "chanjing": [(200, code, kind, may_exist) for code, kind, may_exist in chanjing.CODES],
}
SENTENCES_END = (".", "…")


def operation(provider: str, name: str) -> Operation:
    return registry.operation(provider, name)


def error(provider: str, code: Any, words: str, request_id: str = "r-7") -> dict[str, Any]:
    """Return an error in the shape that a provider gives it."""
    if provider == "chanjing":
        return {"trace_id": request_id, "code": code, "msg": words, "data": None}
    return {"code": code, "message": words, "request_id": request_id}


def created(provider: str, name: str, body: Any, status: int) -> Failure:
    got = operation(provider, name).codec.read_created(
        HttpAnswer(status=status, body=body if isinstance(body, bytes) else json.dumps(body).encode())
    )
    assert isinstance(got, Failure), got
    return got


def told(provider: str, name: str, job: dict[str, Any]) -> Snapshot:
    """Return what is read of a job in an answer to a question, in the provider's envelope."""
    ref = TaskRef(task_id="t", remote_id="1", external_id=None, endpoint="/x", request={})
    body: Any = {"code": 0, "message": "SUCCEED", "request_id": "r-7", "data": job}
    if provider == "openai-video":
        body = job
    elif provider == "chanjing":
        body = {"code": 0, "msg": "success", "trace_id": "r-7", "data": job}
    elif name.startswith(("v2-", "turbo-")) and provider == "kling":
        body["data"] = [job]
    raw = HttpAnswer(status=200, body=json.dumps(body).encode())
    got = operation(provider, name).codec.read_query(raw, [ref])["t"]
    assert isinstance(got, Snapshot), got
    return got


def failed(provider: str, name: str, words: Any) -> Failure:
    """Return the failure of a job that says so in the field where its provider puts the reason."""
    job: dict[str, Any] = {
        "kling": {"task_id": "1", "task_status": "failed", "task_status_msg": words},
        "kling-relay": {"task_id": "1", "task_status": "failed", "task_status_msg": words},
        "openai-video": {"id": "1", "status": "failed", "error": {"code": "task_failed", "message": words}},
        "chanjing": {"unique_id": "1", "progress_desc": "Error", "err_msg": words},
    }[provider]
    if provider == "kling" and name.startswith(("v2-", "turbo-")):
        job = {"id": "1", "status": "failed", "message": words}
    snapshot = told(provider, name, job)
    assert snapshot.status is Status.FAILED
    assert snapshot.failure is not None
    return snapshot.failure


def rows() -> Iterator[Any]:
    for provider, name in OPERATIONS:
        for status, code, kind, may_exist in CODES[provider]:
            yield pytest.param(provider, name, status, code, kind, may_exist, id=f"{provider}-{name}-{code}")


@pytest.mark.parametrize(("provider", "name", "status", "code", "kind", "may_exist"), rows())
def test_a_code_becomes_class_money_next_step_and_the_providers_own_words(
    provider: str, name: str, status: int, code: Any, kind: FailureKind, may_exist: bool
) -> None:
    failure = created(provider, name, error(provider, code, "雪 [bold] words"), status)
    assert failure.kind is kind
    assert failure.creation is (Creation.MAY_EXIST if may_exist else Creation.NOT_CREATED)
    assert failure.money == (MAY_BE_CHARGED if may_exist else NOTHING_CHARGED)
    assert (failure.words, failure.code) == ("雪 [bold] words", str(code))
    assert (failure.request_id, failure.http_status) == ("r-7", status)
    assert failure.meaning.endswith(SENTENCES_END)
    assert failure.next_step.endswith(SENTENCES_END)
    assert failure.next_step.count(". ") == 0, "one sentence"


@pytest.mark.parametrize(("provider", "name"), [one for one in OPERATIONS if "kling" in one[0]])
def test_of_the_six_429s_only_two_are_tried_again(provider: str, name: str) -> None:
    passing = {
        code
        for code in (1100, 1101, 1102, 1302, 1303, 1304)
        if created(provider, name, error(provider, code, "no"), 429).kind.is_passing
    }
    assert passing == {1302, 1303}


@pytest.mark.parametrize("name", list(registry.provider("kling").operations))
@pytest.mark.parametrize("code", [1000, 1001, 1002])
def test_a_refused_key_points_at_region_and_host(name: str, code: int) -> None:
    failure = created("kling", name, error("kling", code, "no"), 401)
    assert "region" in failure.next_step
    assert "host" in failure.next_step


@every_operation
def test_succeed_never_hides_why_a_task_failed(provider: str, name: str) -> None:
    failure = failed(provider, name, "the cat ran away")
    assert failure.words == "the cat ran away"
    assert failure.kind is FailureKind.FAILED_TASK


@every_operation
@pytest.mark.parametrize("words", ["SUCCEED", "success", "", None])
def test_words_that_say_nothing_are_not_a_reason(provider: str, name: str, words: Any) -> None:
    assert failed(provider, name, words).words == ""


@pytest.mark.parametrize("words", ["扣费失败", "余额不足", "蝉豆不足", "账户欠费"])
@pytest.mark.parametrize("name", list(registry.provider("chanjing").operations))
def test_quota_words_in_a_failure_of_chanjing_count_as_quota(name: str, words: str) -> None:
    failure = failed("chanjing", name, f"生成失败：{words}")
    assert failure.kind is FailureKind.QUOTA
    assert "Top up" in failure.next_step


INNER = {"code": 1301, "message": "risk control", "request_id": "inner-1"}


@pytest.mark.parametrize(("provider", "name"), [one for one in OPERATIONS if one[0] != "chanjing"])
@pytest.mark.parametrize(
    "words",
    [
        json.dumps(INNER),
        f"upstream said: {json.dumps(INNER)}",
        json.dumps({"error": {**INNER, "code": "1301"}}),
    ],
)
def test_an_error_as_json_within_a_message_is_read(provider: str, name: str, words: str) -> None:
    wrapped = {"code": "task_failed", "message": words, "data": None}
    for body in (wrapped, {"error": {"message": words, "type": "new_api_error", "code": "task_failed"}}):
        failure = created(provider, name, body, 400)
        assert (failure.code, failure.words) == ("1301", "risk control")
        assert failure.request_id == "inner-1"
        assert failure.kind is FailureKind.POLICY
    reason = failed(provider, name, words)
    assert (reason.code, reason.words, reason.kind) == ("1301", "risk control", FailureKind.POLICY)


BY_STATUS = [
    (400, FailureKind.INVALID, False),
    (401, FailureKind.AUTH, False),
    (402, FailureKind.QUOTA, False),
    (403, FailureKind.FORBIDDEN, False),
    (413, FailureKind.INVALID, False),
    (422, FailureKind.INVALID, False),
    (408, FailureKind.TRANSIENT, True),
    (500, FailureKind.TRANSIENT, True),
    (502, FailureKind.TRANSIENT, True),
    (503, FailureKind.TRANSIENT, True),
    (504, FailureKind.TRANSIENT, True),
    (599, FailureKind.TRANSIENT, True),
]


@every_operation
@pytest.mark.parametrize(("status", "kind", "may_exist"), BY_STATUS)
@pytest.mark.parametrize("code", ["never_heard_of", 987654])
def test_an_unknown_code_falls_back_by_status_and_keeps_everything(
    provider: str, name: str, status: int, kind: FailureKind, may_exist: bool, code: Any
) -> None:
    failure = created(provider, name, error(provider, code, "odd words"), status)
    assert (failure.kind, failure.creation is Creation.MAY_EXIST) == (kind, may_exist)
    assert (failure.code, failure.words, failure.request_id) == (str(code), "odd words", "r-7")
    assert failure.http_status == status
    assert failure.money == (MAY_BE_CHARGED if may_exist else NOTHING_CHARGED)


@every_operation
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_hostile_words_are_cleaned_and_bounded(provider: str, name: str, status: int) -> None:
    words = "\x1b[31m[red]\u202e" + "x" * 100_000
    failure = created(provider, name, error(provider, 400, words), status)
    assert "\x1b" not in failure.words
    assert "\u202e" not in failure.words
    assert "[red]" in failure.words
    assert len(failure.words) <= 1000
