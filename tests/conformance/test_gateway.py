"""The tables of :mod:`.gateway`, each row against the adapter and against the sandbox."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.errors import RequestError
from backend.models import Creation, Failure, FailureKind, Snapshot, Status, Submission
from backend.providers import registry
from backend.providers.contract import HttpAnswer, HttpRequest, TaskRef
from backend.providers.failures import MAY_BE_CHARGED, NOTHING_CHARGED
from backend.providers.openai_video_order import size_parts
from backend.sandbox import openai_video as sandbox_module
from tests.backend.providers.helpers import page
from tests.backend.sandbox.conftest import Client, HandClock

from .gateway import CODES, GENERATE, ORDERS, REASONS, ROWS, SHOTS, WORDS
from .rows import Row

VIDEOS = "/v1/videos"
OPERATION = registry.operation(*GENERATE)
REMIX = registry.operation("openai-video", "remix")
PROVIDER = registry.provider("openai-video")


def answer(body: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status=status, body=json.dumps(body).encode())


def told(body: Any) -> Snapshot:
    ref = TaskRef(task_id="t", remote_id="task_1", external_id=None, endpoint=VIDEOS, request={})
    got = OPERATION.codec.read_query(answer(body), [ref])["t"]
    assert isinstance(got, Snapshot), got
    return got


async def sent(client: Client, request: HttpRequest) -> HttpAnswer:
    got = await client.call(
        "openai-video", request.method, request.path, request.body, params=dict(request.query)
    )
    return HttpAnswer(status=got.status_code, body=got.content)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_adapter(row: Row) -> None:
    if row.field:
        with pytest.raises(RequestError) as caught:
            OPERATION.model.from_body(row.body)
        assert row.field in {issue.field for issue in caught.value.issues}
        assert all(issue.message for issue in caught.value.issues)
        return
    request = OPERATION.model.from_body(row.body)
    warned = {issue.field: issue.source for issue in request.warnings()}
    assert not row.warned or warned[row.warned]
    assert "FACTS" not in str(warned)
    create = OPERATION.codec.create(request, "reeltop-1")
    given = {key: value for key, value in row.body.items() if value != ""}
    assert (create.method, create.path, create.body) == ("POST", VIDEOS, given)
    assert OPERATION.codec.create(OPERATION.model.parse(request.values()), None) == create


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_sandbox(row: Row, client: Client) -> None:
    got = await client.call("openai-video", "POST", VIDEOS, row.body)
    if row.field:
        assert (got.status_code, got.json()["code"]) == (400, "invalid_request"), got.text
        assert got.json()["message"]
        assert len(client.server.books) == 0
    else:
        assert (got.status_code, got.json()["object"]) == (200, "video"), got.text
        assert len(client.server.books) == 1


def test_usual_requests_are_not_warned_of() -> None:
    for body in page("openai-style-v1-videos")["requests"]:
        fields = {issue.field for issue in OPERATION.model.from_body(body).warnings()}
        # Two examples contradict the page's own tables; one has a lip_sync of 4 s.
        assert fields <= {"seconds", "image", "scene_type"}, body


@pytest.mark.parametrize(("word", "status"), WORDS.items())
def test_words(word: str, status: Status | None) -> None:
    job = {"id": "task_1", "object": "video", "status": word, "video_url": "https://cdn.example/v.mp4"}
    assert told(job).status is status
    assert told({**job, "status": word.upper()}).status is status


def test_the_sandbox_speaks_documented_words() -> None:
    assert set(sandbox_module._WORDS.values()) <= set(WORDS)


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), CODES)
@pytest.mark.parametrize("shape", ["E2", "E3"])
def test_codes(shape: str, status: int, code: str, kind: FailureKind, may_exist: bool) -> None:
    flat = {"code": code, "message": "words", "data": None}
    nested = {"error": {"message": "words (request id: r-1)", "type": "new_api_error", "code": code}}
    failure = OPERATION.codec.read_created(answer(flat if shape == "E2" else nested, status))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code, failure.http_status) == (kind, code, status)
    assert failure.words.startswith("words")
    assert failure.request_id == (None if shape == "E2" else "r-1")
    assert failure.creation is (Creation.MAY_EXIST if may_exist else Creation.NOT_CREATED)
    assert failure.money == (MAY_BE_CHARGED if may_exist else NOTHING_CHARGED)
    assert "relay" not in failure.meaning + failure.next_step


@pytest.mark.parametrize(("status", "code", "kind", "may_exist"), CODES)
async def test_codes_of_the_sandbox(
    status: int, code: str, kind: FailureKind, may_exist: bool, client: Client
) -> None:
    body = {"model": "kling-2.5", "prompt": "x"}
    got = await client.call("openai-video", "POST", VIDEOS, body, fault=f"error;code={code}")
    failure = OPERATION.codec.read_created(HttpAnswer(status=got.status_code, body=got.content))
    assert isinstance(failure, Failure)
    assert (got.status_code, failure.kind, failure.code) == (status, kind, code)
    assert len(client.server.books) == 0


def test_the_sandbox_knows_the_same_codes() -> None:
    assert set(sandbox_module.CODES) == {code for _, code, _, _ in CODES}


UPSTREAM = '{"code": 1301, "message": "risk control", "request_id": "r-2"}'


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({"code": 1201, "message": "bad", "request_id": "r"}, 400, FailureKind.INVALID, "bad"),  # E1
        ({"code": "task_failed", "message": f"up: {UPSTREAM}"}, 400, FailureKind.POLICY, "risk control"),
        (
            {"error": {"message": "no key", "type": "new_api_error", "code": ""}},
            401,
            FailureKind.AUTH,
            "no key",
        ),
        ({"error": "no", "code": "x"}, 400, FailureKind.INVALID, "no"),  # E4
        ({"detail": "no"}, 422, FailureKind.INVALID, "no"),
        ({"error": {"message": "saturated", "code": "upstream"}}, 429, FailureKind.RATE_LIMIT, "saturated"),
    ],
)
def test_shapes_of_errors(body: Any, status: int, kind: FailureKind, words: str) -> None:
    failure = OPERATION.codec.read_created(answer(body, status))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.words, failure.creation) == (kind, words, Creation.NOT_CREATED)


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>"])
@pytest.mark.parametrize("status", [200, 502])
def test_answers_of_proxies(status: int, body: bytes) -> None:  # E5
    failure = OPERATION.codec.read_created(HttpAnswer(status=status, body=body))
    assert isinstance(failure, Failure)
    assert failure.creation is Creation.MAY_EXIST


@pytest.mark.parametrize(("code", "words", "kind"), REASONS)
def test_reasons(code: str, words: str, kind: FailureKind) -> None:
    job = {"id": "task_1", "status": "failed", "progress": 100, "error": {"code": code, "message": words}}
    failure = told(job).failure
    assert failure is not None
    assert (failure.kind, failure.code, failure.words) == (kind, code, words)


# -- the orders of precedence ---------------------------------------------------------------------------


@pytest.mark.parametrize(("fact", "given", "expected", "unused"), ORDERS, ids=[row[0] for row in ORDERS])
async def test_what_is_made(
    client: Client, fact: str, given: dict[str, Any], expected: tuple[float, str, str], unused: set[str]
) -> None:
    body = {"model": "kling-3.0", "prompt": "x", **given}
    request = OPERATION.model.from_body(body)
    made = request.made()  # type: ignore[attr-defined]
    assert (made.seconds, made.resolution, made.aspect_ratio) == expected
    assert {issue.field for issue in request.warnings()} == unused
    got = (await client.call("openai-video", "POST", VIDEOS, body)).json()
    job = client.server.books.find("openai-video", got["id"])
    assert job is not None
    assert (job.film.seconds, job.film.resolution.upper(), job.film.aspect) == expected


@pytest.mark.parametrize(
    ("given", "level", "sound", "unused"),
    [
        ({"mode": "pro"}, "pro", False, set()),
        ({"metadata": {"mode": "pro", "motion_level": "std"}}, "pro", False, {"motion_level"}),
        ({"metadata": {"motion_level": "std"}}, "std", False, set()),
        (
            {"metadata": {"audio": True, "output_config": {"audio_generation": "Disabled"}}},
            "std",
            False,
            {"audio"},
        ),
        ({"metadata": {"audio": True, "audio_generation": "Enabled"}}, "std", True, set()),
    ],
)
async def test_switches(
    client: Client, given: dict[str, Any], level: str, sound: bool, unused: set[str]
) -> None:
    scene = {"scene_type": "motion_control", "video_url": "https://example.com/a.mp4"}
    metadata = {**scene, **given.get("metadata", {})}
    body = {"model": "kling-2.5", "prompt": "x", **given, "metadata": metadata}
    request = OPERATION.model.from_body(body)
    made = request.made()  # type: ignore[attr-defined]
    assert (made.motion_level, made.sound) == (level, sound)
    assert {issue.field for issue in request.warnings()} == unused
    got = (await client.call("openai-video", "POST", VIDEOS, body)).json()
    assert got["model"] == f"kling-2.5-motion-{level}-720p"
    plain = {**body, "metadata": {key: value for key, value in metadata.items() if key not in scene}}
    got = (await client.call("openai-video", "POST", VIDEOS, plain)).json()
    assert got["model"].endswith("audio" if sound else "mute")


@pytest.mark.parametrize(
    ("size", "parts"),
    [("1024x1792", ("720P", "9:16")), ("4K", (None, None)), ("x", (None, None)), (None, (None, None))],
)
def test_sizes(size: str | None, parts: tuple[str | None, str | None]) -> None:
    assert size_parts(size) == parts


# -- several shots --------------------------------------------------------------------------------------


def test_shots_are_typed_fields() -> None:
    typed = {
        "multi_shot": True,
        "shot_type": "customize",
        "multi_prompt": [
            {"index": 1, "prompt": "雪", "duration": "2"},
            {"index": 2, "prompt": "山", "duration": "3"},
        ],
    }
    request = OPERATION.model.parse({"model": "kling-3.0", **typed})
    assert request.to_body() == {"model": "kling-3.0", "metadata": {"ext_info": SHOTS}}
    again = OPERATION.model.from_body(request.to_body())
    assert again.values() == request.values()


@pytest.mark.parametrize(
    "text",
    [
        SHOTS.replace('":"{', '": "{'),
        SHOTS.replace("customize", "by hand"),
        SHOTS.replace('\\"index\\":1', '\\"index\\":\\"1\\"'),
        SHOTS.replace("雪", "\\\\u96ea"),
        '{"AdditionalParameters":"{}"}',
        '{"AdditionalParameters":"[]"}',
        '{"AdditionalParameters":"{\\"multi_shot\\":true}","More":1}',
    ],
)
def test_other_texts_are_kept_to_the_letter(text: str) -> None:
    body = {"model": "kling-3.0", "prompt": "x", "metadata": {"ext_info": text}}
    request = OPERATION.model.from_body(body)
    assert request.values()["ext_info"] == text
    assert request.to_body() == body


def test_shots_are_said_once() -> None:
    values = {"model": "kling-3.0", "prompt": "x", "multi_shot": True, "ext_info": "{}"}
    with pytest.raises(RequestError, match="use one or the other"):
        OPERATION.model.parse(values)


# -- list, delete, remix --------------------------------------------------------------------------------


async def make(client: Client, count: int) -> list[str]:
    ids = []
    for _ in range(count):
        got = await client.call("openai-video", "POST", VIDEOS, {"model": "kling-2.5", "prompt": "x [ok]"})
        ids.append(got.json()["id"])
    return ids


async def test_the_list_is_read_by_cursor(still: Client) -> None:
    ids = await make(still, 5)
    request = PROVIDER.list_tasks("generate", 1, 2)
    assert PROVIDER.list_tasks("generate", 2, 2) is None
    assert PROVIDER.list_tasks("remix", 1, 2) is None, "remixes are in the other's list"
    seen: list[list[str]] = []
    while request is not None:
        got = await sent(still, request)
        page_ = PROVIDER.read_list("generate", got)
        assert not isinstance(page_, Failure)
        seen.append([snapshot.remote_id for snapshot in page_])
        request = PROVIDER.next_page("generate", got, 2)
    assert [len(ids_) for ids_ in seen] == [2, 2, 1]
    assert [one for ids_ in seen for one in ids_] == ids[::-1]


@pytest.mark.parametrize(("asked", "limit"), [(0, "1"), (500, "100")])
def test_pages_stay_within_the_documented_range(asked: int, limit: str) -> None:
    request = PROVIDER.list_tasks("generate", 1, asked)
    assert request is not None
    assert dict(request.query)["limit"] == limit


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize("body", [b"404 page not found", b'{"error": {"message": "Invalid URL"}}'])
def test_a_gateway_without_a_list_says_so(status: int, body: bytes) -> None:
    failure = PROVIDER.read_list("generate", HttpAnswer(status=status, body=body))
    assert isinstance(failure, Failure)
    assert "no list" in failure.meaning
    assert PROVIDER.next_page("generate", HttpAnswer(status=status, body=body), 2) is None


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"error": {"message": "bad key"}}, 401, FailureKind.AUTH),
        ({"object": "list"}, 200, FailureKind.PROTOCOL),
        ({"data": {"id": "x"}}, 200, FailureKind.PROTOCOL),
        ("<html>", 200, FailureKind.PROTOCOL),
    ],
)
def test_a_list_that_cannot_be_read(body: Any, status: int, kind: FailureKind) -> None:
    failure = PROVIDER.read_list("generate", answer(body, status))
    assert isinstance(failure, Failure)
    assert failure.kind is kind


async def test_a_finished_film_can_be_deleted(still: Client, hand_clock: HandClock) -> None:
    (task_id,) = await make(still, 1)
    request = PROVIDER.delete_task(task_id)
    assert request is not None
    early = PROVIDER.read_deleted(await sent(still, request))
    assert early is not None
    assert early.kind is FailureKind.INVALID
    hand_clock.pass_(20)
    assert PROVIDER.read_deleted(await sent(still, request)) is None
    again = PROVIDER.read_deleted(await sent(still, request))
    assert again is not None
    assert "no such finished film" in again.meaning
    strange = PROVIDER.read_deleted(answer({"id": task_id}))
    assert strange is not None
    assert strange.kind is FailureKind.PROTOCOL


async def test_a_remix_is_a_task_of_its_own(still: Client, hand_clock: HandClock) -> None:
    (source,) = await make(still, 1)
    request = REMIX.codec.create(REMIX.model.parse({"video_id": source, "prompt": "at night [ok]"}), None)
    assert (request.method, request.path, request.body) == (
        "POST",
        f"/v1/videos/{source}/remix",
        {"prompt": "at night [ok]"},
    )
    early = REMIX.codec.read_created(await sent(still, request))
    assert isinstance(early, Failure)
    assert (early.kind, early.creation) == (FailureKind.INVALID, Creation.NOT_CREATED)
    hand_clock.pass_(20)
    made = REMIX.codec.read_created(await sent(still, request))
    assert isinstance(made, Submission)
    ref = TaskRef(task_id="t", remote_id=made.remote_id, external_id=None, endpoint=request.path, request={})
    question = REMIX.codec.query([ref])
    assert question.path == f"/v1/videos/{made.remote_id}"
    hand_clock.pass_(20)
    got = await sent(still, question)
    assert got.json()["remixed_from_video_id"] == source
    snapshot = REMIX.codec.read_query(got, [ref])["t"]
    assert isinstance(snapshot, Snapshot)
    assert snapshot.status is Status.SUCCEEDED


async def test_an_unknown_film_cannot_be_remixed(client: Client) -> None:
    request = REMIX.codec.create(REMIX.model.parse({"video_id": "task_x", "prompt": "x"}), None)
    failure = REMIX.codec.read_created(await sent(client, request))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.creation) == (FailureKind.NOT_FOUND, Creation.NOT_CREATED)


@pytest.mark.parametrize("video_id", ["", ".", "..", "a b", "a\n", "x" * 257])
def test_what_is_no_film(video_id: str) -> None:
    with pytest.raises(RequestError, match="video_id"):
        REMIX.model.parse({"video_id": video_id, "prompt": "x"})


def test_ids_stay_in_their_segment() -> None:
    request = REMIX.codec.create(REMIX.model.parse({"video_id": "../a?b", "prompt": "x"}), None)
    assert request.path == "/v1/videos/..%2Fa%3Fb/remix"


async def test_shots_in_a_form(client: Client) -> None:
    fields = {"model": "kling-3.0", "metadata[ext_info]": SHOTS}
    parts = {name: (None, value) for name, value in fields.items()}
    got = await client.call("openai-video", "POST", VIDEOS, files=parts)
    assert got.status_code == 200, got.text
    job = client.server.books.find("openai-video", got.json()["id"])
    assert job is not None
    assert job.request["metadata"]["ext_info"] == SHOTS
