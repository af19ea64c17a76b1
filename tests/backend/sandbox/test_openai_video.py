"""The OpenAI-style gateway."""

from __future__ import annotations

import pytest

from tests.backend.sandbox.conftest import Client, HandClock, Json, until

VIDEOS = "/v1/videos"
BODY = {"model": "kling-2.5", "prompt": "rain [ok]", "seconds": "5"}


async def make(client: Client, body: Json | None = None) -> str:
    answer = await client.call("openai-video", "POST", VIDEOS, body or BODY)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_a_task_with_its_oddities(still: Client, hand_clock: HandClock) -> None:
    body = {**BODY, "model": "Kling-3.0-OMNI", "size": "720x1280"}
    answer = await still.call("openai-video", "POST", VIDEOS, body)
    made = answer.json()
    assert made == {
        "id": made["id"],
        "task_id": made["id"],
        "object": "video",
        "model": "kling-3.0-omni-720p-noref-mute",
        "status": "queued",
        "progress": 0,
        "created_at": int(hand_clock.now().timestamp()),
    }
    assert made["id"].startswith("task_")
    assert len(made["id"]) == 37
    path = f"{VIDEOS}/{made['id']}"
    early = await still.call("openai-video", "GET", f"{path}/content")
    assert early.status_code == 400
    assert early.json()["error"]["type"] == "invalid_request_error"
    hand_clock.pass_(3.5)
    running = (await still.call("openai-video", "GET", path)).json()
    assert (running["status"], running["progress"]) == ("in_progress", 0)
    assert running["task_id"] != running["id"]
    assert running["completed_at"] > running["created_at"]
    hand_clock.pass_(10)
    done = (await still.call("openai-video", "GET", path)).json()
    assert (done["status"], done["progress"]) == ("completed", 100)
    assert (done["seconds"], done["size"]) == ("5", "720x1280")
    assert (await still.http.get(done["video_url"])).status_code == 200


async def test_a_failed_task_is_at_100(client: Client) -> None:
    task_id = await make(client, {**BODY, "prompt": "[fail]"})

    async def failed() -> Json | None:
        task: Json = (await client.call("openai-video", "GET", f"{VIDEOS}/{task_id}")).json()
        return task if task["status"] == "failed" else None

    task = await until(failed)
    assert task["progress"] == 100
    assert task["error"]["code"] == "task_failed"
    assert task["error"]["message"]


async def test_content_is_behind_the_key(client: Client) -> None:
    task_id = await make(client)
    path = f"{VIDEOS}/{task_id}/content"

    async def content() -> bytes | None:
        answer = await client.call("openai-video", "GET", path)
        return answer.content if answer.status_code == 200 else None

    data = await until(content)
    assert data[4:8] == b"ftyp"
    base_url = client.server.account("openai-video").base_url
    assert (await client.http.get(base_url + path)).status_code == 401
    part = await client.call("openai-video", "GET", path, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    head = await client.call("openai-video", "HEAD", path)
    assert int(head.headers["content-length"]) == len(data)


@pytest.mark.parametrize("with_file", [True, False])
async def test_forms_with_all_values_as_text(client: Client, with_file: bool) -> None:
    fields = {
        **BODY,
        "seconds": "10",
        "metadata[output_config][aspect_ratio]": "9:16",
        "metadata[output_config][duration]": "10",
        "metadata[audio]": "true",
        "images[]": ["https://example.com/a.png", "https://example.com/b.png"],
    }
    files = {"input_reference": ("a b.png", b"\x89PNG", "image/png")} if with_file else {}
    answer = await client.call("openai-video", "POST", VIDEOS, data=fields, files=files)
    assert answer.status_code == 200, answer.text
    job = client.server.books.find("openai-video", answer.json()["id"])
    assert job is not None
    assert (job.film.seconds, job.film.aspect) == (10, "9:16")
    assert len(job.request["images"]) == 2
    assert job.request["metadata"]["audio"] is True
    assert job.request.get("input_reference", "").endswith("a_b.png") == with_file


async def test_metadata_of_a_form_may_be_json(client: Client) -> None:
    fields = {**BODY, "metadata": '{"output_config": {"resolution": "1080P"}}'}
    parts = {name: (None, value) for name, value in fields.items()}
    answer = await client.call("openai-video", "POST", VIDEOS, files=parts)
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == "kling-2.5-1080p-mute"


async def test_a_form_that_cannot_be_read(client: Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.call("openai-video", "POST", VIDEOS, content=b"nonsense", headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": None}, "model"),
        ({"prompt": None}, "prompt"),
        ({"seconds": 5}, "seconds"),
        ({"image": "data:image/png;base64,AAAA"}, "image"),
        ({"images": ["https://example.com/a.png"] * 4}, "images"),
        ({"metadata": {"scene_type": "motion_control"}}, "video_url"),
        ({"metadata": {"output_config": {"resolution": "4K"}}}, "resolution"),
        ({"metadata": "text"}, "metadata"),
    ],
)
async def test_bad_requests(client: Client, change: Json, words: str) -> None:
    body = {key: value for key, value in {**BODY, **change}.items() if value is not None}
    answer = await client.call("openai-video", "POST", VIDEOS, body)
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["message"]
    assert len(client.server.books) == 0


async def test_unknown_models_have_no_channel(client: Client) -> None:
    answer = await client.call("openai-video", "POST", VIDEOS, {**BODY, "model": "sora-2"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_not_found")


async def test_unknown_tasks(client: Client) -> None:
    query = await client.call("openai-video", "GET", f"{VIDEOS}/task_x")
    assert (query.status_code, query.json()["code"]) == (400, "task_not_exist")
    for method, tail in (("GET", "/content"), ("DELETE", "")):
        answer = await client.call("openai-video", method, f"{VIDEOS}/task_x{tail}")
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
    assert (await client.call("openai-video", "PATCH", VIDEOS)).status_code == 405
    assert (await client.call("openai-video", "GET", "/v1/models")).json()["error"]


async def test_list_and_delete_as_openai_has_them(still: Client, hand_clock: HandClock) -> None:
    ids = [await make(still) for _ in range(5)]
    page = (await still.call("openai-video", "GET", VIDEOS, params={"limit": "2"})).json()
    assert [item["id"] for item in page["data"]] == ids[:2:-1]
    assert (page["object"], page["has_more"], page["last_id"]) == ("list", True, ids[3])
    rest = (await still.call("openai-video", "GET", VIDEOS, params={"after": ids[3], "order": "desc"})).json()
    assert [item["id"] for item in rest["data"]] == ids[2::-1]
    assert not rest["has_more"]
    oldest = (await still.call("openai-video", "GET", VIDEOS, params={"order": "asc", "limit": "1"})).json()
    assert oldest["first_id"] == ids[0]
    assert (await still.call("openai-video", "GET", VIDEOS, params={"limit": "0"})).status_code == 400

    path = f"{VIDEOS}/{ids[0]}"
    assert (await still.call("openai-video", "DELETE", path)).status_code == 400
    hand_clock.pass_(20)
    gone = (await still.call("openai-video", "DELETE", path)).json()
    assert gone == {"id": ids[0], "object": "video.deleted", "deleted": True}
    assert (await still.call("openai-video", "GET", path)).status_code == 400
