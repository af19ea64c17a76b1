"""Finding a task whose create went unanswered, and the ids that make it possible."""

from __future__ import annotations

from typing import Any

import pytest

from backend.models import Failure, FailureKind, Snapshot, Status

from .helpers import SENT_AT, answer, codec, model, reference

URL = "https://example.com/a.png"
MINE = "reeltop-1"
NONE_TAKEN: frozenset[str] = frozenset()
AT = int(SENT_AT.timestamp())

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("kling", "text2video"): {"prompt": "p"},
    ("kling", "image2video"): {"image": URL},
    ("kling-relay", "text2video"): {"model_name": "kling-v1", "prompt": "p"},
    ("kling-relay", "turbo-image2video"): {"first_frame": URL},
}


@pytest.mark.parametrize("key", list(BODIES))
def test_our_id_goes_where_the_protocol_has_a_place_for_it(key: tuple[str, str]) -> None:
    request = model(*key).parse(BODIES[key])
    body = codec(*key).create(request, MINE).body
    assert body is not None
    holder = body["options"] if key[1] == "turbo-image2video" else body
    assert holder["external_task_id"] == MINE
    assert "external_task_id" not in str(codec(*key).create(request, None).body)


@pytest.mark.parametrize("key", list(BODIES))
def test_the_users_own_id_goes_before_ours(key: tuple[str, str]) -> None:
    request = model(*key).parse({**BODIES[key], "external_task_id": "theirs"})
    assert MINE not in str(codec(*key).create(request, MINE).body)


@pytest.mark.parametrize(
    ("provider", "operation", "values"),
    [
        ("openai-video", "generate", {"model": "kling-2.5", "prompt": "p"}),
        ("chanjing", "tx-kling2.5", {"ref_prompt": "p"}),
    ],
)
def test_protocols_without_such_a_field_get_none(
    provider: str, operation: str, values: dict[str, Any]
) -> None:
    request = model(provider, operation).parse(values)
    assert codec(provider, operation).create(request, MINE) == codec(provider, operation).create(
        request, None
    )


@pytest.mark.parametrize(
    ("provider", "operation", "path"),
    [
        ("kling", "image2video", f"/v1/videos/image2video/{MINE}"),
        ("kling-relay", "text2video", f"/kling/v1/videos/text2video/{MINE}"),
        ("kling-relay", "turbo-image2video", f"/kling/image-to-video/kling-3.0-turbo/{MINE}"),
    ],
)
def test_looking_by_our_id(provider: str, operation: str, path: str) -> None:
    request = codec(provider, operation).find(reference(provider, operation, None, MINE))
    assert request is not None
    assert (request.method, request.path) == ("GET", path)
    assert codec(provider, operation).find(reference(provider, operation, None, None)) is None


def test_the_gateway_knows_no_way_to_look() -> None:
    assert codec("openai-video", "generate").find(reference("openai-video", "generate", None, MINE)) is None


def kling_found(
    body: Any, status: int = 200, taken: frozenset[str] = NONE_TAKEN
) -> Snapshot | Failure | None:
    ref = reference("kling", "text2video", None, MINE)
    return codec("kling", "text2video").read_found(answer(body, status), ref, taken)


def kling_job(external_id: str = MINE) -> dict[str, Any]:
    job = {"task_id": "86", "task_status": "processing", "task_info": {"external_task_id": external_id}}
    return {"code": 0, "message": "SUCCEED", "data": job}


def test_kling_knows_the_task() -> None:
    found = kling_found(kling_job())
    assert isinstance(found, Snapshot)
    assert (found.remote_id, found.status, found.external_id) == ("86", Status.RUNNING, MINE)


def test_kling_does_not_know_the_task() -> None:
    assert kling_found({"code": 1201, "message": "Task not found by id"}, 400) is None


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (kling_job("another"), 200, FailureKind.PROTOCOL),
        ({"code": 0, "data": {}}, 200, FailureKind.PROTOCOL),
        ({"code": 1201, "message": "value is wrong"}, 400, FailureKind.INVALID),
        (b"<html>not found</html>", 404, FailureKind.PROTOCOL),
        ({"code": 5000, "message": "x"}, 500, FailureKind.TRANSIENT),
    ],
)
def test_what_proves_nothing_is_no_absence(body: Any, status: int, kind: FailureKind) -> None:
    found = kling_found(body, status)
    assert isinstance(found, Failure)
    assert found.kind is kind


def test_a_task_that_another_of_ours_has_is_not_matched_again() -> None:
    found = kling_found(kling_job(), taken=frozenset({"86"}))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.DUPLICATE


# -- Chanjing: by list and content -------------------------------------------------------------------


def listed(
    remote_id: str, *, at: int = AT + 1, prompt: str = "a cat", code: str = "tx_kling2.5"
) -> dict[str, Any]:
    return {
        "unique_id": remote_id,
        "progress_desc": "Generating",
        "create_time": at,
        "model_code": code,
        "motion_info": {"ref_prompt": prompt},
    }


def chanjing_found(
    *jobs: dict[str, Any], taken: frozenset[str] = NONE_TAKEN, request: dict[str, Any] | None = None
) -> Snapshot | Failure | None:
    wanted = {"ref_prompt": "a cat"} if request is None else request
    ref = reference("chanjing", "tx-kling2.5", None, None, request=wanted)
    body = {"code": 0, "msg": "success", "data": {"list": list(jobs), "total": len(jobs)}}
    return codec("chanjing", "tx-kling2.5").read_found(answer(body), ref, taken)


def test_chanjing_is_asked_for_its_newest_films() -> None:
    request = codec("chanjing", "tx-kling2.5").find(reference("chanjing", "tx-kling2.5", None))
    assert request is not None
    assert request.body == {"unique_ids": [], "type": 4, "page": 1, "page_size": 50, "is_success": False}


def test_the_one_task_that_fits() -> None:
    found = chanjing_found(
        listed("old", at=AT - 60),
        listed("other prompt", prompt="a dog"),
        listed("other-model", code="kling-v2-5-turbo-normal"),
        listed("ours"),
        listed("u-taken"),
        taken=frozenset({"u-taken"}),
    )
    assert isinstance(found, Snapshot)
    assert (found.remote_id, found.status) == ("ours", Status.RUNNING)


def test_a_clock_a_few_seconds_off_does_no_harm() -> None:
    assert isinstance(chanjing_found(listed("ours", at=AT - 4)), Snapshot)
    assert chanjing_found(listed("ours", at=AT - 6)) is None


def test_two_that_fit_are_not_guessed_between() -> None:
    found = chanjing_found(listed("u-1"), listed("u-2"))
    assert isinstance(found, Failure)
    assert "u-1" in found.words
    assert "u-2" in found.words
    assert not found.kind.is_passing


def test_none_that_fits() -> None:
    assert chanjing_found() is None


def test_a_prompt_left_out_cannot_be_compared() -> None:
    assert isinstance(chanjing_found(listed("ours", prompt="Chanjing's own"), request={}), Snapshot)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 0, "data": None}, FailureKind.PROTOCOL),
        ({"code": 10400, "msg": "x"}, FailureKind.AUTH),
        (b"", FailureKind.PROTOCOL),
    ],
)
def test_a_list_that_cannot_be_read_is_no_absence(body: Any, kind: FailureKind) -> None:
    ref = reference("chanjing", "tx-kling2.5", None, request={"ref_prompt": "a cat"})
    found = codec("chanjing", "tx-kling2.5").read_found(answer(body), ref, NONE_TAKEN)
    assert isinstance(found, Failure)
    assert found.kind is kind
