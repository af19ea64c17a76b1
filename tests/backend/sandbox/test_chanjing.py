"""Chanjing."""

from __future__ import annotations

import pytest

from tests.backend.sandbox.conftest import Client, HandClock, Json

SUBMIT = "/open/v1/ai_creation/task/submit"
QUERY = "/open/v1/ai_creation/task"
PAGE = "/open/v1/ai_creation/task/page"
BODY = {
    "ref_prompt": "夜景 [ok]",
    "creation_type": 4,
    "aspect_ratio": "9:16",
    "clarity": 1080,
    "quality_mode": "pro",
    "video_duration": 5,
    "model_code": "tx_kling2.5",
}


async def call(client: Client, method: str, path: str, body: Json | None = None, **options: str) -> Json:
    answer = await client.call("chanjing", method, path, body, params=options)
    assert answer.status_code == 200
    told: Json = answer.json()
    assert set(told) == {"trace_id", "code", "msg", "data"}
    return told


async def test_a_task_goes_through_the_documented_words(still: Client, hand_clock: HandClock) -> None:
    task_id = (await call(still, "POST", SUBMIT, BODY))["data"]
    words = []
    for seconds in (0, 0.9, 2.2, 10, 0):
        hand_clock.pass_(seconds)
        item = (await call(still, "GET", QUERY, unique_id=task_id))["data"]
        words.append(item["progress_desc"])
    assert [word for n, word in enumerate(words) if word not in words[:n]] == [
        "Queued",
        "Ready",
        "Generating",
        "Success",
    ]
    assert item["unique_id"] == task_id
    assert item["create_time"] == int(hand_clock.now().timestamp()) - 13
    assert item["motion_info"]["ref_prompt"] == BODY["ref_prompt"]
    assert item["model_code"] == "tx_kling2.5"
    assert item["err_msg"] == ""
    assert (await still.http.get(item["output_url"][0])).status_code == 200


async def test_a_failed_task(still: Client, hand_clock: HandClock) -> None:
    task_id = (await call(still, "POST", SUBMIT, {**BODY, "ref_prompt": "[fail]"}))["data"]
    hand_clock.pass_(20)
    item = (await call(still, "GET", QUERY, unique_id=task_id))["data"]
    assert (item["progress_desc"], item["output_url"]) == ("Error", [])
    assert item["err_msg"]


async def test_a_new_token_kills_the_old_one(still: Client, hand_clock: HandClock) -> None:
    base_url = still.server.account("chanjing").base_url
    credentials = dict(still.server.account("chanjing").credentials)
    told = (await still.http.post(f"{base_url}/open/v1/access_token", json=credentials)).json()["data"]
    assert told["expire_in"] == int(hand_clock.now().timestamp()) + 24 * 3600
    first = {"access_token": told["access_token"]}
    unknown = "?unique_id=x"

    async def code(headers: Json) -> int:
        answer = await still.http.get(base_url + QUERY + unknown, headers=headers)
        assert answer.status_code == 200
        return int(answer.json()["code"])

    assert await code(first) == 40000
    second = {"access_token": await still.chanjing_token()}
    assert await code(first) == 10400
    assert await code(second) == 40000
    assert await code({}) == 10400
    hand_clock.pass_(24 * 3600 + 1)
    assert await code(second) == 10400


async def test_wrong_keys_get_no_token(client: Client) -> None:
    base_url = client.server.account("chanjing").base_url
    body = {"app_id": "x", "secret_key": "y"}
    answer = await client.http.post(f"{base_url}/open/v1/access_token", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (200, 10400, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_code": "tx_kling9"}, "模型不存在"),
        ({"model_code": ...}, "model_code"),
        ({"creation_type": 3}, "creation_type"),
        ({"video_duration": "5"}, "video_duration"),
        ({"clarity": 1080.5}, "clarity"),
        ({"start_frame": "not an address"}, "start_frame"),
    ],
)
async def test_bad_values(client: Client, change: Json, words: str) -> None:
    body = {key: value for key, value in {**BODY, **change}.items() if value is not ...}
    told = await call(client, "POST", SUBMIT, body)
    assert told["code"] == 40000
    assert words in told["msg"]
    assert told["data"] is None
    assert len(client.server.books) == 0


async def test_malformed_bodies(client: Client) -> None:
    for raw in (b"{", b"[]"):
        headers = {"Content-Type": "application/json"}
        answer = await client.call("chanjing", "POST", SUBMIT, content=raw, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (200, 400)


async def test_pages(still: Client, hand_clock: HandClock) -> None:
    ids = []
    for number in range(7):
        prompt = "[fail]" if number % 2 else "[ok]"
        ids.append((await call(still, "POST", SUBMIT, {**BODY, "ref_prompt": prompt}))["data"])
    hand_clock.pass_(20)

    async def page(**body: object) -> Json:
        told: Json = (await call(still, "POST", PAGE, body))["data"]
        return told

    first = await page(unique_ids=[], type=4, page=1, page_size=3)
    assert [item["unique_id"] for item in first["list"]] == ids[:3:-1]
    assert first["page_info"] == {"page": 1, "size": 3, "total_count": 7, "total_page": 3}
    some = await page(unique_ids=[ids[0], ids[5], "unknown"], type=4, page=1, page_size=50)
    assert {item["unique_id"] for item in some["list"]} == {ids[0], ids[5]}
    good = await page(type=4, is_success=True)
    assert [item["unique_id"] for item in good["list"]] == ids[::-2]
    assert (await page(type=3))["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": 5},
        {"type": 4, "page_size": 51},
        {"type": 4, "page_size": 0},
        {"type": 4, "page": "1"},
        {"type": 4, "unique_ids": ["x"] * 51},
        {"type": 4, "unique_ids": "x"},
    ],
)
async def test_bad_pages(client: Client, body: Json) -> None:
    assert (await call(client, "POST", PAGE, body))["code"] == 40000


async def test_unknown_tasks_and_paths(client: Client) -> None:
    assert (await call(client, "GET", QUERY, unique_id="x"))["code"] == 40000
    answer = await client.call("chanjing", "GET", "/open/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, 404)
