"""Every request printed in the five pages is taken, finishes, and makes a film that plays."""

from __future__ import annotations

import io
import json
from pathlib import Path

import av
import httpx
import pytest

from backend.sandbox.server import SandboxServer
from tests.backend.sandbox.conftest import SPEED, Client, Json, until

EXAMPLES: list[Json] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))


def film_in(data: bytes) -> tuple[float, int, int, int, str]:
    """Return seconds, decoded frames, width, height and title of a video."""
    with av.open(io.BytesIO(data), "r") as container:
        frames = [(frame.width, frame.height) for frame in container.decode(video=0)]
        seconds = (container.duration or 0) / 1_000_000
        return seconds, len(frames), *frames[0], container.metadata.get("title", "")


async def submit(client: Client, account: str, path: str, body: Json) -> str:
    answer = await client.call(account, "POST", path, body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    if account == "openai-video":
        return str(told["id"])
    assert told["code"] == 0, told
    if account == "chanjing":
        return str(told["data"])
    return str(told["data"].get("id") or told["data"]["task_id"])


async def result_url(client: Client, account: str, path: str, task_id: str) -> str | None:
    """Return the result's address once the task has succeeded."""
    if account == "chanjing":
        answer = await client.call(account, "GET", "/open/v1/ai_creation/task", params={"unique_id": task_id})
        urls = answer.json()["data"]["output_url"]
        return str(urls[0]) if urls else None
    told = (await client.call(account, "GET", f"{path}/{task_id}")).json()
    if account == "openai-video":
        return str(told["video_url"]) if "video_url" in told else None
    videos = told["data"].get("task_result", {}).get("videos")
    return str(videos[0]["url"]) if videos else None


def asked_seconds(body: Json) -> float:
    settings = body.get("settings", {})
    value = body.get("seconds") or body.get("duration") or body.get("video_duration") or settings["duration"]
    return float(value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["account"])
async def test_example_is_taken_as_printed_and_its_film_plays(example: Json) -> None:
    # With this seed the first job of each provider succeeds.
    async with (
        SandboxServer(speed=SPEED, seed=1) as server,
        httpx.AsyncClient(verify=False, trust_env=False) as stranger,
    ):
        client = Client(server)
        account, path, body = example["account"], example["path"], example["body"]
        task_id = await submit(client, account, path, body)
        url = await until(lambda: result_url(client, account, path, task_id))
        seconds, frames, width, height, title = film_in((await stranger.get(url)).content)
        await client.http.aclose()
        job = server.books.find(account, task_id)
    assert seconds == pytest.approx(asked_seconds(body), abs=0.2)
    assert frames > 24
    assert min(width, height) in (720, 1080)
    assert job is not None
    assert title == job.prompt
    assert title in json.dumps(body, ensure_ascii=False)
