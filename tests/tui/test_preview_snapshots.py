"""What a clip looks like in the detail, played, and beside another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.clips import task_with_clip
from tests.tui.fakes import FakeClock, FakeService
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.screens.compare import CompareScreen
from tui.screens.player import PlayerScreen
from tui.widgets.clip_player import ClipPlayer
from tui.widgets.detail_pane import DetailPane

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReeltopApp:
    # The detail names the file, so it must lie where it always lies.
    monkeypatch.chdir(tmp_path)
    clips = [
        task_with_clip(Path(), "b2clip", prompt="a [red]boat[/red]"),
        task_with_clip(Path(), "c3clip", prompt="猫 on a train"),
    ]
    return ReeltopApp(FakeService(clips).open, FakeClock())


async def ready(pilot: Pilot[None]) -> None:
    """Wait until the first frame is there."""
    await until(pilot, lambda: "▀" in "".join(pane.text for pane in pilot.app.screen.query(DetailPane)))


@SIZES
def test_first_frame(snap_compare: Compare, app: ReeltopApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=ready)


@SIZES
def test_player(snap_compare: Compare, app: ReeltopApp, size: tuple[int, int]) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlayerScreen))
        player = pilot.app.screen.query_one(ClipPlayer)
        await until(pilot, lambda: player.place > 0)
        # Where it would be held is left to chance; the first frame is always the same.
        player.pause()
        player.place, player.has_ended = 0.0, False
        await player.show_first().wait()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=play)


@SIZES
def test_two(snap_compare: Compare, app: ReeltopApp, size: tuple[int, int]) -> None:
    async def compare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("equals_sign", "down", "equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        players = pilot.app.screen.query(ClipPlayer)
        await until(pilot, lambda: all(player.picture is not None for player in players))
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=size, run_before=compare)
