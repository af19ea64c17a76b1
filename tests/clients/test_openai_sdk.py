"""OpenAI's own Python SDK, given a base URL and a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import openai
import pytest

from backend.sandbox.server import SandboxServer
from tests.backend.sandbox.conftest import HandClock

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

PICTURE = ("a cat.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100, "image/png")


class Sdk:
    """The SDK, whose calls block, in a thread."""

    def __init__(self, server: SandboxServer, key: str = "") -> None:
        account = server.account("openai-video")
        self.server = server
        self.client = openai.OpenAI(
            base_url=f"{account.base_url}/v1",
            api_key=key or account.credentials["api_key"],
            max_retries=0,
        )

    async def __call__(self, work: Callable[[openai.OpenAI], Any]) -> Any:
        return await asyncio.to_thread(work, self.client)

    async def create(self, **fields: Any) -> Any:
        fields = {"model": "kling-2.5", "prompt": "a cat [ok]", **fields}
        return await self(lambda client: client.videos.create(**fields))

    def request(self, video_id: str) -> Any:
        job = self.server.books.find("openai-video", video_id)
        assert job is not None
        return job.request


@pytest.fixture
async def sdk(hand_clock: HandClock) -> AsyncIterator[Sdk]:
    async with SandboxServer(clock=hand_clock) as server:
        made = Sdk(server)
        yield made
        made.client.close()
        assert list(server.crashes) == []


async def test_create_retrieve_download(sdk: Sdk, hand_clock: HandClock) -> None:
    made = await sdk.create(seconds="8", size="720x1280")
    assert (made.object, made.status, made.progress) == ("video", "queued", 0)
    assert sdk.request(made.id) == {
        "model": "kling-2.5",
        "prompt": "a cat [ok]",
        "seconds": "8",
        "size": "720x1280",
    }
    with pytest.raises(openai.BadRequestError, match="not completed"):
        await sdk(lambda client: client.videos.download_content(made.id))
    hand_clock.pass_(20)
    done = await sdk(lambda client: client.videos.retrieve(made.id))
    assert (done.status, done.seconds, done.size, done.error) == ("completed", "8", "720x1280", None)
    film = await sdk(lambda client: client.videos.download_content(made.id, variant="video").read())
    assert film[4:8] == b"ftyp"


async def test_create_and_poll() -> None:
    async with SandboxServer(speed=100.0) as server:
        sdk = Sdk(server)
        fields: Any = {"model": "kling-3.0", "prompt": "a cat [fail]", "poll_interval_ms": 30}
        done = await sdk(lambda client: client.videos.create_and_poll(**fields))
        assert done.status == "failed"
        assert (done.error.code, bool(done.error.message)) == ("task_failed", True)
        sdk.client.close()


async def test_a_picture_comes_as_a_part_of_a_form(sdk: Sdk) -> None:
    made = await sdk.create(input_reference=PICTURE)
    assert sdk.request(made.id)["input_reference"] == "https://upload.sandbox.invalid/a_cat.png"


async def test_the_gateways_own_fields_in_a_form(sdk: Sdk) -> None:
    more = {
        "duration": 5,
        "images": ["https://example.com/a.png", "https://example.com/b.png"],
        "metadata": {"audio": True, "output_config": {"resolution": "1080P", "duration": 5}},
    }
    made = await sdk.create(extra_body=more)
    assert made.model == "kling-2.5-1080p-audio"
    sent = sdk.request(made.id)
    assert sent["images"] == more["images"]
    assert sent["metadata"]["output_config"]["duration"] in (5, "5")


@pytest.mark.parametrize("prompt", ['{"a": 1}', "[1, 2]", "12", "true", "a\nb", "雪 [ok]", "{", "a&b=c"])
async def test_a_prompt_is_text_whatever_it_looks_like(sdk: Sdk, prompt: str) -> None:
    for more in ({}, {"input_reference": PICTURE}):
        made = await sdk.create(prompt=prompt, **more)
        assert sdk.request(made.id)["prompt"] == prompt


async def test_list_in_pages(sdk: Sdk) -> None:
    ids = [(await sdk.create()).id for _ in range(5)]
    for order, expected in (("desc", ids[::-1]), ("asc", ids)):
        listed = await sdk(partial(_listed, order=order))
        assert [video.id for video in listed] == expected


def _listed(client: openai.OpenAI, order: Any) -> list[Any]:
    return list(client.videos.list(limit=2, order=order))


async def test_remix_and_delete(sdk: Sdk, hand_clock: HandClock) -> None:
    source = await sdk.create()
    with pytest.raises(openai.BadRequestError, match="not completed"):
        await sdk(lambda client: client.videos.remix(source.id, prompt="x"))
    with pytest.raises(openai.BadRequestError, match="finished"):
        await sdk(lambda client: client.videos.delete(source.id))
    hand_clock.pass_(20)
    remix = await sdk(lambda client: client.videos.remix(source.id, prompt="at night"))
    assert (remix.remixed_from_video_id, remix.status) == (source.id, "queued")
    gone = await sdk(lambda client: client.videos.delete(source.id))
    assert (gone.id, gone.deleted, gone.object) == (source.id, True, "video.deleted")
    with pytest.raises(openai.NotFoundError):
        await sdk(lambda client: client.videos.delete(source.id))


async def test_errors_are_read_as_such(sdk: Sdk) -> None:
    stranger = Sdk(sdk.server, "another-key")
    with pytest.raises(openai.AuthenticationError):
        await stranger.create()
    stranger.client.close()
    with pytest.raises(openai.BadRequestError, match="model"):
        await sdk(lambda client: client.videos.create(prompt="no model"))
    with pytest.raises(openai.InternalServerError, match="No available channel") as caught:
        await sdk.create(model="sora-2")
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as unknown:
        await sdk(lambda client: client.videos.retrieve("task_nope"))
    assert unknown.value.code == "task_not_exist"
    with pytest.raises(openai.RateLimitError):
        await sdk.create(extra_headers={"X-Sandbox-Fault": "429"})
    assert len(sdk.server.books) == 0


@pytest.mark.parametrize(
    "work",
    [
        lambda client: client.models.list(),
        lambda client: client.files.list(),
        lambda client: client.videos.get_character("c"),
        lambda client: client.videos.create_character(name="c", video=b"film"),
        lambda client: client.videos.edit(prompt="x", video=b"film"),
        lambda client: client.videos.extend(prompt="x", seconds="4", video=b"film"),
        lambda client: client.chat.completions.create(model="kling-2.5", messages=[]),
        lambda client: client.images.generate(prompt="x"),
    ],
)
async def test_what_the_gateway_does_not_have(sdk: Sdk, work: Callable[[openai.OpenAI], Any]) -> None:
    with pytest.raises(openai.APIStatusError, match="Invalid URL") as caught:
        await sdk(work)
    body: Any = caught.value.body
    assert set(body) == {"message", "type", "param", "code"}
    assert body["type"] == "invalid_request_error"
