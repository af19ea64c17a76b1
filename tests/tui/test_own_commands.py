"""The user's own commands on the dashboard: chosen, asked about, run, shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList, TextArea

from backend.models import Status
from backend.own_commands import OwnCommand, Showing, read_own_commands
from tests.contract.test_imports import ROOT
from tests.tui.configured import run_configured
from tests.tui.conftest import Running
from tests.tui.fakes import FakeClock, FakeService, make_task
from tests.tui.test_dashboard import shown
from tests.tui.waiting import until
from tui import keymap
from tui.action_table import DEFAULTS
from tui.app import ReeltopApp
from tui.screens.builder_choices import ChoiceScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.output import OutputScreen

IDS = (
    "import json, sys\nfor line in sys.stdin: print(json.loads(line)['id'], '\\x1b[31m猫 [b]', flush=True)\n"
)


def command(name: str, script: str, **more: Any) -> OwnCommand:
    entry = {"name": name, "run": [sys.executable, "-c", script], **more}
    return read_own_commands([entry])[0]


@pytest.fixture
def service() -> FakeService:
    return FakeService([make_task("a1", Status.SUCCEEDED), make_task("b2", Status.RUNNING)])


async def test_the_menu_offers_what_fits_and_a_word_tells_how_it_ended(
    service: FakeService, running: Running
) -> None:
    service.own_commands = (
        command("Ids", IDS),
        command("Done only", "pass", **{"for": "status:succeeded"}),
        command("Fails", "print('no such bucket'); raise SystemExit(4)"),
    )
    async with running() as pilot:
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        options = pilot.app.screen.query_one(OptionList)
        assert [str(option.prompt).split()[0] for option in options.options] == ["Ids", "Fails"]
        await pilot.press("enter")
        await until(pilot, lambda: "Ids: b2 猫 [b]" in shown(pilot))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Fails ended with exit code 4" in shown(pilot))


async def test_the_marked_tasks_are_asked_about_and_what_is_printed_is_shown(
    service: FakeService, running: Running
) -> None:
    service.own_commands = (command("Ids [b]", IDS, confirm=True, output="text"),)
    async with running() as pilot:
        await pilot.press("space", "space", "exclamation_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "Ids [b] 2 tasks?" in shown(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, OutputScreen) and "done" in shown(pilot))
        assert pilot.app.screen.query_one(TextArea).text == "b2 猫 [b]\na1 猫 [b]\n"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, OutputScreen)


@pytest.mark.parametrize("output", ["toast", "text", "terminal"])
async def test_a_program_that_is_not_there_is_told(service: FakeService, output: str) -> None:
    entry = {"name": "None", "run": ["/no/such/program"], "output": output}
    service.own_commands = read_own_commands([entry])
    app = Lender(service.open, FakeClock())
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: app.service is not None)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen))
        await pilot.press("enter")
        told = ("/no/such/program", "No such", "directory")
        await until(pilot, lambda: all(words in shown(pilot) for words in told))
    await app.close_service()


async def test_escape_stops_what_runs_and_then_closes(service: FakeService, running: Running) -> None:
    service.own_commands = (
        command("Long", "import time\nprint('begun', flush=True)\ntime.sleep(300)", output="text"),
    )
    async with running() as pilot:
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, OutputScreen) and "begun" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "stopped · esc: close" in shown(pilot))
        assert "begun" in shown(pilot)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, OutputScreen)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


class Lender(ReeltopApp):
    """The headless terminal cannot be lent, so this one only pretends."""

    CSS_PATH = str(ROOT / "tui" / "screens" / "dashboard.tcss")

    @contextmanager
    def suspend(self) -> Iterator[None]:
        yield


async def test_a_program_in_the_terminal_finds_the_tasks_in_a_private_file(
    service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = tmp_path / "seen"
    script = f"cat $REELTOP_JSON > {seen}; stat -c %a $REELTOP_JSON >> {seen}"
    service.own_commands = (OwnCommand("Edit", ("sh", "-c", script), output=Showing.TERMINAL),)
    app = Lender(service.open, FakeClock())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.service is not None)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen))
        await pilot.press("enter")
        await until(pilot, lambda: seen.exists() and seen.read_text().endswith("600\n"))
        await until(pilot, lambda: [path.name for path in files(tmp_path)] == ["seen"])
    await app.close_service()
    assert '"id":"b2"' in seen.read_text()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("d", "d is for 'Download now' (download) already, here for 'Publish'"),
        ("ctrl+m", "choose another key"),
        ("f11", ""),
        ("", ""),
    ],
)
def test_a_key_that_cannot_be_had_is_told(keys: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keymap, "commands", (("Publish", keys),))
    found = keymap.problem(DEFAULTS, {})
    assert (words in found[1]) if found else not words


KEYED = """
import asyncio, sys
from pathlib import Path
from backend.cli.dashboard import use_own_keys
use_own_keys(Path(sys.argv[1]))
from backend.config import load_config
from tests.tui.fakes import FakeClock, FakeService, gallery
from tests.tui.test_dashboard import shown
from tests.tui.waiting import until
from tui.app import ReeltopApp

async def main():
    service = FakeService(gallery())
    service.own_commands = load_config(Path(sys.argv[1])).own_commands
    app = ReeltopApp(service.open, FakeClock())
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await until(pilot, lambda: app.service is not None)
        await pilot.press("f11")
        await until(pilot, lambda: "Hello 猫: hi" in shown(pilot))
        assert any(each.title.startswith("Hello 猫") for each in app.get_system_commands(app.screen))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Your own commands" in shown(pilot) and "Hello 猫" in shown(pilot))
    await app.close_service()

asyncio.run(main())
"""


def test_keys_palette_and_help_have_them(tmp_path: Path) -> None:
    words = '[[commands]]\nname = "Hello 猫"\nrun = ["echo", "hi"]\nkey = "f11"\n'
    run_configured(KEYED, tmp_path, words, seconds=120)
