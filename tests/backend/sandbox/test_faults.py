"""Every fault, as a client meets it."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from backend.sandbox.faults import NAMES
from tests.backend.sandbox.conftest import Client, HandClock, Json

ACCOUNTS = {
    "kling": ("/v1/videos/text2video", {"prompt": "x [ok]"}),
    "kling-relay": ("/kling/v1/videos/text2video", {"model_name": "kling-v1", "prompt": "x [ok]"}),
    "openai-video": ("/v1/videos", {"model": "kling-2.5", "prompt": "x [ok]"}),
    "chanjing": ("/open/v1/ai_creation/task/submit", {"creation_type": 4, "model_code": "tx_kling2.5"}),
}
every_account = pytest.mark.parametrize("account", ACCOUNTS)


async def create(client: Client, account: str, fault: str | None = None) -> httpx.Response:
    path, body = ACCOUNTS[account]
    return await client.call(account, "POST", path, body, fault=fault)


async def finished(still: Client, clock: HandClock) -> tuple[str, str]:
    """Return the query path and the file address of a job that is done."""
    made = (await create(still, "kling")).json()
    clock.pass_(20)
    path = f"/v1/videos/text2video/{made['data']['task_id']}"
    task = (await still.call("kling", "GET", path)).json()["data"]
    return path, task["task_result"]["videos"][0]["url"]


@every_account
@pytest.mark.parametrize(("fault", "made"), [("drop-before", 0), ("drop-after", 1)])
async def test_a_dropped_connection_looks_lost(client: Client, account: str, fault: str, made: int) -> None:
    await client.signature(account)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await create(client, account, fault)
    assert len(client.server.books) == made
    assert client.server.log[-1].status is None
    assert (await create(client, account)).status_code == 200


@every_account
async def test_a_truncated_answer_looks_lost(client: Client, account: str) -> None:
    await client.signature(account)
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        await create(client, account, "truncate;bytes=10")
    assert len(client.server.books) == 1


@every_account
@pytest.mark.parametrize(("fault", "made"), [("500-before", 0), ("500-after", 1)])
async def test_internal_errors(client: Client, account: str, fault: str, made: int) -> None:
    answer = await create(client, account, fault)
    told = answer.json()
    code = told.get("code") or told["error"]["code"]
    assert (answer.status_code, code) == {
        "kling": (500, 5000),
        "kling-relay": (500, "do_request_failed"),
        "openai-video": (500, "do_request_failed"),
        "chanjing": (200, 50000),
    }[account]
    assert len(client.server.books) == made


async def test_other_statuses(client: Client) -> None:
    answer = await create(client, "kling", "500-before;status=504")
    assert (answer.status_code, answer.json()["code"]) == (504, 5002)


@every_account
async def test_too_many_requests(client: Client, account: str) -> None:
    answer = await create(client, account, "429;retry-after=7")
    assert answer.status_code == (200 if account == "chanjing" else 429)
    assert answer.headers["retry-after"] == "7"
    assert "retry-after" not in (await create(client, account, "429")).headers
    assert len(client.server.books) == 0


@every_account
async def test_bodies_that_are_no_answer(client: Client, account: str) -> None:
    page = await create(client, account, "html")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html")
    assert (await create(client, account, "html;status=200")).status_code == 200
    half = await create(client, account, "bad-json")
    assert half.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        half.json()
    odd = (await create(client, account, "wrong-types")).json()
    assert not isinstance(odd.get("id", odd.get("code")), int)
    assert len(client.server.books) == 4


async def test_latency(client: Client) -> None:
    started = time.monotonic()
    assert (await create(client, "kling", "latency;seconds=0.2")).status_code == 200
    assert time.monotonic() - started >= 0.2


async def test_unknown_statuses(client: Client) -> None:
    made = (await create(client, "kling")).json()["data"]["task_id"]
    task = await client.call("kling", "GET", f"/v1/videos/text2video/{made}", fault="unknown-status;word=odd")
    assert task.json()["data"]["task_status"] == "odd"


async def test_expired_links_and_broken_files(still: Client, hand_clock: HandClock) -> None:
    path, url = await finished(still, hand_clock)
    task = (await still.call("kling", "GET", path, fault="expired-link")).json()["data"]
    assert (await still.http.get(task["task_result"]["videos"][0]["url"])).status_code == 403

    async def get(fault: str) -> httpx.Response:
        return await still.http.get(url, headers={"X-Sandbox-Fault": fault})

    assert (await get("expired-link")).status_code == 403
    assert len((await get("short-file;bytes=100")).content) == 100
    assert (await get("html;status=200")).text.startswith("<html>")
    assert (await get("500-before")).status_code == 500
    for fault in ("truncate", "drop-after", "drop-before"):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await get(fault)
    assert len((await still.http.get(url)).content) > 40_000


async def test_a_file_lost_half_way_can_be_resumed(still: Client, hand_clock: HandClock) -> None:
    _, url = await finished(still, hand_clock)
    whole = (await still.http.get(url)).content
    got = b""
    with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012
        async with still.http.stream("GET", url, headers={"X-Sandbox-Fault": "truncate"}) as answer:
            async for chunk in answer.aiter_bytes():
                got += chunk
    assert got == whole[: len(whole) // 2]
    rest = await still.http.get(url, headers={"Range": f"bytes={len(got)}-"})
    assert got + rest.content == whole


async def test_faults_set_for_an_account(client: Client) -> None:
    faults = client.server.faults
    faults.set("kling", "500-before", times=2)
    await client.signature("chanjing")
    assert (await create(client, "chanjing")).json()["code"] == 0
    codes = [(await create(client, "kling")).json()["code"] for _ in range(3)]
    assert codes == [5000, 5000, 0]
    faults.set("kling", "429", times=None, match="GET /kling/v1")
    assert (await create(client, "kling")).status_code == 200
    for _ in range(3):
        assert (await client.call("kling", "GET", "/v1/videos/text2video")).status_code == 429
    faults.clear("kling")
    assert (await client.call("kling", "GET", "/v1/videos/text2video")).status_code == 200
    with pytest.raises(ValueError, match="unknown fault"):
        faults.set("kling", "explode")


async def test_tokens_are_spared_unless_meant(client: Client) -> None:
    client.server.faults.set("chanjing", "drop-after")
    await client.signature("chanjing")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await create(client, "chanjing")
    client.server.faults.set("chanjing", "500-before", match="access_token")
    with pytest.raises(TypeError):
        await client.chanjing_token()


async def test_the_control_endpoint(client: Client) -> None:
    url = f"{client.server.base_url}/faults"

    async def post(body: object) -> httpx.Response:
        return await client.http.post(url, json=body)

    order: Json = {"account": "kling", "fault": "500-before;status=503", "times": 1, "match": "POST"}
    assert (await post(order)).json() == {"faults": [order]}
    assert (await client.http.get(url)).json() == {"faults": [order]}
    assert (await create(client, "kling")).status_code == 503
    assert (await client.http.get(url)).json() == {"faults": []}
    mistakes: list[object] = [
        [],
        {},
        {**order, "account": "x"},
        {**order, "fault": "x"},
        {**order, "times": 0},
    ]
    for wrong in mistakes:
        answer = await post(wrong)
        assert answer.status_code == 400
        assert answer.json()["error"]
    await post(order)
    assert (await client.http.delete(url)).json() == {"faults": []}


async def test_options_that_mean_nothing(client: Client) -> None:
    client.server.faults.set("kling", "429;retry-after=7\x00é")
    assert "retry-after" not in (await create(client, "kling")).headers
    for fault in ("500-before;status=nan", "500-before;status=9", "500-before;status"):
        assert (await create(client, "kling", fault)).status_code == 500


async def test_unknown_faults_in_the_header(client: Client) -> None:
    answer = await create(client, "kling", "explode")
    assert answer.status_code == 400
    assert all(name in answer.json()["error"] for name in NAMES)
    assert len(client.server.books) == 0
