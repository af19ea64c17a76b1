"""Every shape in which a task is told (FACTS 1 to 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backend.models import Charge, Creation, Failure, FailureKind, RemoteFile, Status, Submission
from backend.providers import registry

from .helpers import EVERY_OPERATION, answer, ask, codec, reference, told

LEGACY = [("kling", "text2video"), ("kling", "image2video")]
RELAY = [("kling-relay", "text2video"), ("kling-relay", "turbo-image2video")]
ID = "867000000000000001"
FILM = "https://cdn.example/v.mp4"
UPDATED_MS = 1790000060000
UPDATED = datetime.fromtimestamp(1790000060, UTC)


def legacy(status: str = "succeed", **data: Any) -> dict[str, Any]:
    job = {"task_id": ID, "task_status": status, "task_status_msg": "", "updated_at": UPDATED_MS, **data}
    return {"code": 0, "message": "SUCCEED", "request_id": "r-4", "data": job}


def videos(**video: Any) -> dict[str, Any]:
    return {"videos": [{"id": "v-1", "url": FILM, "duration": "5.1", **video}]}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("submitted", Status.QUEUED),
        ("processing", Status.RUNNING),
        ("succeed", Status.SUCCEEDED),
        ("succeeded", Status.SUCCEEDED),
        ("SUCCESS", Status.SUCCEEDED),
        ("Completed", Status.SUCCEEDED),
        ("finish", Status.SUCCEEDED),
        ("failed", Status.FAILED),
        ("FAILURE", Status.FAILED),
        ("NOT_START", Status.QUEUED),
        ("pending", Status.QUEUED),
        ("IN_PROGRESS", Status.RUNNING),
        ("canceled", Status.CANCELLED),
        ("cancelled", Status.CANCELLED),
        ("UNKNOWN", None),
        ("reticulating", None),
        ("", None),
    ],
)
@pytest.mark.parametrize(("provider", "operation"), LEGACY + RELAY)
def test_status_words(provider: str, operation: str, word: str, status: Status | None) -> None:
    snapshot = told(provider, operation, legacy(word, task_result=videos()))
    assert snapshot.status is status
    assert snapshot.status_words == word
    assert bool(snapshot.files) == (status is Status.SUCCEEDED)
    assert (snapshot.failure is not None) == (status is Status.FAILED)


def test_a_film_of_kling_lives_thirty_days_and_says_its_price() -> None:
    snapshot = told(
        "kling",
        "text2video",
        legacy(
            task_result=videos(watermark_url="https://cdn.example/w.mp4"),
            task_info={"external_task_id": "mine-1"},
            final_unit_deduction="3.5",
            final_balance_deduction={"quota": "0.42", "list_price": "0.5"},
        ),
    )
    expires = UPDATED + timedelta(days=30)
    assert snapshot.files == (
        RemoteFile(url=FILM, duration=5.1, expires_at=expires),
        RemoteFile(url="https://cdn.example/w.mp4", kind="watermarked", duration=5.1, expires_at=expires),
    )
    assert snapshot.charges == (
        Charge(amount=Decimal("3.5"), unit="unit"),
        Charge(amount=Decimal("0.42"), unit="cash"),
    )
    assert snapshot.external_id == "mine-1"
    assert snapshot.finished_at == UPDATED


def test_an_unfinished_task_has_no_end_and_no_price() -> None:
    snapshot = told("kling", "text2video", legacy("processing", final_unit_deduction="0"))
    assert snapshot.finished_at is None
    assert snapshot.charges == ()


@pytest.mark.parametrize(
    "result", [{}, {"videos": []}, {"videos": [{"url": ""}]}, {"videos": None}, None, "x"]
)
@pytest.mark.parametrize(("provider", "operation"), LEGACY + RELAY)
def test_success_without_a_film_is_not_yet_success(provider: str, operation: str, result: Any) -> None:
    snapshot = told(provider, operation, legacy(task_result=result))
    assert snapshot.status is Status.RUNNING
    assert snapshot.status_words == "succeed"


@pytest.mark.parametrize(
    "address", ["ftp://x/v.mp4", "javascript:alert(1)", "//x/v.mp4", "https://x/\x1b]0;v", 7]
)
def test_only_web_addresses_are_results(address: Any) -> None:
    assert told("kling", "text2video", legacy(task_result=videos(url=address))).status is Status.RUNNING


def test_the_relays_own_turbo_shape() -> None:
    body = {"code": 0, "data": {"id": ID, "status": "succeed", "task_result": {"videos": [{"url": FILM}]}}}
    snapshot = told("kling-relay", "turbo-image2video", body)
    assert snapshot.status is Status.SUCCEEDED
    assert snapshot.files == (RemoteFile(url=FILM),)


def api2(*jobs: dict[str, Any]) -> dict[str, Any]:
    return {"code": 0, "message": "SUCCEED", "request_id": "r-3", "data": list(jobs)}


def test_kling_api_2_passed_through_a_relay() -> None:
    other = {"id": "1", "status": "failed", "message": "no"}
    job = {
        "id": ID,
        "status": "succeeded",
        "message": "",
        "update_time": UPDATED_MS,
        "external_id": "mine-1",
        "outputs": [
            {"type": "image", "url": "https://cdn.example/cover.png"},
            {"type": "video", "url": FILM, "watermark_url": "", "duration": "5.0"},
        ],
        "billing": [
            {"charge_type": "unit", "amount": "4.0", "package_type": "video"},
            {"charge_type": "cash", "amount": "1.2", "currency": "USD"},
        ],
    }
    snapshot = told("kling-relay", "turbo-image2video", api2(other, job))
    assert snapshot.files == (RemoteFile(url=FILM, duration=5.0),)
    assert [(charge.amount, charge.unit) for charge in snapshot.charges] == [
        (Decimal("4.0"), "unit"),
        (Decimal("1.2"), "USD"),
    ]
    assert (snapshot.external_id, snapshot.finished_at) == ("mine-1", UPDATED)


def test_an_array_is_searched_by_id_and_never_taken_blindly() -> None:
    other = {"id": "1", "status": "succeeded", "outputs": [{"type": "video", "url": FILM}]}
    assert_failure(ask("kling-relay", "turbo-image2video", api2(other)), FailureKind.PROTOCOL)
    assert_failure(ask("kling-relay", "turbo-image2video", api2()), FailureKind.NOT_FOUND)


def test_an_official_answer_about_another_task_is_not_believed() -> None:
    body = legacy(task_result=videos())
    body["data"]["task_id"] = "1"
    assert_failure(ask("kling", "text2video", body), FailureKind.PROTOCOL)


def test_new_api_with_the_upstream_answer_inside() -> None:
    body: dict[str, Any] = {
        "code": "success",
        "message": "",
        "data": {
            "task_id": "task_abc",
            "platform": "50",
            "status": "IN_PROGRESS",
            "fail_reason": "",
            "progress": "50%",
            "finish_time": 0,
            "data": legacy("processing"),
        },
    }
    snapshot = told("kling-relay", "text2video", body, remote_id="task_abc")
    assert (snapshot.status, snapshot.progress) == (Status.RUNNING, 0.5)
    body["data"] |= {"status": "SUCCESS", "progress": "100%", "finish_time": 1790000060}
    body["data"]["data"] = legacy(task_result=videos())
    snapshot = told("kling-relay", "text2video", body, remote_id="task_abc")
    assert snapshot.files[0].url == FILM
    assert (snapshot.progress, snapshot.finished_at) == (1.0, UPDATED)
    assert snapshot.remote_id == "task_abc"


@pytest.mark.parametrize("key", ["result_url", "fail_reason", "url", "video_url"])
def test_new_api_puts_the_film_in_several_places(key: str) -> None:
    body = {"code": "success", "data": {"task_id": ID, "status": "SUCCESS", key: FILM}}
    assert told("kling-relay", "text2video", body).files[0].url == FILM


def test_outer_success_does_not_hide_inner_failure() -> None:
    inner = legacy("failed", task_status_msg="risk control")
    body = {"code": "success", "data": {"task_id": ID, "status": "SUCCESS", "data": inner}}
    snapshot = told("kling-relay", "text2video", body)
    assert snapshot.status is Status.FAILED
    assert snapshot.failure is not None
    assert snapshot.failure.words == "risk control"


def test_flat_and_openai_shapes_of_a_relay() -> None:
    flat = {"task_id": ID, "status": "completed", "url": FILM, "format": "mp4", "error": None}
    assert told("kling-relay", "text2video", flat).files[0].url == FILM
    created = {"id": "task_1", "task_id": "task_1", "object": "video", "status": "queued", "progress": 0}
    got = codec("kling-relay", "text2video").read_created(answer(created))
    assert got == Submission(remote_id="task_1", status_words="queued")


def test_seconds_and_a_task_id_outside() -> None:
    body = {**legacy(task_result=videos(), updated_at=1790000060), "task_id": ID}
    assert told("kling-relay", "text2video", body).finished_at == UPDATED


BIG = 814237883686625347


@pytest.mark.parametrize("raw", [b"%d" % BIG, b"%d.0" % BIG, b'"%d"' % BIG])
def test_large_ids_keep_every_digit(raw: bytes) -> None:
    body = b'{"code": 0, "data": {"task_id": ' + raw + b', "task_status": "submitted"}}'
    for provider, operation in LEGACY + RELAY:
        got = codec(provider, operation).read_created(answer(body))
        assert isinstance(got, Submission)
        assert got.remote_id == str(BIG)


@pytest.mark.parametrize(
    "data",
    [{"id": "1", "task_id": "2", "status": "queued"}, {"task_id": "1"}, {"id": 1}, "1", 1],
)
@pytest.mark.parametrize(("provider", "operation"), RELAY)
def test_the_id_of_a_create_lies_in_several_places(provider: str, operation: str, data: Any) -> None:
    got = codec(provider, operation).read_created(answer({"code": "0", "message": "SUCCEED", "data": data}))
    assert isinstance(got, Submission)
    assert got.remote_id == "1"


@pytest.mark.parametrize(
    "data", [None, {}, [], "", {"id": None}, {"id": ""}, {"id": ".."}, {"id": [1]}, {"id": True}]
)
@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_a_create_without_an_id_may_exist(provider: str, operation: str, data: Any) -> None:
    got = codec(provider, operation).read_created(answer({"code": 0, "message": "SUCCEED", "data": data}))
    failure = assert_failure(got, FailureKind.PROTOCOL)
    assert failure.creation is Creation.MAY_EXIST
    assert "may" in failure.money


def test_a_create_that_ended_at_once_is_asked_about() -> None:
    got = codec("openai-video", "generate").read_created(
        answer({"id": "task_1", "status": "failed", "error": {"message": "no"}})
    )
    assert isinstance(got, Submission)
    assert (got.status, got.status_words) == (Status.RUNNING, "failed")


# -- the gateway ----------------------------------------------------------------------------------


def film(**values: Any) -> dict[str, Any]:
    return {"id": ID, "object": "video", "status": "completed", "progress": 100, **values}


@pytest.mark.parametrize(
    "values",
    [
        {"video_url": FILM, "url": "https://x.example/no"},
        {"metadata": {"url": FILM}},
        {"url": FILM},
        {"result_url": FILM},
    ],
)
def test_the_gateways_result_address(values: dict[str, Any]) -> None:
    snapshot = told("openai-video", "generate", film(**values, expires_at=1790000060))
    assert [(file.url, file.authorized) for file in snapshot.files] == [(FILM, False)]
    assert snapshot.files[0].expires_at == UPDATED
    assert snapshot.progress == 1.0


def test_the_gateways_content_behind_the_key() -> None:
    body = film(id="task/1", seconds="5", completed_at=1790000060)
    snapshot = told("openai-video", "generate", body, remote_id="task/1")
    (file,) = snapshot.files
    assert (file.url, file.authorized, file.duration) == ("/v1/videos/task%2F1/content", True, 5.0)
    assert snapshot.finished_at == UPDATED


def test_completed_with_an_error_and_no_film_is_a_failure() -> None:
    snapshot = told("openai-video", "generate", film(error={"code": "x", "message": "broken"}))
    assert snapshot.status is Status.FAILED
    assert snapshot.failure is not None
    assert snapshot.failure.words == "broken"


@pytest.mark.parametrize(
    ("status", "progress", "expected"),
    [
        ("in_progress", 0, None),
        ("in_progress", 40, 0.4),
        ("in_progress", "40%", 0.4),
        ("queued", 0, None),
        ("failed", 100, None),
        ("in_progress", 400, None),
        ("in_progress", -1, None),
        ("in_progress", True, None),
        ("in_progress", "soon", None),
    ],
)
def test_the_gateways_progress(status: str, progress: Any, expected: float | None) -> None:
    assert told("openai-video", "generate", film(status=status, progress=progress)).progress == expected


def test_the_billing_tier_is_not_the_model() -> None:
    assert told("openai-video", "generate", film(model="kling-3.0-720p-mute")).model is None


# -- Chanjing -------------------------------------------------------------------------------------


def chanjing_job(word: str, remote_id: str = ID, **values: Any) -> dict[str, Any]:
    return {
        "id": 41,
        "unique_id": remote_id,
        "create_time": 1790000100,
        "type": 4,
        "progress_desc": word,
        "err_msg": "",
        "output_url": [],
        "motion_info": {"ref_prompt": "a prompt", "video_duration": 5},
        "model_code": "tx_kling2.5",
        **values,
    }


def chanjing_one(word: str, **values: Any) -> dict[str, Any]:
    return {"trace_id": "t-2", "code": 0, "msg": "success", "data": chanjing_job(word, **values)}


def chanjing_list(*jobs: dict[str, Any]) -> dict[str, Any]:
    return {"trace_id": "t-3", "code": 0, "msg": "success", "data": {"list": list(jobs), "total": len(jobs)}}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Queued", Status.QUEUED),
        ("Ready", Status.QUEUED),
        ("generating", Status.RUNNING),
        ("Success", Status.RUNNING),
        ("Error", Status.FAILED),
        ("Fail", Status.FAILED),
        ("Dreaming", None),
    ],
)
def test_chanjings_status_words(word: str, status: Status | None) -> None:
    snapshot = told("chanjing", "tx-kling2.5", chanjing_one(word))
    assert (snapshot.status, snapshot.status_words) == (status, word)
    assert snapshot.progress is None


def test_chanjings_film_is_the_first_address() -> None:
    snapshot = told(
        "chanjing", "tx-kling2.5", chanjing_one("Success", output_url=[FILM, "https://x.example/c"])
    )
    assert snapshot.status is Status.SUCCEEDED
    assert snapshot.files == (RemoteFile(url=FILM),)
    assert snapshot.model == "tx_kling2.5"


def test_one_chanjing_task_is_asked_for_singly() -> None:
    request = codec("chanjing", "tx-kling2.5").query([reference("chanjing", "tx-kling2.5", "u-1")])
    assert (request.method, request.path, request.query, request.body) == (
        "GET",
        "/open/v1/ai_creation/task",
        (("unique_id", "u-1"),),
        None,
    )


def test_several_chanjing_tasks_are_asked_for_at_once() -> None:
    used = codec("chanjing", "tx-kling2.5")
    refs = [reference("chanjing", "tx-kling2.5", f"u-{n}", task_id=f"t{n}") for n in range(3)]
    request = used.query(refs)
    assert (request.method, request.path) == ("POST", "/open/v1/ai_creation/task/page")
    assert request.body == {
        "unique_ids": ["u-0", "u-1", "u-2"],
        "type": 4,
        "page": 1,
        "page_size": 50,
        "is_success": False,
    }
    body = chanjing_list(chanjing_job("Generating", "u-1"), chanjing_job("Queued", "u-0"))
    result = used.read_query(answer(body), refs)
    assert {key: getattr(value, "status", None) for key, value in result.items()} == {
        "t0": Status.QUEUED,
        "t1": Status.RUNNING,
        "t2": None,
    }
    assert_failure(result["t2"], FailureKind.NOT_FOUND)
    assert used.batch_size == 50


@pytest.mark.parametrize("data", [None, {}, [], "x", {"list": 5}])
def test_a_broken_list_says_nothing_about_tasks(data: Any) -> None:
    refs = [reference("chanjing", "tx-kling2.5", f"u-{n}", task_id=f"t{n}") for n in range(2)]
    result = codec("chanjing", "tx-kling2.5").read_query(answer({"code": 0, "data": data}), refs)
    assert set(result) == {"t0", "t1"}
    for found in result.values():
        assert_failure(found, FailureKind.PROTOCOL)


def test_one_error_answers_for_the_whole_batch() -> None:
    refs = [reference("chanjing", "tx-kling2.5", f"u-{n}", task_id=f"t{n}") for n in range(2)]
    result = codec("chanjing", "tx-kling2.5").read_query(answer({"code": 40001, "msg": "QPS"}), refs)
    assert {failure.kind for failure in result.values() if isinstance(failure, Failure)} == {
        FailureKind.RATE_LIMIT
    }


# -- paths, lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "operation", "path"),
    [
        ("kling", "text2video", "/v1/videos/text2video/a%2F1"),
        ("kling", "image2video", "/v1/videos/image2video/a%2F1"),
        ("kling-relay", "text2video", "/kling/v1/videos/text2video/a%2F1"),
        ("kling-relay", "turbo-image2video", "/kling/image-to-video/kling-3.0-turbo/a%2F1"),
        ("openai-video", "generate", "/v1/videos/a%2F1"),
    ],
)
def test_a_task_is_asked_for_below_its_own_path(provider: str, operation: str, path: str) -> None:
    request = codec(provider, operation).query([reference(provider, operation, "a/1")])
    assert (request.method, request.path, request.body) == ("GET", path, None)


def test_klings_list() -> None:
    kling = registry.provider("kling")
    request = kling.list_tasks("image2video", 2, 30)
    assert request is not None
    assert (request.method, request.path) == ("GET", "/v1/videos/image2video")
    assert request.query == (("pageNum", "2"), ("pageSize", "30"))
    body = {"code": 0, "data": [legacy("failed")["data"], {"task_status": "succeed"}, 5]}
    snapshots = kling.read_list("image2video", answer(body))
    assert not isinstance(snapshots, Failure)
    assert [(snapshot.remote_id, snapshot.status) for snapshot in snapshots] == [(ID, Status.FAILED)]


@pytest.mark.parametrize(("asked", "sent"), [((0, 0), ("1", "1")), ((5000, 5000), ("1000", "500"))])
def test_klings_pages_stay_within_the_documented_range(asked: tuple[int, int], sent: tuple[str, str]) -> None:
    request = registry.provider("kling").list_tasks("text2video", *asked)
    assert request is not None
    assert tuple(value for _, value in request.query) == sent


def test_chanjings_list() -> None:
    chanjing = registry.provider("chanjing")
    request = chanjing.list_tasks("tx-kling2.5", 2, 500)
    assert request is not None
    assert request.body == {"unique_ids": [], "type": 4, "page": 2, "page_size": 50, "is_success": False}
    snapshots = chanjing.read_list("tx-kling2.5", answer(chanjing_list(chanjing_job("Queued", "u-1"))))
    assert not isinstance(snapshots, Failure)
    assert [snapshot.remote_id for snapshot in snapshots] == ["u-1"]


def test_relays_have_no_list() -> None:
    provider = registry.provider("kling-relay")
    assert provider.list_tasks(next(iter(provider.operations)), 1, 10) is None


def assert_failure(got: object, kind: FailureKind) -> Failure:
    assert isinstance(got, Failure), got
    assert got.kind is kind
    return got
