"""The screen of requests."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from backend.paths import Paths
from backend.request_log import Entry
from tests.tui.conftest import Running
from tests.tui.fakes import NOW, FakeClock, FakeService, gallery
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.screens.dashboard import DashboardScreen
from tui.screens.log import LogScreen, RequestDialog
from tui.widgets.line_table import LineTable
from tui.widgets.section_view import SectionView
from tui.widgets.status_bar import StatusBar


def entry(number: int, task: str = "m2x5dh", **fields: object) -> Entry:
    made = Entry(
        at=NOW + timedelta(seconds=number),
        number=number,
        account="studio",
        tasks=(task,),
        purpose="query",
        method="GET",
        url=f"https://api.example.com/v1/videos/text2video/{number}",
        status=200,
        words="",
        ms=123.4,
        sent=0,
        received=1843,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


HOSTILE = entry(
    4,
    "k4w8fg",
    account="relay",
    purpose="create",
    method="POST",
    status=None,
    words="[b]连接被拒绝[/b]\x1b[31m: connection refused\u202e",
    ms=10_004.0,
    sent=2_400_000,
    received=0,
)


@pytest.fixture
def service() -> FakeService:
    made = FakeService(gallery())
    for number in (1, 2, 3):
        made.log.note(entry(number))
    made.log.note(HOSTILE)
    made.log.note(entry(5, "n9z3kt", account="avatars", status=429, words="", attempt=2))
    return made


def table(pilot: Pilot[None]) -> LineTable:
    return pilot.app.screen.query_one(LineTable)


def shown(pilot: Pilot[None]) -> list[int]:
    return [int(key.rpartition("#")[2]) for key in table(pilot).visible_keys()]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (160, 48)])
async def test_all_requests_newest_last_and_one_in_full(running: Running, size: tuple[int, int]) -> None:
    async with running(size) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
        await until(pilot, lambda: shown(pilot) == [1, 2, 3, 4, 5])
        lines = [table(pilot).render_line(y).text for y in range(6)]
        assert "429" in lines[5]
        assert "[b]连接" in lines[4]
        assert "\x1b" not in "".join(lines)
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RequestDialog))
        text = pilot.app.screen.query_one(SectionView).text
        assert "2,400,000 bytes" in text
        assert "\u202e" not in text
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))


async def test_words_filter_as_they_are_typed(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("L", "slash", *"429")
        await until(pilot, lambda: shown(pilot) == [5])
        await pilot.press("enter")
        await until(pilot, lambda: table(pilot).has_focus)
        await pilot.press("slash", "backspace", "backspace", "backspace", *"-avatars q")
        await until(pilot, lambda: shown(pilot) == [1, 2, 3])
        await pilot.press("z", "enter")
        bar = pilot.app.screen.query_one(StatusBar)
        await until(pilot, lambda: ("f", "follow") in bar._hints)
        assert shown(pilot) == []
        await pilot.press("escape")
        await until(pilot, lambda: shown(pilot) == [1, 2, 3, 4, 5])
        assert isinstance(pilot.app.screen, LogScreen)


async def test_of_one_task(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await until(pilot, lambda: bool(table(pilot).visible_keys()))
        assert table(pilot).move_to("k4w8fg")
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
        await until(pilot, lambda: shown(pilot) == [4])
        assert pilot.app.screen.query_one(Input).value == "k4w8fg"
        service.log.note(entry(6))
        service.log.note(entry(7, "k4w8fg"))
        await until(pilot, lambda: shown(pilot) == [4, 7])


async def test_it_follows_until_the_cursor_is_moved(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await pilot.press("L")
        await until(pilot, lambda: shown(pilot) == [1, 2, 3, 4, 5])
        service.log.note(entry(6))
        await until(pilot, lambda: (table(pilot).cursor_key or "").endswith("#6"))
        await pilot.press("up")
        service.log.note(entry(7))
        await until(pilot, lambda: shown(pilot)[-1] == 7)
        assert (table(pilot).cursor_key or "").endswith("#5")
        await pilot.press("f")
        await until(pilot, lambda: (table(pilot).cursor_key or "").endswith("#7"))


async def test_nobody_is_told_while_nobody_looks(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        assert not service.log.is_watched
        await pilot.press("L")
        await until(pilot, lambda: service.log.is_watched)
        await pilot.press("q")
        await until(pilot, lambda: not service.log.is_watched)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
def test_log_looks(snap_compare: Callable[..., bool], service: FakeService, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause(0.2)
        await pilot.press("L")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
        await pilot.pause(0.2)

    assert snap_compare(ReeltopApp(service.open, FakeClock()), terminal_size=size, run_before=run)


async def test_matches_are_gone_through_among_their_neighbours(
    running: Running, service: FakeService
) -> None:
    for number in range(6, 9):
        service.log.note(entry(number, status=429 if number == 7 else 200))
    async with running((140, 45)) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
        table = pilot.app.screen.query_one(LineTable)
        await pilot.press("slash", *"429", "enter")
        await until(pilot, lambda: len(table.keys) == 2)
        chosen = table.cursor_key
        await pilot.press("escape")
        await until(pilot, lambda: len(table.keys) == 8)
        assert table.cursor_key == chosen, "the match stays under the cursor"
        await pilot.press("N")
        assert table.keys.index(table.cursor_key or "") == 4
        await pilot.press("n", "n")
        assert table.keys.index(table.cursor_key or "") == 4
        assert len(pilot.app._notifications) == 1


async def test_what_is_shown_is_saved_for_the_user_alone(
    running: Running, service: FakeService, tmp_path: Path
) -> None:
    service._paths = Paths(config=tmp_path, data=tmp_path, downloads=tmp_path / "clips")
    async with running() as pilot:
        await pilot.press("L", "slash", *"-429", "enter")
        await until(pilot, lambda: shown(pilot) == [1, 2, 3, 4])
        for count in (1, 2):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: len(files(tmp_path / "clips")) == count)  # noqa: B023
    for path in files(tmp_path / "clips"):
        saved = [json.loads(line) for line in path.read_text().splitlines()]
        assert [each["number"] for each in saved] == [1, 2, 3, 4]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []
