"""Going to any place by a letter, and by clicks."""

from __future__ import annotations

from textual.widgets import Static

from tests.tui.conftest import Running
from tests.tui.fakes import FakeService
from tests.tui.test_dashboard import dashboard, on_top, shown
from tests.tui.waiting import until
from tui.screens.help import HelpScreen
from tui.screens.jump import JumpScreen
from tui.widgets.detail_pane import DetailPane


async def test_a_letter_goes_to_a_tab_or_a_pane(running: Running) -> None:
    async with running((140, 45)) as pilot:
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(on_top(pilot), JumpScreen))
        labels = [str(label.render()).strip() for label in on_top(pilot).query(Static)]
        assert labels[:4] == ["a", "s", "d", "f"]
        await pilot.press("s")
        await until(pilot, lambda: dashboard(pilot).tasks.view == 1)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(on_top(pilot), JumpScreen))
        await pilot.press(labels[-1])
        await until(pilot, lambda: isinstance(pilot.app.focused, DetailPane))
        await pilot.press("ctrl+g", "escape")
        await until(pilot, lambda: on_top(pilot) is dashboard(pilot))


async def test_a_click_on_a_title_sorts_and_again_turns_round(running: Running) -> None:
    async with running((140, 45)) as pilot:
        await pilot.click(dashboard(pilot).table, offset=(5, 0))
        await until(pilot, lambda: dashboard(pilot).tasks.sort == ("status", True))
        await pilot.click(dashboard(pilot).table, offset=(5, 0))
        await until(pilot, lambda: dashboard(pilot).tasks.sort == ("status", False))


async def test_a_click_on_a_hint_of_the_footer_presses_its_key(running: Running) -> None:
    async with running((80, 24)) as pilot:
        line = shown(pilot).splitlines()[-1]
        await pilot.click(offset=(line.index("? help") + 2, 23))
        await until(pilot, lambda: isinstance(on_top(pilot), HelpScreen))


async def test_the_problem_before(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        table = dashboard(pilot).table
        await pilot.press("e")
        first = table.cursor_key
        await pilot.press("right_parenthesis")
        assert table.cursor_key != first
        await pilot.press("left_parenthesis")
        assert table.cursor_key == first
