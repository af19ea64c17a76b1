"""Opening, failing, quitting, and what is imported for the first paint."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from textual.widgets._toast import Toast

from backend.errors import AccountError, ConfigError, StoreError
from backend.service import Draft, Service
from tests.tui.builder_stage import StageService
from tests.tui.conftest import Running
from tests.tui.fakes import FakeClock, FakeService, gallery
from tests.tui.test_dashboard import dashboard, go, on_top, shown
from tests.tui.waiting import until
from tui.action import Scope
from tui.actions import ACTIONS
from tui.app import ReeltopApp, run_app
from tui.screens.builder import BuilderScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.dialog import Dialog
from tui.screens.help import HelpScreen
from tui.screens.palette import Palette
from tui.widgets.header_bar import SANDBOX
from tui.widgets.section_view import SectionView


async def test_the_first_paint_does_not_wait_for_the_service(service: FakeService) -> None:
    gate = asyncio.Event()

    async def open_slowly() -> Service:
        await gate.wait()
        return service

    app = ReeltopApp(open_slowly, FakeClock())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Opening" in shown(pilot)
        await pilot.press("j", "slash", "n", "a", "d", "e", "q")
        assert "Opening" in shown(pilot)
        gate.set()
        await until(pilot, lambda: "/ nadeq" in shown(pilot))
        assert not service.calls
    await app.close_service()
    assert service.left


async def test_keys_that_need_no_tasks_do_not_wait_for_the_service(service: FakeService) -> None:
    async def never() -> Service:
        await asyncio.Event().wait()
        return service

    app = ReeltopApp(never, FakeClock())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        assert isinstance(on_top(pilot), HelpScreen)
        await pilot.press("escape", "slash", "q", "question_mark", "ctrl+p")
        assert pilot.app.is_running
        assert "Opening" in shown(pilot)
        await pilot.press("ctrl+q")
        assert not pilot.app.is_running


async def test_what_was_typed_is_dropped_if_nothing_can_be_opened() -> None:
    gate = asyncio.Event()

    async def fail() -> Service:
        await gate.wait()
        raise ConfigError("config.toml:3: no")

    app = ReeltopApp(fail, FakeClock())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "q")
        gate.set()
        await until(pilot, lambda: "config.toml:3" in shown(pilot))
        assert pilot.app.is_running


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("config.toml:3: unknown key [accounts.x]"), 2),
        (StoreError("the ledger is [broken]"), 1),
        (AccountError("no key"), 3),
        (PermissionError(13, "Permission denied", "/data"), 1),
    ],
)
async def test_an_error_at_opening_is_shown_and_gives_an_exit_code(error: Exception, code: int) -> None:
    async def fail() -> Service:
        raise error

    app = ReeltopApp(fail, FakeClock())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert str(error) in shown(pilot)
        assert "Nothing was changed" in shown(pilot)
        await pilot.press("q")
    assert app.return_code == code


async def test_quitting_asks_if_something_would_stop(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(on_top(pilot), ConfirmScreen)
        assert "1 task not sent yet" in shown(pilot)
        await pilot.press("escape")
        assert pilot.app.is_running
        await pilot.press("q", "y")
        await pilot.pause()
        assert not pilot.app._running or pilot.app._exit
    assert service.left


async def test_ctrl_q_twice_always_quits(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert pilot.app._exit


async def test_ctrl_c_does_not_quit(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not pilot.app._exit
        await pilot.pause(0.2)
        assert "q or ctrl+q quits" in shown(pilot)


async def test_help_and_palette(running: Running) -> None:
    async with running((120, 40)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(on_top(pilot), HelpScreen)
        await pilot.press("q")
        assert not pilot.app._exit
        await pilot.press("escape", "colon")
        await pilot.pause(0.2)
        assert isinstance(on_top(pilot), Palette)
        await pilot.press(*"next prob")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert on_top(pilot) is dashboard(pilot)
        assert dashboard(pilot).table.cursor_key == "n9z3kt"


async def test_the_palette_finds_the_words_of_the_footer_and_says_where_it_is(running: Running) -> None:
    async with running((120, 40)) as pilot:
        await pilot.press("colon")
        await pilot.pause(0.2)
        assert "SANDBOX" in shown(pilot).splitlines()[3]
        await pilot.press(*"clo")
        await pilot.pause(0.3)
        assert "Use as a new request (clone)" in shown(pilot)


async def test_help_and_palette_know_the_builder(running: Running, service: FakeService) -> None:
    async with running((120, 40)) as pilot:
        pilot.app.push_screen(BuilderScreen(StageService(sandbox=True)))  # type: ignore[arg-type]
        await pilot.pause(0.2)
        assert "f1 help" in shown(pilot)
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(on_top(pilot), HelpScreen)
        rows = [row.text for row in on_top(pilot).query_one("#first", SectionView)._sections[0].rows]
        assert any(row.startswith("Submit.") for row in rows)
        await pilot.press("escape", "ctrl+p")
        await pilot.pause(0.3)
        assert isinstance(on_top(pilot), Palette)
        offered = {command.title for command in pilot.app.get_system_commands(pilot.app.screen_stack[-2])}
        assert offered >= {action.name for action in ACTIONS if action.scope is Scope.BUILDER}
        assert "Next problem" not in offered
        await pilot.press(*"curl")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.2)
        builder = on_top(pilot)
        assert isinstance(builder, BuilderScreen)
        assert builder.pane.curl


async def test_a_message_names_the_way_to_plain_text_and_leaves_the_badge_alone(running: Running) -> None:
    draft = Draft(account="main", operation="text2video", texts={"prompt": "a fox"})
    async with running() as pilot:
        pilot.app.push_screen(BuilderScreen(StageService(draft, sandbox=True)))  # type: ignore[arg-type]
        await pilot.pause(0.3)
        for keys, way in ((("f8",), "f2, then v"), (("f2", "y"), "v")):
            await pilot.press(*keys)
            await pilot.pause(0.2)
            assert [note.message.partition("not there: ")[2] for note in pilot.app._notifications] == [way]
        assert len(on_top(pilot).query(Toast)) == 1
        assert SANDBOX.strip() in shown(pilot)


async def test_one_answer_at_a_time_but_errors_stay(running: Running) -> None:
    async with running() as pilot:
        app = pilot.app
        assert isinstance(app, ReeltopApp)
        await go(pilot, "n9z3kt")
        await pilot.press("r", "d", "R")
        await pilot.pause(0.2)
        assert [toast.message[:9] for toast in app._notifications] == ["Only an u"]
        assert len(app.screen.query(Toast)) == 1
        app.say("it broke", "error")
        app.say("one")
        app.say("two")
        assert [toast.message for toast in app._notifications] == ["it broke", "two"]


@pytest.mark.parametrize("keys", ["y", "yv", "q", "?", "a"])
async def test_every_box_says_that_it_is_the_sandbox(running: Running, keys: str) -> None:
    async with running() as pilot:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        assert isinstance(on_top(pilot), Dialog)
        assert on_top(pilot).query_one("#box").border_subtitle == SANDBOX.strip()


async def test_redraw_and_theme_do_no_harm(running: Running) -> None:
    async with running() as pilot:
        before = shown(pilot)
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert shown(pilot) == before
        for theme in ("terminal", "light", "dark"):
            pilot.app.theme = theme
            await pilot.pause()
        assert shown(pilot) == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal here")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_a_closed_terminal_ends_the_service_cleanly(number: signal.Signals) -> None:
    service = FakeService(gallery())
    app = ReeltopApp(service.open, FakeClock())
    running = asyncio.create_task(run_app(app, headless=(80, 24)))
    await asyncio.wait_for(service.opened.wait(), 5)
    os.kill(os.getpid(), number)
    assert await asyncio.wait_for(running, 5) == 128 + number
    assert service.left
    loop = asyncio.get_running_loop()
    loop.remove_signal_handler(signal.SIGHUP)
    loop.remove_signal_handler(signal.SIGTERM)


def test_importing_the_app_loads_nothing_slow() -> None:
    code = (
        "import sys, backend.cli.main, tui.app; slow = {'httpx', 'tinydb', 'pydantic', 'starlette', 'json',"
        " 'argparse', 'backend.service', 'backend.models', 'backend.media.media', 'tui.detail',"
        " 'textual.widgets._text_area', 'tui.screens.help'}; print(sorted(slow & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
