"""Two tasks side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.media.media import Media
from backend.models import Status
from tests.tui.clips import task_with_clip
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.waiting import until
from tui.differences import differences
from tui.screens.compare import CompareScreen
from tui.widgets.clip_player import ClipPlayer
from tui.widgets.section_view import SectionView


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    request = {"prompt": "a [red]boat", "camera": {"zoom": 3, "pan": 0}, "duration": 5}
    other = {"prompt": "猫", "camera": {"zoom": 5, "pan": 0}, "seed": 7, "duration": 5}
    return FakeService(
        [
            make_task("a1none", Status.FAILED),
            task_with_clip(tmp_path, "b2clip", prompt="a [red]boat", request=request),
            task_with_clip(tmp_path, "c3clip", prompt="猫", request=other),
        ]
    )


def test_only_what_differs_is_shown(service: FakeService) -> None:
    left, right = service.tasks["b2clip"], service.tasks["c3clip"]
    rows = [(row.label, row.text) for section in differences(left, right) for row in section.rows]
    assert rows == [
        ("prompt", "1  a [red]boat"),
        (" ", "2  猫"),
        ("camera.zoom", "1  3"),
        (" ", "2  5"),
        ("seed", "1  not set"),
        (" ", "2  7"),
    ]
    assert "Same account" in differences(left, left)[0].rows[0].text


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 45)])
async def test_two_clips_are_shown_and_played_together(running: Running, size: tuple[int, int]) -> None:
    async with running(size) as pilot:
        await pilot.press("equals_sign", "down", "equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        players = list(pilot.app.screen.query(ClipPlayer))
        await until(pilot, lambda: len([player for player in players if player.picture]) == 2)
        assert players[0].picture != players[1].picture
        assert "camera.zoom" in pilot.app.screen.query_one(SectionView).text
        await pilot.press("space")
        await until(pilot, lambda: all(player.place > 0.2 for player in players))
        await pilot.press("space")
        await pilot.pause(0.2)
        places = [player.place for player in players]
        await pilot.pause(0.3)
        assert [player.place for player in players] == places
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_a_task_without_a_clip_is_compared_too(running: Running, service: FakeService) -> None:
    service.media = Media(has_extra=lambda: False)
    async with running() as pilot:
        await pilot.press("equals_sign", "end", "equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        assert not pilot.app.screen.query(ClipPlayer)
        assert "Status" in pilot.app.screen.query_one(SectionView).text
        await pilot.press("space", "q")
        await pilot.pause(0.1)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_the_same_task_twice_lets_go(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("equals_sign", "equals_sign")
        await pilot.pause(0.2)
        assert pilot.app.screen is pilot.app.screen_stack[0]
