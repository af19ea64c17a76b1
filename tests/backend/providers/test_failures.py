"""What errors mean, for the user and for the user's money."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.models import Creation, Failure, FailureKind, Status
from backend.providers import registry
from backend.providers.chanjing_errors import FAILURES as CHANJING_FAILURES
from backend.providers.failures import (
    ALREADY_THERE,
    FREE_CALL,
    MAY_BE_CHARGED,
    ONLY_A_QUESTION,
)
from backend.providers.kling_errors import KLING_FAILURES, RELAY_FAILURES
from tests.conformance.kling import CODES as OFFICIAL_CODES

from .helpers import EVERY_OPERATION, answer, ask, codec, told

K = FailureKind


def created(provider: str, operation: str, body: Any, status: int, **headers: str) -> Failure:
    got = codec(provider, operation).read_created(answer(body, status, headers))
    assert isinstance(got, Failure), got
    return got


def asked(provider: str, operation: str, body: Any, status: int) -> Failure:
    got = ask(provider, operation, body, status)
    assert isinstance(got, Failure), got
    return got


def test_only_two_of_klings_429s_pass() -> None:
    passing = [
        code
        for status, code, _, _ in OFFICIAL_CODES
        if status == 429 and created("kling", "text2video", {"code": code}, 429).kind.is_passing
    ]
    assert passing == [1302, 1303]


def test_a_429_without_a_known_code_proves_nothing() -> None:
    failure = created("kling", "text2video", b"<html>slow down</html>", 429)
    assert (failure.kind, failure.creation) == (K.RATE_LIMIT, Creation.MAY_EXIST)
    assert created("kling", "text2video", {"code": 1199, "message": "?"}, 429).kind is K.FORBIDDEN


@pytest.mark.parametrize("code", [1000, 1001, 1002])
def test_a_refused_key_points_at_the_region(code: int) -> None:
    failure = created("kling", "text2video", {"code": code, "message": "x"}, 401)
    assert "region" in failure.next_step
    assert "host" in failure.next_step


@pytest.mark.parametrize(
    "words", ["external_task_id already exists", "Duplicate external_task_id", "external_task_id 已存在"]
)
def test_a_duplicate_external_id(words: str) -> None:
    failure = created("kling", "text2video", {"code": 1201, "message": words}, 400)
    assert failure.kind is K.DUPLICATE
    assert failure.money == ALREADY_THERE
    assert failure.creation is Creation.NOT_CREATED, "by this request"


def test_an_unknown_task_is_told_from_a_wrong_parameter() -> None:
    body = {"code": 1201, "message": "Task not found by id 1", "request_id": "r"}
    assert asked("kling", "text2video", body, 400).kind is K.NOT_FOUND
    assert created("kling", "text2video", body, 400).kind is K.INVALID
    wrong = {"code": 1201, "message": "pageNum value is invalid"}
    assert asked("kling", "text2video", wrong, 400).kind is K.INVALID


@pytest.mark.parametrize(
    "body", [b"", b"<html><title>502</title></html>", b'{"code": 0, "da', b"null", b"[]", b"7"]
)
@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_an_unreadable_create_may_exist(provider: str, operation: str, status: int, body: bytes) -> None:
    failure = created(provider, operation, body, status)
    assert failure.kind is (K.PROTOCOL if status == 200 else K.TRANSIENT)
    assert failure.creation is Creation.MAY_EXIST
    assert asked(provider, operation, body, status).money == ONLY_A_QUESTION


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_a_page_with_404_is_not_an_unknown_task(provider: str, operation: str) -> None:
    page = b"<html><style>b{}</style><body>nginx\x1b[31m</body></html>"
    assert asked(provider, operation, page, 404).kind is K.PROTOCOL
    failure = created(provider, operation, page, 404)
    assert (failure.kind, failure.creation) == (K.INVALID, Creation.NOT_CREATED)
    assert failure.words == "nginx"
    assert "base URL" in failure.next_step


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_a_redirect_is_a_wrong_base_url(provider: str, operation: str) -> None:
    failure = created(provider, operation, b"", 301)
    assert (failure.kind, failure.creation) == (K.INVALID, Creation.NOT_CREATED)
    assert "base URL" in failure.next_step


E2 = [
    ("insufficient_user_quota", 403, K.QUOTA, False),
    ("pre_consume_token_quota_failed", 403, K.QUOTA, False),
    ("model_not_found", 503, K.FORBIDDEN, False),
    ("task_failed", 400, K.INVALID, False),
    ("do_request_failed", 500, K.TRANSIENT, True),
    ("read_response_body_failed", 500, K.TRANSIENT, True),
    ("unmarshal_response_failed", 500, K.TRANSIENT, True),
    ("build_request_failed", 500, K.INVALID, False),
    ("invalid_request", 400, K.INVALID, False),
    ("upstream_saturated", 429, K.RATE_LIMIT, False),
    ("something_new", 500, K.TRANSIENT, True),
    ("something_new", 200, K.TRANSIENT, True),
    ("something_new", 401, K.AUTH, False),
]
GATEWAYS = [("kling-relay", "text2video"), ("kling-relay", "turbo-image2video"), ("openai-video", "generate")]


@pytest.mark.parametrize(("provider", "operation"), GATEWAYS)
def test_an_error_within_a_vague_one_proves_nothing(provider: str, operation: str) -> None:
    inner = json.dumps({"code": 1302, "message": "too many", "request_id": "r-1"})
    for status in (429, 500, 504):
        body = json.dumps({"code": "do_request_failed", "message": inner}).encode()
        failure = created(provider, operation, body, status)
        assert failure.creation is Creation.MAY_EXIST
        assert (failure.code, failure.words, failure.request_id) == ("1302", "too many", "r-1")


@pytest.mark.parametrize(("code", "status", "kind", "may_exist"), E2)
@pytest.mark.parametrize("shape", ["E2", "E3"])
@pytest.mark.parametrize(("provider", "operation"), GATEWAYS)
def test_errors_of_the_new_api_family(
    provider: str, operation: str, shape: str, code: str, status: int, kind: FailureKind, may_exist: bool
) -> None:
    flat = {"code": code, "message": "words", "data": None}
    nested = {"error": {"message": "words", "type": "new_api_error", "code": code}}
    failure = created(provider, operation, flat if shape == "E2" else nested, status)
    assert (failure.kind, failure.code, failure.words) == (kind, code, "words")
    assert (failure.creation is Creation.MAY_EXIST) == may_exist


@pytest.mark.parametrize(("provider", "operation"), GATEWAYS)
def test_unknown_tasks_at_gateways(provider: str, operation: str) -> None:
    assert asked(provider, operation, {"code": "task_not_exist", "message": "x"}, 400).kind is K.NOT_FOUND
    missing = {"error": {"message": "no such task", "type": "invalid_request_error"}}
    assert asked(provider, operation, missing, 404).kind is K.NOT_FOUND


def test_the_upstream_error_inside_the_message() -> None:
    inner = json.dumps(
        {"code": 1303, "message": "parallel task over resource pack limit", "request_id": "r-1"}
    )
    body = {"code": "fail_to_fetch_task", "message": f"upstream said: {inner}", "data": None}
    failure = created("kling-relay", "text2video", body, 429)
    assert (failure.kind, failure.code, failure.request_id) == (K.RATE_LIMIT, "1303", "r-1")
    assert failure.words == "parallel task over resource pack limit"


@pytest.mark.parametrize(
    "body", [{"error": "no", "code": "x"}, {"detail": "no"}, {"error": {"message": "no"}}]
)
def test_other_error_shapes(body: dict[str, Any]) -> None:
    failure = created("kling-relay", "text2video", body, 400)
    assert (failure.kind, failure.words) == (K.INVALID, "no")


def test_http_200_with_an_error_object_is_no_success() -> None:
    body = {"id": None, "error": {"message": "quota exceeded", "code": "x"}}
    assert created("openai-video", "generate", body, 200).kind is K.QUOTA


def test_the_request_id_is_found_in_words_and_headers() -> None:
    body = {"error": {"message": "invalid token (request id: 2026abc)", "code": ""}}
    assert created("kling-relay", "text2video", body, 401).request_id == "2026abc"
    headers = {"x-oneapi-request-id": "h-1"}
    got = codec("openai-video", "generate").read_created(answer({"error": {"message": "x"}}, 401, headers))
    assert isinstance(got, Failure)
    assert got.request_id == "h-1"


CHANJING_TABLE = [
    (400, K.INVALID, False),
    (10400, K.AUTH, False),
    (10401, K.AUTH, False),
    (40000, K.INVALID, False),
    (40001, K.RATE_LIMIT, False),
    (50000, K.TRANSIENT, True),
    (40999, K.INVALID, False),
    (59999, K.TRANSIENT, True),
]


@pytest.mark.parametrize(("code", "kind", "may_exist"), CHANJING_TABLE)
@pytest.mark.parametrize("as_text", [False, True])
def test_chanjings_codes_come_with_http_200(
    code: int, kind: FailureKind, may_exist: bool, as_text: bool
) -> None:
    body = {"trace_id": "t-1", "code": str(code) if as_text else code, "msg": "words", "data": None}
    failure = created("chanjing", "tx-kling2.5", body, 200)
    assert (failure.kind, failure.code, failure.request_id) == (kind, str(code), "t-1")
    assert (failure.creation is Creation.MAY_EXIST) == may_exist


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("扣费失败", K.QUOTA),
        ("蝉豆不足，请充值", K.QUOTA),
        ("账户欠费", K.QUOTA),
        ("内容审核未通过", K.POLICY),
        ("包含敏感词", K.POLICY),
        ("Failure to pass the risk control system", K.POLICY),
        ("参数错误:参考视频 URL 无法访问", K.INVALID),
        ("failed to download image", K.INVALID),
        ("生成失败，不扣费", K.FAILED_TASK),
        ("", K.FAILED_TASK),
    ],
)
@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_a_failed_task_tells_why(provider: str, operation: str, words: str, kind: FailureKind) -> None:
    task_id = "867000000000000001"
    jobs: dict[str, dict[str, Any]] = {
        "kling": {"task_id": task_id, "task_status": "failed", "task_status_msg": words},
        "kling-relay": {"id": task_id, "status": "failed", "message": words},
        "chanjing": {"unique_id": task_id, "progress_desc": "Error", "err_msg": words},
    }
    body: dict[str, Any] = {"code": 0, "message": "SUCCEED", "request_id": "r-7", "data": jobs.get(provider)}
    if provider == "openai-video":
        body = {
            "id": task_id,
            "status": "failed",
            "error": {"code": "x", "message": words},
            "request_id": "r-7",
        }
    snapshot = told(provider, operation, body)
    assert snapshot.status is Status.FAILED
    failure = snapshot.failure
    assert failure is not None
    assert (failure.kind, failure.words, failure.request_id) == (kind, words, "r-7")
    assert failure.meaning
    assert failure.money
    assert failure.next_step


def test_a_failed_task_with_the_upstream_json_as_its_reason() -> None:
    reason = json.dumps({"code": 1301, "message": "content policy", "request_id": "r-8"})
    body = {"code": "success", "data": {"task_id": "1", "status": "FAILURE", "fail_reason": reason}}
    failure = told("kling-relay", "text2video", body, remote_id="1").failure
    assert failure is not None
    assert (failure.code, failure.words, failure.request_id) == ("1301", "content policy", "r-8")
    assert failure.kind is K.POLICY


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        (
            {"retry-after": "Mon, 21 Sep 2026 12:00:30 GMT", "date": "Mon, 21 Sep 2026 12:00:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Mon, 21 Sep 2026 11:00:00 GMT", "date": "Mon, 21 Sep 2026 12:00:00 GMT"}, 0.0),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    got = codec("kling", "text2video").read_created(answer({"code": 1302, "message": "x"}, 429, headers))
    assert isinstance(got, Failure)
    assert got.retry_after == seconds


@pytest.mark.parametrize(
    ("name", "body", "status", "proof"),
    [
        ("kling", {"code": 0, "message": "SUCCEED", "data": []}, 200, True),
        ("kling", {"code": 1002, "message": "auth"}, 401, K.AUTH),
        ("kling", {"code": 0, "message": "SUCCEED", "data": None}, 200, True),
        ("kling", b"<html>", 200, K.PROTOCOL),
        ("kling", {}, 200, K.PROTOCOL),
        ("kling", {"data": []}, 200, K.PROTOCOL),
        ("kling", {"code": 0, "message": "SUCCEED"}, 200, K.PROTOCOL),
        ("kling", {"code": 0, "data": {"task_id": "1"}}, 200, K.PROTOCOL),
        ("kling", {"code": 0, "data": ["garbage"]}, 200, K.PROTOCOL),
        ("kling-relay", {"code": "task_not_exist", "message": "x"}, 400, True),
        ("kling-relay", {"code": 1201, "message": "Task not found"}, 400, True),
        ("kling-relay", {"error": {"message": "x"}}, 404, True),
        ("kling-relay", {"code": 400, "message": "who knows"}, 400, True),
        ("kling-relay", {"error": {"message": "bad key"}}, 401, K.AUTH),
        ("kling-relay", b"<html>", 404, K.INVALID),
        ("kling-relay", b"", 503, K.TRANSIENT),
        ("kling-relay", {"code": 0, "data": []}, 200, True),
        ("kling-relay", {"code": "success", "data": None}, 200, True),
        ("kling-relay", {}, 200, K.PROTOCOL),
        ("kling-relay", {"hello": "world"}, 200, K.PROTOCOL),
        ("kling-relay", {"data": []}, 200, K.PROTOCOL),
        ("kling-relay", {"code": 0, "data": {"any": "thing"}}, 200, K.PROTOCOL),
        ("kling-relay", {}, 400, K.INVALID),
        ("kling-relay", {"detail": "Not Found"}, 404, K.INVALID),
        ("openai-video", {"error": {"message": "x"}}, 404, True),
        ("openai-video", {"error": {"message": "bad key"}}, 401, K.AUTH),
        ("openai-video", b"<html>hello</html>", 200, K.PROTOCOL),
        ("openai-video", {}, 200, K.PROTOCOL),
        ("openai-video", {"status": "ok"}, 200, K.PROTOCOL),
        ("openai-video", {"object": "list", "data": []}, 200, K.PROTOCOL),
        ("openai-video", {"detail": "Not Found"}, 404, K.INVALID),
        ("chanjing", {"code": 0, "data": {"list": []}}, 200, True),
        ("chanjing", {"code": 0, "data": {"list": None}}, 200, True),
        ("chanjing", {}, 200, K.PROTOCOL),
        ("chanjing", {"code": 0, "msg": "success"}, 200, K.PROTOCOL),
        ("chanjing", {"code": 0, "data": []}, 200, K.PROTOCOL),
        ("chanjing", {"data": {"list": []}}, 200, K.PROTOCOL),
        ("chanjing", {"code": 10400, "msg": "x"}, 200, K.AUTH),
    ],
)
def test_the_free_check(name: str, body: Any, status: int, proof: bool | FailureKind) -> None:
    provider = registry.provider(name)
    got = provider.read_check(answer(body, status))
    if isinstance(got, Failure):
        assert got.kind is proof
        assert got.money == FREE_CALL
    else:
        assert proof is True
        assert got.endswith(".")


def test_the_free_checks_requests() -> None:
    checks = {name: provider.check() for name, provider in registry.providers().items()}
    assert checks["kling"].query == (("pageNum", "1"), ("pageSize", "1"))
    assert [checks[name].method for name in ("kling", "kling-relay", "openai-video")] == ["GET"] * 3
    assert checks["chanjing"].body is not None
    assert checks["chanjing"].body["page_size"] == 1


@pytest.mark.parametrize("table", [KLING_FAILURES, RELAY_FAILURES, CHANJING_FAILURES])
def test_every_cause_is_three_whole_sentences(table: Any) -> None:
    for cause in [*table.codes.values(), *table.statuses.values(), *(rule.cause for rule in table.words)]:
        assert cause.meaning.endswith(".")
        assert cause.next_step.endswith(".")
    assert table.task_money.endswith(".")


def test_a_failed_question_leaves_nothing_behind() -> None:
    failure = asked("kling", "text2video", {"code": 5000, "message": "x"}, 500)
    assert (failure.kind, failure.creation) == (K.TRANSIENT, Creation.NOT_CREATED)
    assert "by itself" in failure.next_step


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_words_about_credit_do_not_prove_anything_under_a_5xx(provider: str, operation: str) -> None:
    failure = created(provider, operation, {"message": "quota service is down"}, 500)
    assert (failure.kind, failure.creation) == (K.TRANSIENT, Creation.MAY_EXIST)


def test_only_code_1201_says_that_kling_does_not_know_a_task() -> None:
    assert asked("kling", "text2video", {"message": "no such route"}, 404).kind is K.PROTOCOL
    assert asked("kling-relay", "text2video", {"message": "no such task"}, 404).kind is K.NOT_FOUND


def test_only_a_create_can_be_a_duplicate() -> None:
    body = {"code": 1201, "message": "value already exists"}
    assert asked("kling", "text2video", body, 400).kind is K.INVALID


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"code": 1102, "message": "x", "data": {"task_id": "77", "task_status": "submitted"}}),
        (429, {"code": 1302, "message": "x", "data": {"id": "77"}}),
        (429, {"code": 40001, "msg": "x", "data": {"unique_id": "77"}}),
        (402, {"id": "task_x", "object": "video", "error": {"message": "insufficient quota"}}),
        (403, {"code": "insufficient_user_quota", "message": "x", "task_id": "task_x"}),
    ],
)
def test_a_refusal_that_names_a_task_proves_nothing(
    provider: str, operation: str, status: int, body: dict[str, Any]
) -> None:
    failure = created(provider, operation, body, status)
    assert failure.creation is Creation.MAY_EXIST
    assert failure.money == MAY_BE_CHARGED


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
@pytest.mark.parametrize("words", ["quota service is down", "policy check crashed"])
def test_words_alone_refuse_nothing_under_http_200(provider: str, operation: str, words: str) -> None:
    for body in ({"code": 99999, "message": words}, {"error": {"message": words}}):
        assert created(provider, operation, body, 200).creation is Creation.MAY_EXIST
        assert created(provider, operation, body, 400).creation is Creation.NOT_CREATED
