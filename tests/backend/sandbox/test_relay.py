"""The relay."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.sandbox.conftest import Client, Json, until

V1 = "/kling/v1/videos/text2video"
IMAGE = "/kling/image-to-video/kling-3.0-turbo"
TEXT = "/kling/text-to-video/kling-3.0-turbo"
FRAME = {"type": "first_frame", "url": "https://example.com/a.png"}


async def final(client: Client, path: str) -> Json:
    async def look() -> Json | None:
        task: Json = (await client.call("kling-relay", "GET", path)).json()["data"]
        word = task.get("status") or task.get("task_status")
        return task if word in ("succeed", "failed") else None

    found: Json = await until(look)
    return found


@pytest.mark.parametrize(("prompt", "word"), [("x [ok]", "succeed"), ("x [fail]", "failed")])
async def test_v1_has_the_official_shape(client: Client, prompt: str, word: str) -> None:
    body = {"model_name": "kling-v1", "prompt": prompt, "duration": 10}
    made = (await client.call("kling-relay", "POST", V1, body)).json()
    assert made["code"] == 0
    assert made["data"]["task_status"] == "submitted"
    assert made["data"]["created_at"] > 10**12
    task = await final(client, f"{V1}/{made['data']['task_id']}")
    assert task["task_status"] == word
    assert bool(task["task_status_msg"]) == (word == "failed")


async def test_turbo_image_mixes_both_standards(client: Client) -> None:
    contents = [FRAME, {"type": "prompt", "text": "she waves [ok]"}]
    body = {"contents": contents, "settings": {"resolution": "1080p", "aspect_ratio": "9:16", "duration": 3}}
    made = (await client.call("kling-relay", "POST", IMAGE, body)).json()["data"]
    assert made["status"] == "submitted"
    task = await final(client, f"{IMAGE}/{made['id']}")
    assert set(task) == {"id", "status", "task_result"}
    assert (await client.http.get(task["task_result"]["videos"][0]["url"])).status_code == 200
    wrong = await client.call("kling-relay", "GET", f"{TEXT}/{made['id']}")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "task_not_exist")


@pytest.mark.parametrize(
    "body", [{"prompt": "x [fail]"}, {"contents": [{"type": "prompt", "text": "x [fail]"}]}]
)
async def test_turbo_text_takes_prompt_or_contents(client: Client, body: Json) -> None:
    made = (await client.call("kling-relay", "POST", TEXT, body)).json()["data"]
    task = await final(client, f"{TEXT}/{made['id']}")
    assert task["status"] == "failed"
    assert task["message"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (IMAGE, {"contents": []}, "contents must include at least one first_frame item"),
        (
            IMAGE,
            {"contents": [{"type": "prompt", "text": "x"}]},
            "contents must include at least one first_frame item",
        ),
        (IMAGE, {}, "contents"),
        (IMAGE, {"contents": [FRAME, {"type": "last_frame", "url": "https://example.com/b.png"}]}, "type"),
        (IMAGE, {"contents": [FRAME], "settings": {"duration": 16}}, "duration"),
        (IMAGE, {"contents": [FRAME], "settings": {"duration": "5"}}, "duration"),
        (IMAGE, {"contents": [FRAME], "settings": {"fps": 24}}, "fps"),
        (IMAGE, {"contents": [FRAME, {"type": "prompt", "text": "x" * 2501}]}, "2500"),
        (TEXT, {}, "prompt"),
        (TEXT, {"prompt": "x" * 3073}, "3072"),
        (TEXT, {"contents": [FRAME]}, "prompt"),
        (TEXT, {"prompt": "x", "settings": {"duration": 2}}, "duration"),
        (V1, {"model_name": "kling-v1"}, "prompt"),
        (V1, {"model_name": "kling-v1", "prompt": "x", "duration": 7}, "duration"),
    ],
)
async def test_bad_requests(client: Client, path: str, body: Json, words: str) -> None:
    answer = await client.call("kling-relay", "POST", path, body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert answer.json()["code"]
    assert len(client.server.books) == 0


async def test_keys_paths_and_unknown_tasks(client: Client) -> None:
    def error(answer: Any) -> Json:
        told: Json = answer.json()["error"]
        return told

    base_url = client.server.account("kling-relay").base_url
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await client.http.get(f"{base_url}{V1}/1", headers=headers)
        assert answer.status_code == 401
        assert error(answer)["type"] == "new_api_error"
    assert (await client.call("kling-relay", "GET", f"{V1}/1")).json()["code"] == "task_not_exist"
    assert (await client.call("kling-relay", "GET", "/kling/v1/videos/text2video")).status_code == 405
    assert (await client.call("kling-relay", "GET", "/v1/videos/text2video")).status_code == 404


async def test_ids_made_in_the_same_moment_differ(still: Client) -> None:
    body = {"model_name": "kling-v1", "prompt": "x"}
    made = [await still.call("kling-relay", "POST", V1, body) for _ in range(99)]
    assert len({answer.json()["data"]["task_id"] for answer in made}) == 99


async def test_a_repeated_external_id_makes_a_second_job(client: Client) -> None:
    body = {"model_name": "kling-v1", "prompt": "x", "external_task_id": "e"}
    ids = [(await client.call("kling-relay", "POST", V1, body)).json()["data"]["task_id"] for _ in "ab"]
    assert ids[0] != ids[1]
    newest = (await client.call("kling-relay", "GET", f"{V1}/e")).json()["data"]["task_id"]
    assert newest == ids[1]
