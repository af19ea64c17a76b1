"""On a slow line: nothing that comes and goes in boxes, and the clock when the user wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from backend.display import Display
from backend.models import Status
from tests.tui.fakes import FakeClock, FakeService, ago, make_task
from tests.tui.test_dashboard import dashboard, shown
from tests.tui.test_line_table import Terminal
from tui.app import ReeltopApp
from tui.widgets.status_bar import StatusBar


@asynccontextmanager
async def lean(
    service: FakeService, clock: FakeClock, display: Display
) -> AsyncIterator[tuple[Pilot[None], Terminal]]:
    app = ReeltopApp(service.open, clock, display)
    app.driver_class = Terminal
    async with app.run_test(headless=False, size=(80, 24), notifications=True) as pilot:
        await pilot.pause(0.1)
        assert isinstance(app._driver, Terminal)
        yield pilot, app._driver
    await app.close_service()


async def test_answers_stand_in_the_bottom_line_for_a_while(service: FakeService, clock: FakeClock) -> None:
    async with lean(service, clock, Display(lean=True)) as (pilot, _):
        hints = shown(pilot).splitlines()[-1]
        await pilot.press("R")
        await pilot.pause(0.1)
        assert "Only an unconfirmed task" in shown(pilot).splitlines()[-1]
        assert not dashboard(pilot).query(Toast)
        pilot.app.notify("[b]some[/b] trouble", severity="error")
        await pilot.pause(0.1)
        assert "[b]some[/b] trouble" in shown(pilot).splitlines()[-1]
        dashboard(pilot).query_one(StatusBar).hush()
        await pilot.pause(0.1)
        assert shown(pilot).splitlines()[-1] == hints


async def test_a_box_does_not_dim_the_rest(service: FakeService, clock: FakeClock) -> None:
    sizes = {}
    for is_lean in (True, False):
        async with lean(service, clock, Display(lean=is_lean)) as (pilot, terminal):
            await pilot.pause(0.2)
            terminal.written = ""
            await pilot.press("q")
            await pilot.pause(0.3)
            assert "not sent yet" in "\n".join(terminal.screen.display)
            sizes[is_lean] = len(terminal.written)
    assert sizes[True] < sizes[False] / 2


@pytest.mark.parametrize(("refresh", "ticks"), [(1.0, True), (60.0, False)])
async def test_the_clock_is_looked_at_as_often_as_the_user_said(
    clock: FakeClock, refresh: float, ticks: bool
) -> None:
    service = FakeService([make_task("run", Status.RUNNING, sent_at=ago(5))])
    async with lean(service, clock, Display(refresh=refresh)) as (pilot, terminal):
        await pilot.pause(0.3)
        terminal.written = ""
        clock.advance(3)
        await pilot.pause(1.3)
        assert bool(terminal.written) is ticks


async def test_screens_that_are_hidden_send_nothing_and_are_right_afterwards(clock: FakeClock) -> None:
    service = FakeService([make_task("run", Status.RUNNING, sent_at=ago(5))])
    async with lean(service, clock, Display()) as (pilot, terminal):
        await pilot.press("a")
        await pilot.pause(0.3)
        await pilot.press("escape", "m")
        await pilot.pause(0.5)
        terminal.written = ""
        clock.advance(30)
        await pilot.pause(1.3)
        assert terminal.written == ""
        await pilot.press("escape")
        await pilot.pause(0.5)
        assert "0:35" in "\n".join(terminal.screen.display)
