"""Result files: box surgery and serving."""

from __future__ import annotations

import io
from random import Random

import av
import pytest

from backend.sandbox import media
from backend.sandbox.h264 import Move, Size, moved_picture, parameters, sample, still_slice
from backend.sandbox.lettering import dots, lines
from backend.sandbox.mp4 import Movie, write
from tests.backend.media.conftest import job
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
def test_clips_are_as_large_and_long_as_asked_for(aspect: str, resolution: str, seconds: float) -> None:
    prompt = "猫 a title 🎬"
    made = media.video(job(prompt, aspect=aspect, resolution=resolution, seconds=seconds))
    length, frames, width, height, title = film_in(made)
    assert length == pytest.approx(seconds, abs=0.01)
    assert frames / length == pytest.approx(24, abs=0.1)
    scale = 1 if resolution == "720p" else 1.5
    assert (width / scale, height / scale) == SHAPES[aspect]
    assert title == prompt


@pytest.mark.parametrize("aspect", ["21:9", "4:3", "3:4", "x", "0:0", "1:99", "nan:1", "auto"])
def test_other_shapes_are_made_or_taken_as_wide(aspect: str) -> None:
    width, height = film_in(media.video(job(aspect=aspect, seconds=0.1)))[2:4]
    assert min(width, height) == 720
    assert width / height == pytest.approx(
        {"21:9": 7 / 3, "4:3": 4 / 3, "3:4": 3 / 4}.get(aspect, 16 / 9), 0.01
    )


def pictures(made: bytes) -> list[bytes]:
    """Return the frames as arrays of (height × width) luma."""
    with av.open(io.BytesIO(made), "r") as container:
        return [bytes(frame.reformat(format="gray").planes[0]) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    "text", ["a boat", "猫 [red]x[/red]", "word " * 400, "x" * 3000, "", "\n\t", "\ud800"]
)
def test_the_picture_shows_the_prompt_and_moves(text: str) -> None:
    made, other = media.video(job(text, seconds=1.0)), media.video(job(f"b{text}", seconds=1.0))
    frames = pictures(made)
    assert len(set(frames)) == len(frames) == 24
    step = len(frames[0]) // 720
    band = frames[0][: 64 * step], frames[-1][: 64 * step]
    assert band[0] == band[1]
    assert len(set(band[0])) > 1
    assert pictures(other)[0] != frames[0]


def test_what_is_drawn_is_what_is_decoded() -> None:
    size = Size(64, 64)
    noise = Random(3)
    blocks = {
        (column, row): bytes(noise.randrange(1, 256) for _ in range(256)) + bytes([128]) * 128
        for column in range(4)
        for row in range(4)
    }
    first = still_slice(size, range(4), blocks)
    move = Move(range(1, 3), range(1, 3), 6)
    samples = [sample((first,)), sample((moved_picture(size, 1, move),))]
    movie = Movie(
        width=64, height=64, seconds=1, title="", comment="", made_at=0, parameters=parameters(size),
        samples=samples,
    )  # fmt: skip
    with av.open(io.BytesIO(write(movie)), "r") as container:
        before, after = (
            [bytes(frame.planes[0])[y * frame.planes[0].line_size :][:64] for y in range(64)]
            for frame in container.decode(video=0)
        )
    for y in range(64):
        drawn = b"".join(blocks[column, y // 16][y % 16 * 16 :][:16] for column in range(4))
        assert before[y] == drawn
        moved = drawn[:16] + drawn[10:42] + drawn[48:] if 16 <= y < 48 else drawn
        assert after[y] == moved


def test_text_is_broken_and_cut_to_fit() -> None:
    assert lines("a b c", 100, 2) == ["a b c"]
    assert lines("one two three", 45, 3) == ["one two", "three"]
    assert lines("x" * 100, 60, 2) == ["x" * 10, "x" * 7 + "..."]
    assert len(dots("猫")[0]) == 18


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
