"""Start frames and reference images, shown beside the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from backend.media.media import Media
from backend.service import Draft
from tests.backend.media.test_media import png
from tests.tui.builder_stage import Stage, StageService
from tests.tui.waiting import until
from tui.widgets.picture_view import PictureView
from tui.widgets.sent_pictures import SentPictures


def draft(path: Path, **texts: str) -> Draft:
    image = {"image": str(path), "prompt": "a fox", "model_name": "kling-v2-6"}
    return Draft(account="main", operation="image2video", texts={**image, **texts})


def shown(pilot: Pilot[None]) -> str:
    found = pilot.app.screen.query(SentPictures).first().query(Static)
    return " ".join(" ".join(str(static.render()) for static in found).split())


async def test_a_start_frame_is_shown_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "fuchs [b]狐.png"
    path.write_bytes(png(800, 600))
    async with Stage(StageService(draft(path))).run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "800×600 · PNG" in shown(pilot))
        assert "fuchs [b]狐.png" in shown(pilot)
        assert "kB" in shown(pilot)
        assert pilot.app.screen.query(PictureView).first().picture is not None


async def test_it_is_shown_before_the_request_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(png(400, 300))
    typed = Draft(account="main", operation="image2video", texts={"image": str(path), "duration": "no"})
    async with Stage(StageService(typed)).run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "400×300" in shown(pilot))


async def test_without_the_extra_only_its_size_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(png(400, 300))
    service = StageService(draft(path))
    service.media = Media(has_extra=lambda: False)
    async with Stage(service).run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "400×300 · PNG" in shown(pilot))
        assert "reeltop[preview]" in shown(pilot)
        assert not pilot.app.screen.query(PictureView)


@pytest.mark.parametrize(
    "data", [None, b"", b"GIF89a", png(10, 10, (30_000, 30_000))], ids=["none", "empty", "GIF", "bomb"]
)
async def test_a_file_that_is_no_picture_says_so_and_harms_nothing(
    tmp_path: Path, data: bytes | None
) -> None:
    path = tmp_path / "fox.png"
    if data is not None:
        path.write_bytes(data)
    async with Stage(StageService(draft(path))).run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "fox.png: " in shown(pilot))
        assert not pilot.app.screen.query(PictureView)


async def test_where_there_is_no_room_it_is_shown_with_the_request(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(png(400, 300))
    async with Stage(StageService(draft(path))).run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("f2")
        await until(pilot, lambda: "400×300" in shown(pilot))


async def test_an_address_is_not_looked_for(tmp_path: Path) -> None:
    typed = draft(Path("x"), image="https://example.com/fox.png")
    async with Stage(StageService(typed)).run_test(size=(140, 45)) as pilot:
        await pilot.pause(0.8)
        assert shown(pilot) == ""
