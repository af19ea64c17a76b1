"""The user's own keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.configured import run_configured
from tui import keymap
from tui.action_table import DEFAULTS


def problem(**keys: str) -> str:
    found = keymap.problem(DEFAULTS, keys)
    return "" if found is None else ": ".join(found)


def test_no_two_actions_have_one_key_by_default() -> None:
    assert keymap.conflicts(DEFAULTS) == []


def test_every_usual_key_could_be_chosen() -> None:
    for action in DEFAULTS:
        if action.call:
            assert problem(**{action.id: action.keys}) == ""


@pytest.mark.parametrize("key", ["ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j", "ctrl+c", "CTRL+M"])
def test_keys_that_are_others_to_a_terminal_are_refused(key: str) -> None:
    assert "choose another key" in problem(download=key)


@pytest.mark.parametrize(
    "key", ["ctrl+enter", "shift+enter", "alt+enter", "f13", "ctrl+1", "猫", "\x1b", "nonsense"]
)
def test_keys_that_do_not_arrive_everywhere_are_refused(key: str) -> None:
    assert "does not reach every terminal" in problem(download=key)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"fly": "f"}, "fly: no such action"),
        ({"download": ""}, "download: needs a key"),
        ({"download": " , "}, "download: needs a key"),
        ({"move": "i"}, "move: the keys of 'Move' cannot be changed"),
        ({"download": "n"}, "download: n is for 'Next match' (match) already, here for 'Download now'"),
        ({"download": "j"}, "j is for 'Move' (move) already"),
        ({"download": "?"}, "question_mark is for"),
        ({"new": "f6", "download": "f6"}, "f6 is for"),
        ({"submit": "x"}, "needs keys that write nothing"),
        ({"curl": "x"}, "needs a key that writes nothing"),
    ],
)
def test_what_cannot_be_had_is_told_with_both_names(keys: dict[str, str], words: str) -> None:
    assert words in problem(**keys)


def test_keys_may_change_places_and_be_the_same_where_they_never_meet() -> None:
    assert problem(new="d", download="m") == ""
    assert problem(stop="f4") == ""  # f4 is the builder's


def test_keys_are_written_as_they_are_typed() -> None:
    assert keymap.parse("X, ?,ctrl+K, F6,comma") == ["X", "question_mark", "ctrl+k", "f6", "comma"]


REMAPPED = """
import asyncio, sys
from pathlib import Path
from backend.cli.dashboard import use_own_keys
use_own_keys(Path(sys.argv[1]))
from tests.tui.fakes import FakeClock, FakeService, gallery
from tui.app import ReeltopApp
from tui.screens.help import HelpScreen
from tui.widgets.section_view import SectionView
from tui.widgets.status_bar import StatusBar

async def main():
    app = ReeltopApp(FakeService(gallery()).open, FakeClock())
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause(0.5)
        assert ("f9", "help") in app.screen.query_one(StatusBar)._last
        await pilot.press("question_mark")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, HelpScreen)
        await pilot.press("f9")
        await pilot.pause(0.3)
        assert isinstance(app.screen, HelpScreen)
        assert "f9 ^k" in "".join(view.text for view in app.screen.query(SectionView))
        helps = [command.help for command in app.get_system_commands(app.screen_stack[0])]
        assert any(help.startswith("f9 ^k ") for help in helps)
    await app.close_service()

asyncio.run(main())
"""


def test_footer_help_palette_and_bindings_follow(tmp_path: Path) -> None:
    words = '[keys]\nhelp = "f9, ctrl+k"\npaste = "f11"\n'
    run_configured(REMAPPED, tmp_path, words, seconds=60)
