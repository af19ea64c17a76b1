"""Accounts are added, changed, disabled and removed on their screen, on a real configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from backend.config import load_config
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.sandbox.server import SandboxServer
from tests.tui.test_dashboard import shown
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.screens.account_form import AccountForm
from tui.screens.accounts import AccountsScreen
from tui.screens.builder_choices import ChoiceScreen
from tui.widgets.field_row import FieldRow
from tui.widgets.line_table import LineTable

SECRET = "sk-[b]猫[/b]-0123456789"
OWN = '# 我的\n[accounts.studio]\nprovider = "openai-video"\nbase_url = "{url}"\napi_key = "env:STUDIO"\n'

At = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(speed=20) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def at(tmp_path: Path, config: Path) -> At:
    """Open the accounts screen of a real service."""

    @asynccontextmanager
    async def run(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
        paths = Paths(config=config, data=tmp_path / "data", downloads=tmp_path / "downloads")
        app = ReeltopApp(lambda: open_service(Options(paths=paths)))
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.service is not None)
            await pilot.press("a")
            await pilot.pause()
            yield pilot
        await app.close_service()

    return run


def there(path: Path) -> bool:
    return path.exists()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def is_open(pilot: Pilot[None], kind: type) -> Callable[[], bool]:
    return lambda: isinstance(pilot.app.screen, kind)


def row(pilot: Pilot[None], name: str) -> FieldRow:
    return next(row for row in pilot.app.screen.query(FieldRow) if row.field_name == name)


def put(pilot: Pilot[None], name: str, text: str) -> None:
    field = row(pilot, name).field
    assert isinstance(field, Input)
    field.value = text


async def new_form(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press("n")
    await until(pilot, is_open(pilot, ChoiceScreen))
    await pilot.press(*keys, "enter")
    await until(pilot, is_open(pilot, AccountForm))


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_the_first_account_is_added_with_the_keyboard_and_used_at_once(
    at: At, config: Path, sandbox: SandboxServer, size: tuple[int, int]
) -> None:
    given = sandbox.account("openai-video")
    (secret,) = given.credentials.values()
    async with at(size) as pilot:
        app = pilot.app
        assert isinstance(app, ReeltopApp)
        assert app.is_sandbox
        await new_form(pilot, "o", "p")
        assert app.focused is row(pilot, "base_url").field
        await pilot.press(*given.base_url, "tab", *secret)
        assert secret not in shown(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.service is not None and not app.is_sandbox)
        assert isinstance(app.screen, AccountsScreen)
        assert "openai-video" in shown(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "it works" in shown(pilot))
    assert secret not in text_of(config)
    (account,) = load_config(config).accounts
    assert account.resolve() == {"api_key": secret}


async def test_what_is_wrong_is_said_at_the_field_and_no_secret_is_seen(at: At, config: Path) -> None:
    async with at((100, 40)) as pilot:
        await new_form(pilot, "k")
        put(pilot, "name", "with space")
        put(pilot, "api_key", SECRET)
        put(pilot, "limits.concurrency", "many")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: row(pilot, "name").has_issue)
        assert "✗ a name has up to 40 letters" in shown(pilot)
        assert SECRET not in shown(pilot)
        put(pilot, "name", "studio")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: row(pilot, "limits.concurrency").has_issue)
        assert "✗ must be a whole number above 0" in shown(pilot)
        put(pilot, "api_key", "env:KLING_KEY")
        await pilot.pause()
        assert "env:KLING_KEY" in shown(pilot)
        await pilot.press("escape")
        await until(pilot, is_open(pilot, AccountsScreen))
    assert not there(config)
    assert not there(config.parent / "secrets")


async def test_a_secret_is_never_copied_from_the_screen(at: At) -> None:
    async with at() as pilot:
        await new_form(pilot, "k")
        put(pilot, "api_key", SECRET)
        row(pilot, "api_key").field.focus()
        await pilot.press("home", "shift+end", "ctrl+c", "ctrl+x")
        await pilot.pause()
        assert row(pilot, "api_key").field.text == ""
        assert pilot.app.clipboard == ""


async def test_an_account_is_changed_disabled_enabled_and_removed(
    at: At, config: Path, sandbox: SandboxServer
) -> None:
    write(config, OWN.format(url=sandbox.account("openai-video").base_url))
    async with at((100, 40)) as pilot:
        app = pilot.app
        assert isinstance(app, ReeltopApp)

        def service_changed() -> Callable[[], bool]:
            before = app.service
            return lambda: app.service is not None and app.service is not before

        await pilot.press("enter")
        await until(pilot, is_open(pilot, AccountForm))
        assert "now: env:STUDIO" in shown(pilot)
        put(pilot, "limits.concurrency", "7")
        changed = service_changed()
        await pilot.press("ctrl+s")
        await until(pilot, changed)
        assert app.service is not None
        assert app.service.account("studio").concurrency == 7
        for words, disabled in (("– disabled", True), ("✗", False)):
            changed = service_changed()
            await pilot.press("d")
            await until(pilot, changed)
            assert words in shown(pilot)
            assert load_config(config).accounts[0].disabled is disabled
        changed = service_changed()
        await pilot.press("x")
        await until(pilot, lambda: "Remove account studio?" in shown(pilot))
        await pilot.press("y")
        await until(pilot, changed)
        assert app.is_sandbox
    assert load_config(config).accounts == ()
    assert "# 我的" in text_of(config)


async def test_a_file_changed_meanwhile_is_not_written(at: At, config: Path) -> None:
    async with at((100, 40)) as pilot:
        await new_form(pilot, "k")
        put(pilot, "api_key", SECRET)
        write(config, "# by hand\n")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "changed meanwhile" in shown(pilot))
        assert isinstance(pilot.app.screen, AccountForm)
    assert text_of(config) == "# by hand\n"


async def test_a_sandboxs_account_cannot_be_changed(at: At, config: Path) -> None:
    async with at() as pilot:
        table = pilot.app.screen.query_one(LineTable)
        assert table.cursor_key is not None
        for key in ("e", "d", "x"):
            await pilot.press(key)
            await pilot.pause(0.1)
            assert isinstance(pilot.app.screen, AccountsScreen)
    assert not there(config)


async def test_the_empty_dashboard_tells_how_to_begin(at: At) -> None:
    async with at((60, 15)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert "m tries one in the sandbox, a adds a real account, ? helps" in shown(pilot)


async def test_the_form_is_filled_in_with_the_mouse_alone(at: At, config: Path) -> None:
    async with at((100, 40)) as pilot:
        await new_form(pilot, "k")
        await pilot.click(row(pilot, "api_key").field)
        assert pilot.app.focused is row(pilot, "api_key").field
        await pilot.click("#cancel")
        await until(pilot, is_open(pilot, AccountsScreen))
    assert not there(config)


async def test_the_arrows_go_from_field_to_field_and_a_long_place_of_a_key_is_told_whole(
    at: At, config: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    place = f"file:{tmp_path}/{'鍵' * 30}/key"
    text = OWN.format(url=sandbox.account("openai-video").base_url).replace("env:STUDIO", place)
    write(config, text)
    async with at((80, 24)) as pilot:
        await pilot.press("enter")
        await until(pilot, is_open(pilot, AccountForm))
        shown_there = "".join(line.strip(" │") for line in shown(pilot).splitlines())
        assert place in shown_there.replace(" ", "")
        fields = [row.field for row in pilot.app.screen.query(FieldRow)]
        pilot.app.screen.set_focus(fields[0])
        for field in fields[1:]:
            await pilot.press("down")
            assert pilot.app.focused is field
        await pilot.press("down", "up", "up")
        assert pilot.app.focused is fields[-2]
