"""Facts, frames and stills of good, broken and hostile files."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from contextlib import aclosing, suppress
from pathlib import Path
from random import Random

import pytest

from backend.media.media import Media
from backend.media.picture import NEEDS, Box, Facts, MediaError, NoDecoderError, Picture
from tests.backend.media.conftest import MakeClip

BOX = Box(80, 44)


def png(width: int, height: int, told: tuple[int, int] | None = None) -> bytes:
    """Return a red PNG, which may lie about its size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", *(told or (width, height)), 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff\0\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


async def test_facts_of_a_clip_with_and_without_the_extra(make_clip: MakeClip) -> None:
    clip = make_clip(seconds=10.0, aspect="9:16", resolution="1080p")
    for media in (Media(), Media(has_extra=lambda: False)):
        facts = await media.probe(clip)
        assert (facts.width, facts.height, facts.codec, facts.sound) == (1080, 1920, "H.264", "")
        assert facts.seconds == pytest.approx(10, abs=0.05)
    decoded, _ = await Media().first_frame(clip, BOX)
    assert (decoded.width, decoded.height, decoded.codec) == (facts.width, facts.height, facts.codec)
    assert decoded.seconds == pytest.approx(facts.seconds, abs=0.05)
    assert decoded.fps == pytest.approx(facts.fps, rel=0.02)


async def test_without_the_extra_there_is_a_hint_and_no_picture(make_clip: MakeClip) -> None:
    media, clip = Media(has_extra=lambda: False), make_clip()
    assert not media.can_decode
    with pytest.raises(NoDecoderError, match="reeltop") as caught:
        await media.first_frame(clip, BOX)
    assert str(caught.value) == NEEDS
    with pytest.raises(NoDecoderError):
        media.frames(clip, BOX, 10)


async def test_the_first_frame_fits_and_keeps_its_proportions(make_clip: MakeClip) -> None:
    for aspect, size in {"16:9": (78, 44), "9:16": (25, 44), "1:1": (44, 44)}.items():
        _, picture = await Media().first_frame(make_clip(f"{aspect}.mp4", aspect=aspect), BOX)
        assert (picture.width, picture.height) == size
        assert len(picture.rgb) == 3 * picture.width * picture.height
        assert len(set(picture.rgb)) > 10


async def test_frames_come_at_the_rate_asked_for_and_move(make_clip: MakeClip) -> None:
    frames = Media().frames(make_clip(), BOX, 8)
    messages = [message async for message in frames]
    assert isinstance(messages[0], Facts)
    pictures = [message for message in messages if isinstance(message, Picture)]
    assert len(pictures) == pytest.approx(40, abs=2)
    times = [picture.seconds for picture in pictures]
    assert times == sorted(times)
    assert times[-1] > 4.8
    assert len({picture.rgb for picture in pictures}) > 30


async def test_frames_from_the_middle(make_clip: MakeClip) -> None:
    times = [
        message.seconds
        async for message in Media().frames(make_clip(), BOX, 100, 3.0)
        if isinstance(message, Picture)
    ]
    assert times[0] == pytest.approx(3.0, abs=0.06)
    assert len(times) == pytest.approx(48, abs=2)


async def test_closing_early_ends_the_process(make_clip: MakeClip) -> None:
    before = children()
    async with aclosing(Media().frames(make_clip(seconds=60.0), BOX, 60)) as frames:
        await anext(frames)
        await anext(frames)
        assert len(children() - before) == 1
    async with asyncio.timeout(30):
        while children() - before:  # noqa: ASYNC110  no event of ours
            await asyncio.sleep(0.01)


def children() -> set[str]:
    """Return the ids of this process's child processes."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            found.update((task / "children").read_text(encoding="ascii").split())
    return found


async def test_a_cut_file_shows_what_is_there(make_clip: MakeClip) -> None:
    clip = make_clip()
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) - len(data) // 20])
    _, picture = await Media().first_frame(clip, BOX)
    assert picture.width == 78


NO_CLIPS = {
    "empty": b"",
    "a web page": b"<html><body>Bad Gateway</body></html>",
    "a playlist of local files": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a list of local files": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "no index": box(b"ftyp", b"isom" + bytes(8)),
    "an index without end": box(b"ftyp", b"isom" + bytes(8)) + struct.pack(">I4s", 2**31, b"moov"),
    "an index of zeros": box(b"ftyp", b"isom" + bytes(8)) + box(b"moov", box(b"mvhd", bytes(100))),
    "an index of noise": box(b"ftyp", b"isom" + bytes(8)) + box(b"moov", Random(1).randbytes(5000)),
    "WebM of noise": b"\x1a\x45\xdf\xa3" + Random(2).randbytes(5000),
}


@pytest.mark.parametrize("data", NO_CLIPS.values(), ids=NO_CLIPS)
async def test_what_is_no_clip_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    for call in (Media().probe(path), Media().first_frame(path, BOX)):
        with pytest.raises(MediaError) as caught:
            await call
        assert "\n" not in str(caught.value)


async def test_flipped_bytes_end_nothing_but_the_picture(make_clip: MakeClip) -> None:
    clip = make_clip()
    data = bytearray(clip.read_bytes())
    for place in range(100, len(data), 997):
        data[place] ^= 0x5A
    clip.write_bytes(data)
    with suppress(MediaError):
        await Media().first_frame(clip, BOX)


async def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, tmp_path / "none.mp4", tmp_path / ("x" * 300)):
        for call in (Media().probe(path), Media().first_frame(path, BOX)):
            with pytest.raises(MediaError):
                await asyncio.wait_for(call, 5)


async def test_stills(tmp_path: Path) -> None:
    path = tmp_path / "猫 [red].png"
    path.write_bytes(png(400, 300))
    facts, picture = await Media().still(path, BOX)
    assert facts.words() == "400×300 · PNG"
    assert (picture.width, picture.height) == (59, 44)
    assert set(picture.rgb) == {0, 255}


@pytest.mark.parametrize(
    "data",
    [png(10, 10, (30_000, 30_000)), png(5, 5)[:40], b"GIF89a" + bytes(50)],
    ids=["a bomb", "cut off", "another kind"],
)
async def test_hostile_stills(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        await Media().still(path, BOX)


async def test_the_same_picture_is_decoded_once(make_clip: MakeClip) -> None:
    media, clip = Media(), make_clip()
    first = await media.first_frame(clip, BOX)
    assert (await media.first_frame(clip, BOX)) is first
    make_clip(prompt="another, longer than before")
    assert (await media.first_frame(clip, BOX)) is not first


def test_words() -> None:
    assert Facts(width=4, height=3, seconds=5.04, fps=24, codec="H.264", sound="AAC").words() == (
        "5.04 s · 4×3 · 24 fps · H.264 · sound AAC"
    )
