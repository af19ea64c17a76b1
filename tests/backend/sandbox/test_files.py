"""Result files: box surgery and serving."""

from __future__ import annotations

import pytest

from backend.sandbox import media
from backend.sandbox.jobs import Film
from backend.sandbox.mp4 import Mp4Error, Wanted, remake
from tests.backend.sandbox.conftest import Client, HandClock
from tests.backend.sandbox.test_examples import film_in

SHAPES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}


@pytest.fixture
async def url(still: Client, hand_clock: HandClock) -> str:
    """The address of a finished film."""
    body = {"prompt": "海 [ok]"}
    made = await still.call("kling", "POST", "/v1/videos/text2video", body)
    hand_clock.pass_(20)
    path = f"/v1/videos/text2video/{made.json()['data']['task_id']}"
    task = (await still.call("kling", "GET", path)).json()["data"]
    return str(task["task_result"]["videos"][0]["url"])


@pytest.mark.parametrize("aspect", SHAPES)
@pytest.mark.parametrize("resolution", ["720p", "1080p"])
@pytest.mark.parametrize("seconds", [15, 4.2])
def test_clips_are_stretched_and_titled(aspect: str, resolution: str, seconds: float) -> None:
    clip = media._clip(media._clip_name(Film(aspect=aspect, resolution=resolution)))
    wanted = Wanted(seconds=seconds, title="a title 🎬", comment="job 1", made_at=1_790_000_000)
    length, frames, width, height, title = film_in(remake(clip, wanted))
    assert length == pytest.approx(seconds, abs=0.2)
    assert frames == 120
    scale = 1 if resolution == "720p" else 1.5
    assert (width / scale, height / scale) == SHAPES[aspect]
    assert title == "a title 🎬"


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x08free", b"\x00\x00\x00\xffmoov", b"abc"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Mp4Error):
        remake(data, Wanted(seconds=5, title="", comment="", made_at=0))


async def test_headers_of_a_whole_file(still: Client, url: str) -> None:
    answer = await still.http.get(url)
    head = await still.http.head(url)
    assert answer.status_code == head.status_code == 200
    for name in ("content-length", "etag", "last-modified", "accept-ranges", "content-type"):
        assert answer.headers[name] == head.headers[name]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert head.content == b""
    unchanged = await still.http.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
async def test_ranges(still: Client, url: str, asked: str, start: int, end: int | None) -> None:
    whole = (await still.http.get(url)).content
    part = await still.http.get(url, headers={"Range": asked})
    assert part.status_code == 206
    assert part.content == whole[start:end]
    first = start % len(whole)
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.content) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=9-5"])
async def test_ranges_that_cannot_be(still: Client, url: str, asked: str) -> None:
    answer = await still.http.get(url, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=x", "bytes=" + "9" * 5000 + "-"])
async def test_ranges_that_mean_nothing_get_all(still: Client, url: str, asked: str) -> None:
    assert (await still.http.get(url, headers={"Range": asked})).status_code == 200


async def test_if_range(still: Client, url: str) -> None:
    known = (await still.http.head(url)).headers
    for condition, status in ((known["etag"], 206), (known["last-modified"], 206), ('"x"', 200), ("x", 200)):
        answer = await still.http.get(url, headers={"Range": "bytes=0-1", "If-Range": condition})
        assert answer.status_code == status


async def test_other_addresses_and_methods(still: Client, url: str) -> None:
    assert (await still.http.post(url)).status_code == 405
    for path in ("/files/x.mp4", "/files/0123.mp4", "/files/../secret", "/files/"):
        assert (await still.http.get(still.server.base_url + path)).status_code == 404


async def test_files_differ_from_job_to_job(still: Client, hand_clock: HandClock, url: str) -> None:
    await still.call("kling", "POST", "/v1/videos/text2video", {"prompt": "海 [ok]", "external_task_id": "e"})
    hand_clock.pass_(20)
    task = (await still.call("kling", "GET", "/v1/videos/text2video/e")).json()["data"]
    other = await still.http.get(task["task_result"]["videos"][0]["url"])
    assert other.content != (await still.http.get(url)).content
