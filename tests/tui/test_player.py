"""The clip of a task: in the detail, and played."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from backend.media.media import Media
from backend.models import Status
from tests.backend.media.test_media import children
from tests.tui.clips import task_with_clip
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.waiting import until
from tui.screens.player import PlayerScreen
from tui.widgets.detail_pane import DetailPane


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return FakeService([make_task("a1none", Status.SUCCEEDED), task_with_clip(tmp_path)])


def pane_text(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one(DetailPane).text


def player(pilot: Pilot[None]) -> PlayerScreen:
    assert isinstance(pilot.app.screen, PlayerScreen)
    return pilot.app.screen


async def test_the_detail_shows_facts_and_first_frame(running: Running) -> None:
    async with running((140, 45)) as pilot:
        await until(pilot, lambda: "H.264" in pane_text(pilot))
        assert "1280×720 · 24 fps · H.264 · no sound" in pane_text(pilot)
        assert "▀▀" in pane_text(pilot)
        await pilot.press("down")
        await until(pilot, lambda: "H.264" not in pane_text(pilot))
        assert "▀" not in pane_text(pilot)


async def test_without_the_extra_there_are_facts_and_a_hint(running: Running, service: FakeService) -> None:
    service.media = Media(has_extra=lambda: False)
    async with running((140, 45)) as pilot:
        await until(pilot, lambda: "H.264" in pane_text(pilot))
        assert "pip install 'reeltop[preview]'" in " ".join(pane_text(pilot).split())
        assert "▀" not in pane_text(pilot)
        await pilot.press("v")
        await pilot.pause(0.2)
        assert not isinstance(pilot.app.screen, PlayerScreen)


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
async def test_without_colours_there_are_only_facts(
    running: Running, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv(variable, "xterm")
    async with running((140, 45)) as pilot:
        await until(pilot, lambda: "H.264" in pane_text(pilot))
        assert "▀" not in pane_text(pilot)
        await pilot.press("v")
        await pilot.pause(0.2)
        assert not isinstance(pilot.app.screen, PlayerScreen)


async def test_a_file_that_is_no_clip_says_so(running: Running, service: FakeService, tmp_path: Path) -> None:
    (tmp_path / "c7clip.mp4").write_bytes(b"<html>[bold]gone[/bold]")
    async with running((140, 45)) as pilot:
        await until(pilot, lambda: "cannot be shown" in pane_text(pilot))
        await pilot.press("v")
        await until(pilot, lambda: bool(player(pilot).player.problem))
        await pilot.press("space")
        await pilot.pause(0.1)
        assert not isinstance(pilot.app.screen, PlayerScreen)


async def test_it_plays_holds_goes_on_and_any_key_ends_it(running: Running) -> None:
    before = children()
    async with running() as pilot:
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlayerScreen))
        clip = player(pilot).player
        await until(pilot, lambda: clip.place > 0.3)
        assert clip.picture is not None
        assert clip.is_playing
        await pilot.press("space")
        await pilot.pause(0.2)
        held, place = clip.picture, clip.place
        await pilot.pause(0.5)
        assert (clip.picture, clip.place) == (held, place)
        await pilot.press("space")
        await until(pilot, lambda: clip.place > place + 0.2)
        await pilot.press("x")
        await pilot.pause(0.2)
        assert not isinstance(pilot.app.screen, PlayerScreen)
        await until(pilot, lambda: children() <= before)


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+p", "question_mark", "up", "enter"])
async def test_any_key_but_space_goes_back(running: Running, key: str) -> None:
    async with running((60, 15)) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlayerScreen))
        await pilot.press(key)
        await pilot.pause(0.2)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_it_ends_with_the_last_frame_and_plays_again(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlayerScreen))
        clip = player(pilot).player
        await until(pilot, lambda: clip.has_ended)
        assert clip.place > 4.5
        await pilot.press("space")
        await until(pilot, lambda: clip.is_playing and 0 < clip.place < 4)


async def test_another_size_of_the_terminal_is_another_size_of_the_picture(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlayerScreen))
        clip = player(pilot).player
        await until(pilot, lambda: clip.picture is not None)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: clip.picture is not None and clip.picture.width == 120)
