"""From the own accounts to the sandbox and back, on a real configuration, with the keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from backend.cli.dashboard import DEFAULTS, open_place
from backend.models import Status
from backend.sandbox.server import SandboxServer
from backend.service import Draft
from tests.tui.fakes import FakeService
from tests.tui.test_dashboard import shown
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.places import saved_words
from tui.screens.accounts import AccountsScreen
from tui.screens.builder_choices import ChoiceScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.failed import FailedScreen
from tui.widgets.detail_pane import DetailPane

OWN = '[accounts.studio]\nprovider = "openai-video"\nbase_url = "{url}"\napi_key = "env:STUDIO"\n'

At = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
async def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """A configuration with an account."""
    async with SandboxServer(speed=20) as server:
        given = server.account("openai-video")
        monkeypatch.setenv("STUDIO", *given.credentials.values())
        monkeypatch.delenv("REELTOP_SANDBOX_URL", raising=False)
        path = tmp_path / "config.toml"
        put(path, OWN.format(url=given.base_url))
        yield path


@pytest.fixture
def at(tmp_path: Path) -> At:
    """Run the app as the command line does."""

    @asynccontextmanager
    async def run(size: tuple[int, int] = (80, 24), **given: object) -> AsyncIterator[Pilot[None]]:
        places = {"config": tmp_path / "config.toml", "data": tmp_path / "data", "downloads": tmp_path}
        options = {**DEFAULTS, **places, **given}
        app = ReeltopApp(lambda: open_place(options), open_place=lambda sandbox: open_place(options, sandbox))
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.service is not None)
            yield pilot
        await app.close_service()

    return run


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def app_of(pilot: Pilot[None]) -> ReeltopApp:
    assert isinstance(pilot.app, ReeltopApp)
    return pilot.app


def names(pilot: Pilot[None]) -> list[str]:
    service = app_of(pilot).service
    return [account.name for account in service.accounts()] if service else []


async def choose_last(pilot: Pilot[None]) -> str:
    """Take the last of the presets; return what the list showed."""
    await pilot.press("a")
    await until(pilot, lambda: isinstance(pilot.app.screen, AccountsScreen))
    await pilot.press("n")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
    await pilot.press("end")
    options = pilot.app.screen.query_one(OptionList)
    await until(pilot, lambda: options.highlighted == options.option_count - 1)
    listed = shown(pilot)
    await pilot.press("enter")
    return listed


def is_in(pilot: Pilot[None], *, sandbox: bool) -> Callable[[], bool]:
    app = app_of(pilot)
    return lambda: (
        app.service is not None and app.service.is_sandbox is sandbox and len(app.screen_stack) == 1
    )


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_to_the_sandbox_and_back_with_the_keyboard(at: At, config: Path, size: tuple[int, int]) -> None:
    async with at(size) as pilot:
        await pilot.press("/", *"cat", "enter")
        await until(pilot, lambda: "/ cat" in shown(pilot))
        listed = await choose_last(pilot)
        assert "Sandbox" in listed
        assert "Your own accounts" not in listed
        await until(pilot, is_in(pilot, sandbox=True))
        await until(pilot, lambda: "In the sandbox now" in shown(pilot))
        await until(pilot, lambda: "SANDBOX" in shown(pilot))
        await until(pilot, lambda: "/ cat" not in shown(pilot))
        assert "studio" not in names(pilot)
        listed = await choose_last(pilot)
        assert "Your own accounts" in listed
        await until(pilot, is_in(pilot, sandbox=False))
        await until(pilot, lambda: "With your own" in shown(pilot))
        await until(pilot, lambda: "SANDBOX" not in shown(pilot))
        assert names(pilot) == ["studio"]


async def test_a_task_not_sent_yet_is_asked_about_and_kept_apart(at: At, config: Path) -> None:
    async with at() as pilot:
        app = app_of(pilot)
        assert app.service is not None
        await app.service.queue.pause("studio")
        texts = {"prompt": "猫 [b]", "model": "kling-3.0"}
        request = app.service.prepare(Draft(account="studio", operation="generate", texts=texts)).request
        assert request is not None
        task = await app.service.submit("studio", "generate", request)
        await until(pilot, lambda: app.screen.query(DetailPane))
        for answer in ("n", "y"):
            await choose_last(pilot)
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            asked = shown(pilot)
            assert "Go to the sandbox?" in asked
            assert "1 task not sent yet: kept on disk" in asked
            await pilot.press(answer)
            if answer == "n":
                await until(pilot, lambda: isinstance(app.screen, AccountsScreen))
                assert not app.is_sandbox
                await pilot.press("escape")
        await until(pilot, is_in(pilot, sandbox=True))
        assert not app.service.tasks
        await until(pilot, lambda: not app.screen.query(DetailPane))
        await choose_last(pilot)
        await until(pilot, is_in(pilot, sandbox=False))
        assert app.service.tasks[task.id].status is Status.WAITING
        await until(pilot, lambda: app.screen.query(DetailPane))


@pytest.mark.usefixtures("config")
async def test_who_asked_for_the_sandbox_gets_to_the_own_accounts(at: At) -> None:
    async with at(sandbox=True) as pilot:
        await choose_last(pilot)
        await until(pilot, is_in(pilot, sandbox=False))
        assert names(pilot) == ["studio"]


async def test_without_own_accounts_there_is_nowhere_to_go(at: At, tmp_path: Path) -> None:
    put(tmp_path / "config.toml", "")
    async with at() as pilot:
        await pilot.press("a", "n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("end")
        await pilot.pause()
        assert "Chanjing" in shown(pilot)
        assert "Your own accounts" not in shown(pilot)


@pytest.mark.usefixtures("config")
async def test_own_accounts_that_cannot_be_opened_leave_one_in_the_sandbox(at: At, tmp_path: Path) -> None:
    put(tmp_path / "data" / "ledger", "no folder")
    async with at(sandbox=True) as pilot:
        app = app_of(pilot)
        before = app.service
        await choose_last(pilot)
        await until(pilot, lambda: app.service is not None and app.service is not before)
        assert not isinstance(app.screen, FailedScreen)
        assert app.is_sandbox
        assert "In the sandbox now" not in shown(pilot)
        await until(pilot, lambda: "ledger" in shown(pilot))


def test_an_account_saved_in_the_sandbox_is_not_called_in_use_even_if_one_there_has_its_name() -> None:
    service = FakeService(sandbox=True)
    (name, *_) = [account.name for account in service.accounts()]
    assert saved_words(name, service) == f"{name} is saved; a, n, “Your own accounts” brings it into use"
    assert saved_words(name, FakeService(sandbox=False)) == f"{name} is saved and in use"
