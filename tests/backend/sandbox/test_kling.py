"""The official legacy standard."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import jwt
import pytest

from backend.sandbox.jobs import Job, Phase
from backend.sandbox.server import SandboxServer
from tests.backend.sandbox.conftest import Client, HandClock, Json, until

TEXT = "/v1/videos/text2video"
IMAGE = "/v1/videos/image2video"
BODY = {"model_name": "kling-v1-6", "prompt": "a cat on a train [ok]", "duration": "5"}


def told(answer: Any, status: int, code: int) -> str:
    """Check an error and return its message."""
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert body["request_id"]
    assert "data" not in body
    return str(body["message"])


async def test_a_task_goes_through_the_documented_states(still: Client, hand_clock: HandClock) -> None:
    made = (await still.call("kling", "POST", TEXT, {**BODY, "external_task_id": "mine-1"})).json()
    assert made["message"] == "SUCCEED"
    task = made["data"]
    assert task["task_status"] == "submitted"
    assert task["task_info"] == {"external_task_id": "mine-1"}
    assert task["created_at"] == int(hand_clock.now().timestamp() * 1000) == task["updated_at"]
    assert task["task_id"].isdecimal()
    assert int(task["task_id"]) > 2**53

    async def now() -> Json:
        seen: Json = (await still.call("kling", "GET", f"{TEXT}/mine-1")).json()["data"]
        assert seen["task_id"] == task["task_id"]
        return seen

    assert (await now())["task_status"] == "submitted"
    hand_clock.pass_(3.5)
    assert (await now())["task_status"] == "processing"
    hand_clock.pass_(10)
    done = await now()
    assert done["task_status"] == "succeed"
    assert done["task_result"]["videos"][0]["duration"] == "5.0"
    assert done["final_unit_deduction"] == "2"
    assert done["updated_at"] > done["created_at"]


async def test_a_failed_task_says_why_and_has_no_result(client: Client) -> None:
    made = await client.call("kling", "POST", TEXT, {**BODY, "prompt": "[fail]"})
    path = f"{TEXT}/{made.json()['data']['task_id']}"

    async def failed() -> Json | None:
        task: Json = (await client.call("kling", "GET", path)).json()["data"]
        return task if task["task_status"] == "failed" else None

    task = await until(failed)
    assert task["task_status_msg"]
    assert "task_result" not in task


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, 1001),
        ("", 1001),
        ("Basic abc", 1002),
        ("Bearer", 1002),
        ("Bearer wrong-key", 1002),
    ],
)
async def test_bad_keys(client: Client, authorization: str | None, code: int) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    base_url = client.server.account("kling").base_url
    told(await client.http.get(base_url + TEXT, headers=headers), 401, code)


@pytest.mark.parametrize(
    ("changes", "secret", "code"),
    [
        ({}, None, 0),
        ({"exp": -10}, None, 1004),
        ({"nbf": 600}, None, 1003),
        ({"iss": "somebody"}, None, 1002),
        ({}, "another-secret-key-of-at-least-32-bytes", 1000),
    ],
)
async def test_signed_tokens(client: Client, changes: Json, secret: str | None, code: int) -> None:
    credentials = client.server.account("kling").credentials
    now = int(time.time())
    claims: Json = {"iss": credentials["access_key"], "exp": now + 1800, "nbf": now - 5}
    claims |= {key: now + value if isinstance(value, int) else value for key, value in changes.items()}
    token = jwt.encode(claims, secret or credentials["secret_key"], "HS256")
    answer = await client.call("kling", "GET", TEXT, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["code"] == code
    assert answer.status_code == (401 if code else 200)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        (TEXT, {"model_name": "kling-v1-6"}, "prompt"),
        (TEXT, {**BODY, "prompt": "x" * 2501}, "prompt"),
        (TEXT, {**BODY, "duration": 5}, "duration"),
        (TEXT, {**BODY, "duration": "77"}, "duration"),
        (TEXT, {**BODY, "cfg_scale": 1.5}, "cfg_scale"),
        (TEXT, {**BODY, "cfg_scale": "0.5"}, "cfg_scale"),
        (TEXT, {**BODY, "mode": "best"}, "mode"),
        (TEXT, {**BODY, "aspect_ratio": "4:3"}, "aspect_ratio"),
        (IMAGE, {"model_name": "kling-v1-6", "prompt": "no picture"}, "image"),
        (IMAGE, {"image": "data:image/png;base64,iVBORw0KGgo="}, "image"),
    ],
)
async def test_bad_values(client: Client, path: str, body: Json, named: str) -> None:
    assert named in told(await client.call("kling", "POST", path, body), 400, 1201)
    assert len(client.server.books) == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"', b"null", b'{"prompt": NaN}', b"[" * 100_000])
async def test_bodies_that_are_no_object(client: Client, raw: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    told(await client.call("kling", "POST", TEXT, content=raw, headers=headers), 400, 1200)


async def test_a_form_is_refused(client: Client) -> None:
    told(await client.call("kling", "POST", TEXT, data={"prompt": "x"}), 400, 1200)


async def test_the_former_model_key_counts_as_none(client: Client) -> None:
    body = {"model": "kling-v2-master", "prompt": "x [ok]"}
    made = await client.call("kling", "POST", TEXT, body)
    job = client.server.books.find("kling", made.json()["data"]["task_id"])
    assert job is not None
    assert job.request["model_name"] == "kling-v1"


async def test_unknown_tasks_and_tasks_of_another_family(client: Client) -> None:
    assert told(await client.call("kling", "GET", f"{TEXT}/123"), 400, 1201).startswith("Task not found")
    made = await client.call("kling", "POST", TEXT, {**BODY, "external_task_id": "e"})
    task_id = made.json()["data"]["task_id"]
    for name in (task_id, "e"):
        assert (await client.call("kling", "GET", f"{TEXT}/{name}")).status_code == 200
        assert "not found" in told(await client.call("kling", "GET", f"{IMAGE}/{name}"), 400, 1201)


async def test_a_repeated_external_id_is_refused_in_either_family(client: Client) -> None:
    assert (await client.call("kling", "POST", TEXT, {**BODY, "external_task_id": "e"})).status_code == 200
    image = {"image": "https://example.com/a.png", "external_task_id": "e"}
    for path, body in ((TEXT, {**BODY, "external_task_id": "e"}), (IMAGE, image)):
        assert "external_task_id already exists" in told(
            await client.call("kling", "POST", path, body), 400, 1201
        )
    assert len(client.server.books) == 1


async def test_slots_are_held_until_tasks_are_final(still: Client, hand_clock: HandClock) -> None:
    for _ in range(5):
        assert (await still.call("kling", "POST", TEXT, BODY)).status_code == 200
    words = told(await still.call("kling", "POST", TEXT, BODY), 429, 1303)
    assert words == "parallel task over resource pack limit"
    # Slots are counted for each model version, and other accounts are not touched.
    assert (await still.call("kling", "POST", TEXT, {**BODY, "model_name": "kling-v1"})).status_code == 200
    relayed = {"model_name": "kling-v1", "prompt": "x"}
    answer = await still.call("kling-relay", "POST", "/kling/v1/videos/text2video", relayed)
    assert answer.status_code == 200
    hand_clock.pass_(14)
    assert (await still.call("kling", "POST", TEXT, BODY)).status_code == 200


async def test_the_list_is_paged_newest_first(still: Client, hand_clock: HandClock) -> None:
    ids = []
    for number in range(7):
        hand_clock.pass_(20)
        made = await still.call("kling", "POST", TEXT, {**BODY, "prompt": f"{number}"})
        ids.append(made.json()["data"]["task_id"])
    await still.call("kling", "POST", IMAGE, {"image": "https://example.com/a.png"})

    async def page(query: str) -> list[str]:
        answer = (await still.call("kling", "GET", f"{TEXT}{query}")).json()
        return [task["task_id"] for task in answer["data"]]

    assert await page("") == ids[::-1]
    assert await page("?pageNum=1&pageSize=3") == ids[::-1][:3]
    assert await page("?pageNum=3&pageSize=3") == ids[:1]
    assert await page("?pageNum=4&pageSize=3") == []
    for query in ("pageNum=0", "pageNum=1001", "pageSize=0", "pageSize=501", "pageSize=x", "pageNum=²"):
        told(await still.call("kling", "GET", f"{TEXT}?{query}"), 400, 1201)


async def test_unknown_paths_and_methods(client: Client) -> None:
    told(await client.call("kling", "GET", "/v1/videos/lip-sync"), 404, 1203)
    told(await client.call("kling", "DELETE", f"{TEXT}/1"), 404, 1202)


async def test_links_end_after_thirty_days(still: Client, hand_clock: HandClock) -> None:
    await still.call("kling", "POST", TEXT, {**BODY, "external_task_id": "e"})
    hand_clock.pass_(20)
    task = (await still.call("kling", "GET", f"{TEXT}/e")).json()["data"]
    url = task["task_result"]["videos"][0]["url"]
    hand_clock.pass_(29 * 24 * 3600)
    assert (await still.http.get(url)).status_code == 200
    hand_clock.pass_(2 * 24 * 3600)
    assert (await still.http.get(url)).status_code == 403


async def test_a_watermarked_film_is_a_file_too(client: Client) -> None:
    body = {**BODY, "watermark_info": {"enabled": True}, "external_task_id": "e"}
    await client.call("kling", "POST", TEXT, body)

    async def video() -> Json | None:
        task = (await client.call("kling", "GET", f"{TEXT}/e")).json()["data"]
        return task["task_result"]["videos"][0] if "task_result" in task else None

    seen = await until(video)
    assert (await client.http.get(seen["watermark_url"])).headers["content-type"] == "video/mp4"


async def test_large_images_do_not_stay_in_the_books(sandbox: SandboxServer, client: Client) -> None:
    image = "iVBORw0KGgoA" + "AAAA" * 500_000
    answer = await client.call("kling", "POST", IMAGE, {"image": image})
    assert answer.status_code == 200, answer.text
    assert len(next(iter(sandbox.books)).request["image"]) < 200


async def test_a_job_without_a_picture_does_not_fail_for_one(client: Client) -> None:
    for number in range(12):
        made = await client.call("kling", "POST", TEXT, {**BODY, "prompt": f"[fail] {number}"})
        job = client.server.books.find("kling", made.json()["data"]["task_id"])
        assert job is not None
        assert "Image" not in job.failure
        await until(partial(_ended, client, job))  # its slot is free again


async def _ended(client: Client, job: Job) -> bool:
    return job.phase(client.server.now) is Phase.FAILED
