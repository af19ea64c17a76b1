"""A read-only dashboard."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.widgets import Static

from backend.models import Status
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import shown
from tests.tui.waiting import until
from tui.actions import ACTIONS, writes
from tui.app import ReeltopApp
from tui.screens.accounts import AccountsScreen
from tui.screens.detail import DetailScreen


@pytest.fixture
def service() -> FakeService:
    made = FakeService([make_task("a1", Status.LOST), make_task("b2", Status.UNCONFIRMED)])
    vars(made)["is_read_only"] = True
    return made


def keys_of(scopes: Sequence[str]) -> list[str]:
    return [each.each_key[0] for each in ACTIONS if writes(each) and each.scope in scopes]


async def test_what_writes_says_so_and_is_not_offered(service: FakeService, running: Running) -> None:
    async with running((140, 45)) as pilot:
        app = pilot.app
        assert isinstance(app, ReeltopApp)
        await until(pilot, lambda: "READ-ONLY" in shown(pilot))
        bottom = shown(pilot).splitlines()[-1]
        assert "enter open" in bottom
        assert not {"new", "resend", "watch", "stop", "tag"} & set(bottom.split())
        for key in keys_of(["dashboard", "task"]):
            app.clear_notifications()
            await pilot.press(key)
            await until(pilot, lambda: "Read-only: nothing is sent" in shown(pilot))
            assert len(app.screen_stack) == 1, key
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert not titles & {action.name for action in ACTIONS if writes(action)}
        await pilot.press("space")
        assert "again" not in shown(pilot).splitlines()[-1].split()
        await pilot.press("minus", "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailScreen))
        await pilot.press("R")
        await until(pilot, lambda: "Read-only: nothing is sent" in shown(pilot))
    assert [call for call in service.calls if call[0] not in ("draft",)] == []


async def test_accounts_are_looked_at_only(service: FakeService, running: Running) -> None:
    async with running((100, 30)) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, AccountsScreen))
        notes = " ".join(str(note.content) for note in pilot.app.screen.query(Static))
        assert "test" in notes
        assert "disable" not in notes
        for key in keys_of(["accounts"]):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app.screen, AccountsScreen), key
