"""Every example that the five pages print: bodies, paths and answers, to the letter."""

from __future__ import annotations

from typing import Any

import pytest

from backend.models import Failure, Snapshot, Status, Submission
from backend.providers import registry
from backend.providers.fields import RequestModel, unfilled

from .helpers import (
    ENDPOINTS,
    EVERY_OPERATION,
    OPERATIONS,
    answer,
    codec,
    model,
    page,
    printed_requests,
    told,
)

EXAMPLES = [pytest.param(name, body, id=f"{name}-{number}") for name, number, body in printed_requests()]


def test_the_pages_print_as_many_examples_as_were_copied() -> None:
    counts = {name: len(page(name)["requests"]) for name in OPERATIONS}
    assert counts == {
        "kling-official-image2video": 1,
        "kling-relay-text2video": 1,
        "kling-3.0-turbo-image-to-video": 6,
        "openai-style-v1-videos": 14,
        "chanjing-tx-kling2.5": 4,
    }


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_a_printed_body_survives_reading_and_writing(name: str, body: dict[str, Any]) -> None:
    request = model(*OPERATIONS[name]).from_body(body)
    assert request.to_body() == body


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_a_printed_body_survives_the_ledger(name: str, body: dict[str, Any]) -> None:
    kind = model(*OPERATIONS[name])
    stored = kind.from_body(body).values()
    assert kind.parse(stored).to_body() == body


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_a_printed_body_is_sent_to_the_documented_path(name: str, body: dict[str, Any]) -> None:
    request = model(*OPERATIONS[name]).from_body(body)
    sent = codec(*OPERATIONS[name]).create(request, None)
    assert (sent.method, sent.path, sent.query, sent.body) == ("POST", ENDPOINTS[OPERATIONS[name]], (), body)


@pytest.mark.parametrize(("name", "body"), EXAMPLES)
def test_json_types_are_the_documented_ones(name: str, body: dict[str, Any]) -> None:
    written = model(*OPERATIONS[name]).from_body(body).to_body()

    def types(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: types(nested) for key, nested in value.items()}
        return [types(nested) for nested in value] if isinstance(value, list) else type(value)

    assert types(written) == types(body)


def test_turbo_examples_hold_a_blank_that_is_reported() -> None:
    request = model("kling-relay", "turbo-image2video").from_body(
        page("kling-3.0-turbo-image-to-video")["requests"][0]
    )
    (issue,) = unfilled(request)
    assert issue.field == "first_frame"
    assert "{{first_frame_url}}" in issue.message


@pytest.mark.parametrize(("provider", "operation"), EVERY_OPERATION)
def test_every_operation_names_its_page_and_its_rules(provider: str, operation: str) -> None:
    known = registry.operation(provider, operation)
    assert known.name == operation
    assert known.title
    assert known.summary.endswith(".")
    assert known.source
    assert known.model.RULES_FROM
    assert issubclass(known.model, RequestModel)


def test_the_relays_printed_create_answer() -> None:
    (printed,) = page("kling-relay-text2video")["answers"]
    got = codec("kling-relay", "text2video").read_created(answer(printed))
    assert got == Submission(
        remote_id="814237883686625347",
        status=Status.QUEUED,
        status_words="submitted",
        request_id="795f5ea4-7746-4e3a-a184-75d44240f87f",
    )


def test_chanjings_printed_create_answer() -> None:
    (printed,) = page("chanjing-tx-kling2.5")["answers"]
    got = codec("chanjing", "tx-kling2.5").read_created(answer(printed))
    assert isinstance(got, Submission)
    assert got.remote_id == "a60747d7-dc05-4afc-b2ef-ee4370ed53c6"
    assert got.request_id == "96afa792520b0e6a86d72e89435bc0a7"


def test_the_official_answers_as_the_page_describes_them() -> None:
    data = {
        "task_id": "867000000000000001",
        "task_info": {"external_task_id": "mine-1"},
        "task_status": "submitted",
        "created_at": 1722769557708,
        "updated_at": 1722769557708,
    }
    body = {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}
    got = codec("kling", "image2video").read_created(answer(body))
    assert got == Submission(
        remote_id="867000000000000001",
        status_words="submitted",
        external_id="mine-1",
        request_id="r-1",
    )


def gateway_answers() -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = page("openai-style-v1-videos")["answers"]
    return answers


def test_the_gateways_printed_create_answer() -> None:
    got = codec("openai-video", "generate").read_created(answer(gateway_answers()[0]))
    assert got == Submission(remote_id="task_uS28Df3npjkcVE8FfH9JQcvjWKxUgrsG", status_words="queued")


def test_the_gateways_printed_query_answers() -> None:
    snapshots = [
        told("openai-video", "generate", printed, remote_id="task_uS28Df3npjkcVE8FfH9JQcvjWKxUgrsG")
        for printed in gateway_answers()[1:]
    ]
    assert [snapshot.status for snapshot in snapshots] == [
        Status.QUEUED,
        Status.RUNNING,
        Status.SUCCEEDED,
        Status.FAILED,
    ]
    queued, running, done, failed = snapshots
    assert queued.progress is None
    assert running.progress is None, "0 while in progress tells nothing"
    assert running.finished_at is None, "completed_at is set too early"
    assert done.files[0].url == "https://cdn.example.com/output/xxx.mp4"
    assert done.files[0].duration == 5
    assert failed.progress is None, "100 when failed is no success"
    assert isinstance(failed.failure, Failure)
    assert failed.failure.code == "task_failed"
    assert failed.failure.words == "参数错误:参考视频 URL 无法访问"
    assert isinstance(done, Snapshot)
