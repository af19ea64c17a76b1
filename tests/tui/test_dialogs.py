"""Help and accounts."""

from __future__ import annotations

import pytest

from backend.models import Trouble
from tests.tui.conftest import Running
from tests.tui.fakes import UNREACHABLE, FakeService, ago, ahead
from tests.tui.test_dashboard import go, on_top, shown
from tests.tui.waiting import until
from tui.actions import ACTIONS
from tui.screens.accounts import AccountsScreen
from tui.screens.help import HelpScreen, help_sections
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import LineTable
from tui.widgets.section_view import SectionView


def test_help_lists_every_action() -> None:
    rows = [row for section in help_sections() for row in section.rows]
    for action in ACTIONS:
        assert any(row.label == action.shown_keys and action.title in row.text for row in rows)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 48), (60, 15)])
async def test_help_shows_all_of_it_in_one_column_or_two(running: Running, size: tuple[int, int]) -> None:
    async with running(size) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, HelpScreen)
        text = " ".join(" ".join(view.text for view in screen.query(SectionView)).split())
        assert all(action.title in text for action in ACTIONS)
        assert "? unconfirmed" in text


async def test_accounts_tell_their_state_and_can_be_tested(running: Running, service: FakeService) -> None:
    service.problems["relay"] = "the file does not exist"
    service.troubles["avatars"] = Trouble(failure=UNREACHABLE, since=ago(9), count=1, next_try=ahead(8))
    async with running((120, 40)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AccountsScreen)
        text = shown(pilot)
        assert "✓ well" in text
        assert "✗ the file does not exist" in text
        assert "! retrying in 8 s" in text
        assert "env:KLING_KEY" in text
        assert "5 unfinished tasks" in text
        await pilot.press("t")
        await pilot.pause()
        assert service.calls == [("check", "studio")]
        assert "✓ it works (0.2 s)" in shown(pilot)
        await pilot.press("a")
        assert not isinstance(pilot.app.screen, AccountsScreen)


async def test_the_result_of_a_test_is_seen_on_a_small_terminal(running: Running) -> None:
    async with running((60, 15)) as pilot:
        await pilot.press("a", "t")
        await pilot.pause(0.1)
        row, *details = [line for line in shown(pilot).splitlines() if "✓ it works" in line]
        assert "studio" in row
        assert details


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
@pytest.mark.parametrize("opener", ["C", "S", "y"])
async def test_the_keys_below_a_list_are_in_sight_on_low_terminals(
    running: Running, size: tuple[int, int], opener: str
) -> None:
    async with running(size) as pilot:
        await go(pilot, "g3q9tb")
        await pilot.press(opener)
        await until(pilot, lambda: on_top(pilot).query(".listing"))
        box, note = on_top(pilot).query_one("#box"), on_top(pilot).query_one(KeyNote)
        await until(pilot, lambda: box.content_region.contains_region(note.region))
        assert note.region.height
        assert on_top(pilot).query_one(LineTable).region.height >= 3
