"""Small clients with nothing but the standard library, each written from its provider's page alone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.sandbox.server import SandboxServer

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
Told = tuple[int, Any]


def ask(
    method: str, url: str, body: Any = None, headers: dict[str, str] | None = None, raw: bool = False
) -> Told:
    """Return HTTP status and what was said."""
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if isinstance(body, dict | list) else {}
    request = urllib.request.Request(url, data, {**sent, **(headers or {})}, method=method)
    try:
        with _OPENER.open(request, timeout=10) as answer:
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, content = error.code, error.read()
    return status, content if raw else json.loads(content)


def patiently(look: Any) -> Any:
    """Return the first true outcome of `look`."""
    ends = time.monotonic() + 10
    while not (found := look()):
        assert time.monotonic() < ends
        time.sleep(0.02)
    return found


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(speed=20.0) as made:
        yield made
        assert list(made.crashes) == []


# -- official Kling ---------------------------------------------------------------------------------------


def signed_by_hand(access_key: str, secret_key: str, lasts: int = 1800) -> str:
    """Return a JWT as the page wants it made."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    now = int(time.time())
    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = part(json.dumps({"iss": access_key, "exp": now + lasts, "nbf": now - 5}).encode())
    seal = hmac.new(secret_key.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    return f"{head}.{claims}.{part(seal)}"


def kling(base: str, token: str, method: str, path: str, body: Any = None) -> Told:
    return ask(method, base + path, body, {"Authorization": f"Bearer {token}"})


async def test_official_kling(server: SandboxServer) -> None:
    account = server.account("kling")
    keys = account.credentials

    def use() -> None:
        token = signed_by_hand(keys["access_key"], keys["secret_key"])
        picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 40).decode()
        body = {
            "model_name": "kling-v1",
            "mode": "pro",
            "duration": "5",
            "image": picture,
            "prompt": "The astronaut stood up and walked away [ok]",
            "cfg_scale": 0.5,
            "external_task_id": "mine-1",
        }
        status, made = kling(account.base_url, token, "POST", "/v1/videos/image2video", body)
        assert (status, made["code"], made["data"]["task_status"]) == (200, 0, "submitted")
        task_id = made["data"]["task_id"]
        for handle in (task_id, "mine-1"):
            path = f"/v1/videos/image2video/{handle}"

            def done(path: str = path) -> Any:
                told = kling(account.base_url, token, "GET", path)[1]["data"]
                return told if told["task_status"] == "succeed" else None

            film = patiently(done)["task_result"]["videos"][0]
            assert ask("GET", film["url"], raw=True)[1][4:8] == b"ftyp"
        _, listed = kling(account.base_url, token, "GET", "/v1/videos/image2video?pageNum=1&pageSize=30")
        assert [task["task_id"] for task in listed["data"]] == [task_id]
        status, refused = kling(account.base_url, token, "POST", "/v1/videos/image2video", body)
        assert (status, refused["code"]) == (400, 1201)
        assert kling(account.base_url, token, "GET", "/v1/videos/image2video/none")[1]["code"] == 1201

    await asyncio.to_thread(use)


@pytest.mark.parametrize(
    ("access", "secret", "lasts", "code"),
    [("another", "", 1800, 1002), ("", "another", 1800, 1000), ("", "", -10, 1004)],
)
async def test_tokens_that_official_kling_refuses(
    server: SandboxServer, access: str, secret: str, lasts: int, code: int
) -> None:
    account = server.account("kling")
    keys = account.credentials
    token = signed_by_hand(access or keys["access_key"], secret or keys["secret_key"], lasts)
    got = await asyncio.to_thread(kling, account.base_url, token, "GET", "/v1/videos/text2video")
    assert (got[0], got[1]["code"]) == (401, code)


async def test_official_api_2(server: SandboxServer) -> None:
    account = server.account("kling")
    key = account.credentials["api_key"]

    def use() -> None:
        body = {
            "contents": [
                {"type": "prompt", "text": "she waves [ok]"},
                {"type": "first_frame", "url": "https://cdn.example/first.jpg"},
            ],
            "settings": {"resolution": "1080p", "duration": 10},
            "options": {"external_task_id": "mine-2"},
        }
        _, made = kling(account.base_url, key, "POST", "/image-to-video/kling-3.0-turbo", body)
        assert made["data"]["external_id"] == "mine-2"

        def done() -> Any:
            told = kling(account.base_url, key, "GET", "/tasks?external_task_ids=mine-2")[1]["data"]
            return told[0]["outputs"] if told[0]["status"] == "succeeded" else None

        (film,) = patiently(done)
        assert (film["type"], film["duration"]) == ("video", "10.0")
        assert ask("GET", film["url"], raw=True)[0] == 200
        _, listed = kling(account.base_url, key, "POST", "/tasks", {"limit": 10})
        assert [task["id"] for task in listed["data"]["result"]] == [made["data"]["id"]]
        keys = account.credentials
        jwt = signed_by_hand(keys["access_key"], keys["secret_key"])
        assert kling(account.base_url, jwt, "GET", "/tasks?task_ids=1")[0] == 401

    await asyncio.to_thread(use)


# -- the relay --------------------------------------------------------------------------------------------


async def test_the_relay(server: SandboxServer) -> None:
    account = server.account("kling-relay")
    headers = {
        "Accept": "application/json",
        "Authorization": f"Bearer {account.credentials['api_key']}",
    }

    def use() -> None:
        body = {"model_name": "kling-v1-6", "prompt": "a cat [ok]", "duration": 5, "mode": "std"}
        _, made = ask("POST", f"{account.base_url}/kling/v1/videos/text2video", body, headers)
        assert (made["code"], made["message"]) == (0, "SUCCEED")
        path = f"{account.base_url}/kling/v1/videos/text2video/{made['data']['task_id']}"

        def done() -> Any:
            told = ask("GET", path, headers=headers)[1]["data"]
            return told["task_result"]["videos"] if told["task_status"] == "succeed" else None

        assert ask("GET", patiently(done)[0]["url"], raw=True)[1][4:8] == b"ftyp"

        turbo = f"{account.base_url}/kling/image-to-video/kling-3.0-turbo"
        frames = [{"type": "first_frame", "url": "https://cdn.example/a.png"}]
        settings = {"duration": 5, "resolution": "720p"}
        words = [{"type": "prompt", "text": "it waves [ok]"}]
        _, made = ask("POST", turbo, {"contents": words + frames, "settings": settings}, headers)
        task_id = made["data"]["id"]

        def turned() -> Any:
            told = ask("GET", f"{turbo}/{task_id}", headers=headers)[1]["data"]
            return told["task_result"]["videos"] if told["status"] == "succeed" else None

        assert patiently(turned)[0]["url"].startswith("http")
        status, refused = ask("POST", turbo, {"contents": words, "settings": settings}, headers)
        assert status == 400
        assert "first_frame" in json.dumps(refused)
        assert ask("POST", turbo, {"contents": words})[0] == 401

    await asyncio.to_thread(use)


# -- Chanjing ---------------------------------------------------------------------------------------------


def fresh_token(base: str, credentials: Any) -> str:
    told = ask("POST", f"{base}/open/v1/access_token", dict(credentials))[1]
    assert told["data"]["expire_in"] > time.time()
    return str(told["data"]["access_token"])


async def test_chanjing(server: SandboxServer) -> None:
    account = server.account("chanjing")
    base = f"{account.base_url}/open/v1"

    def use() -> None:
        token = fresh_token(account.base_url, account.credentials)
        headers = {"access_token": token}
        query = urllib.parse.urlencode({"service": "ai_creation", "name": "a cat.png"})
        slot = ask("GET", f"{base}/common/create_upload_url?{query}", headers=headers)[1]["data"]
        put = {"Content-Type": slot["mime_type"]}
        assert ask("PUT", slot["sign_url"], b"picture", put, raw=True)[0] == 200
        detail = f"{base}/common/file_detail?id={slot['file_id']}"
        patiently(lambda: ask("GET", detail, headers=headers)[1]["data"]["status"] in (1, 2))
        assert ask("GET", slot["full_path"], raw=True) == (200, b"picture")

        body = {
            "start_frame": slot["full_path"],
            "ref_prompt": "未来城市夜景 [ok]",
            "creation_type": 4,
            "aspect_ratio": "16:9",
            "clarity": 1080,
            "quality_mode": "pro",
            "video_duration": 5,
            "model_code": "tx_kling2.5",
        }
        made = ask("POST", f"{base}/ai_creation/task/submit", body, headers)[1]
        assert (made["code"], made["msg"]) == (0, "success")
        one = f"{base}/ai_creation/task?unique_id={made['data']}"

        def done() -> Any:
            told = ask("GET", one, headers=headers)[1]["data"]
            return told["output_url"] if told["progress_desc"] == "Success" else None

        assert ask("GET", patiently(done)[0], raw=True)[1][4:8] == b"ftyp"
        page = {"unique_ids": [made["data"]], "type": 4, "page": 1, "page_size": 50}
        listed = ask("POST", f"{base}/ai_creation/task/page", page, headers)[1]["data"]
        assert [item["unique_id"] for item in listed["list"]] == [made["data"]]

        renewed = fresh_token(account.base_url, account.credentials)
        status, stale = ask("GET", one, headers=headers)
        assert (status, stale["code"], set(stale)) == (200, 10400, {"trace_id", "code", "msg", "data"})
        assert ask("GET", one, headers={"access_token": renewed})[1]["code"] == 0

    await asyncio.to_thread(use)


# -- the gateway ------------------------------------------------------------------------------------------


async def test_the_gateway(server: SandboxServer) -> None:
    account = server.account("openai-video")
    headers = {"Authorization": f"Bearer {account.credentials['api_key']}"}

    def use() -> None:
        body = {
            "model": "Kling-2.5",
            "prompt": "赛博朋克城市夜景 [ok]",
            "seconds": "5",
            "metadata": {"output_config": {"duration": 5, "resolution": "720P", "aspect_ratio": "9:16"}},
        }
        _, made = ask("POST", f"{account.base_url}/v1/videos", body, headers)
        assert (made["status"], made["progress"], made["object"]) == ("queued", 0, "video")
        path = f"{account.base_url}/v1/videos/{made['id']}"

        def done() -> Any:
            told = ask("GET", path, headers=headers)[1]
            return told if told["status"] == "completed" else None

        told = patiently(done)
        assert (told["progress"], told["size"], told["seconds"]) == (100, "720x1280", "5")
        whole = ask("GET", f"{path}/content", headers=headers, raw=True)[1]
        assert whole == ask("GET", told["video_url"], raw=True)[1]
        part = ask("GET", f"{path}/content", headers={**headers, "Range": "bytes=4-7"}, raw=True)
        assert part == (206, b"ftyp")
        assert ask("GET", f"{path}/content")[0] == 401

    await asyncio.to_thread(use)


# -- what is not spoken -----------------------------------------------------------------------------------

STRANGE = [
    ("POST", "/v1/videos/lip-sync"),
    ("GET", "/account/friends"),
    ("DELETE", "/v1/anything"),
    ("PATCH", "/v1/videos"),
    ("PUT", "/"),
    ("GET", ""),
    ("GET", "/%2e%2e/%00"),
]


@pytest.mark.parametrize(("method", "path"), STRANGE)
@pytest.mark.parametrize("name", ["kling", "kling-relay", "openai-video", "chanjing"])
async def test_what_is_not_spoken_is_refused_in_the_protocols_style(
    server: SandboxServer, name: str, method: str, path: str
) -> None:
    account = server.account(name)
    token = {} if name == "chanjing" else {"Authorization": f"Bearer {account.credentials['api_key']}"}
    status, told = await asyncio.to_thread(
        ask, method, account.base_url + path, {} if method == "POST" else None, token
    )
    assert status in (404, 405)
    assert len(json.dumps(told)) < 400
    shapes = {
        "kling": {"code", "message", "request_id"},
        "kling-relay": {"error"},
        "openai-video": {"error"},
        "chanjing": {"trace_id", "code", "msg", "data"},
    }
    assert set(told) == shapes[name]
    if "error" in told:
        assert {"message", "type", "code"} <= set(told["error"])
