"""However reeltop ends or is stopped: nothing is lost, and the terminal is as it was."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.terminal.terminals import PtyProgram

REELTOP = [sys.executable, "-m", "backend", "--sandbox"]
LOOSE = {
    "?1049": "l",
    "?25": "h",
    "?1000": "l",
    "?1003": "l",
    "?1006": "l",
    "?2004": "l",
    "?1004": "l",
    "?7": "h",
}
"""Modes of a terminal that nobody has taken over."""

Start = Callable[..., PtyProgram]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    config = tmp_path / "config.toml"
    config.touch()
    names = {"DATA": "data", "DOWNLOADS": "downloads", "CONFIG": "config.toml"}
    env = {f"REELTOP_{name}": str(tmp_path / place) for name, place in names.items()}

    def run(command: list[str] = REELTOP, size: tuple[int, int] = (80, 24), **more: str) -> PtyProgram:
        return PtyProgram(command, env | more, size)

    return run


def modes(written: bytes) -> dict[str, str]:
    """Which modes were set (h) or reset (l) last."""
    return dict(re.findall(r"\x1b\[(\?\d+)([hl])", written.decode(errors="replace")))


def assert_sane(program: PtyProgram) -> None:
    assert modes(program.written).items() >= LOOSE.items()
    assert b"\x1b[<u" in program.written
    assert b"Traceback" not in program.written
    assert b"unexpected" not in program.written
    assert termios.tcgetattr(program.terminal)[3] == program.attributes[3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_the_terminal_sane(start: Start, number: signal.Signals) -> None:
    with start() as program:
        program.wait_for("0 of 0 shown")
        os.kill(program.pid, number)
        assert program.wait_until_ended() == 128 + number
        assert_sane(program)


def test_a_dropped_line_ends_it(start: Start, tmp_path: Path) -> None:
    with start() as program:
        program.wait_for("0 of 0 shown")
        program.send("m")
        program.wait_for("Prompt")
        program.read(0.7)
        program.send("a fox in the snow")
        program.read(1.0)
        program.hang_up()
        assert program.wait_until_ended() == 128 + signal.SIGHUP
    drafts = [path.read_text() for path in (tmp_path / "data").rglob("drafts/*/*.json")]
    assert any("a fox in the snow" in draft for draft in drafts)


def test_ctrl_z_stops_it_as_a_job_of_the_shell_and_fg_brings_it_back(start: Start) -> None:
    with start(["bash", "--norc", "--noprofile", "-i"], PS1="shell> ") as program:
        program.wait_for("shell>")
        program.send(" ".join(REELTOP) + "\n")
        program.wait_for("0 of 0 shown")
        for _ in range(2):
            program.send("\x1a")
            program.wait_for("Stopped")
            program.read(0.7)  # the shell's own prompt comes after it
            assert modes(program.written).items() >= (LOOSE | {"?2004": "h"}).items()  # readline's own
            assert "nothing is sent, asked or fetched" in program.text
            program.screen.reset()
            program.send("bg\n")
            program.read(0.7)
            program.screen.reset()
            program.send("fg\n")
            program.wait_for("0 of 0 shown")
            program.send("?")
            program.wait_for("Help ·")
            program.send("\x1b")
            program.read(0.5)
        program.send("q")
        program.wait_for("shell>")
        assert b"Traceback" not in program.written


def test_ctrl_z_does_no_harm_where_no_shell_could_bring_it_back(start: Start) -> None:
    with start() as program:
        program.wait_for("0 of 0 shown")
        program.send("\x1a")
        program.read(1.0)
        program.screen.reset()
        program.send("?")
        program.wait_for("Help ·")
        program.send("\x1b")
        program.read(0.5)
        program.send("q")
        assert program.wait_until_ended() == 0
        assert_sane(program)


def test_a_storm_of_sizes_ends_in_a_whole_screen(start: Start) -> None:
    with start(size=(300, 100)) as program:
        program.wait_for("0 of 0 shown")
        for turn in range(40):
            program.resize(20 + turn * 37 % 280, 3 + turn * 13 % 97)
            program.read(0.01)
        for size in ((300, 100), (60, 15), (1, 1), (60, 15)):
            program.resize(*size)
            program.read(0.3)
        program.read(1.0)
        program.screen.reset()
        program.send("\x0c")
        program.read(1.0)
        after_redraw = program.text
        program.screen.reset()
        program.resize(61, 15)
        program.resize(60, 15)
        program.read(1.0)
        assert program.text == after_redraw
        assert "SANDBOX" in program.screen.display[0]
        assert "q quit" in program.screen.display[14]
        program.send("q")
        assert program.wait_until_ended() == 0
        assert_sane(program)


def test_a_paste_with_an_escape_character_is_text_and_no_keys(start: Start) -> None:
    with start() as program:
        program.wait_for("0 of 0 shown")
        program.send("\x1b[200~one \x1bq\x1b[31mtwo\x1b")
        program.read(0.5)
        program.send("[201~m")
        program.wait_for("Prompt")
        program.send("\x1b[200~red \x1b[31mfox\x1b[0m, \x1bqthe \x1b[")
        program.read(0.3)
        program.send("1mend\x1b[20")
        program.read(0.3)
        program.send("1~!")
        program.wait_for("red fox, the end!")


def test_going_on_without_having_been_stopped_changes_nothing(start: Start) -> None:
    with start() as program:
        program.wait_for("0 of 0 shown")
        for _ in range(3):
            os.kill(program.pid, signal.SIGCONT)
            program.read(0.3)
        program.send("?")
        program.wait_for("Help")
        program.send("\x1b")
        program.wait_for("0 of 0 shown")
        program.send("q")
        assert program.wait_until_ended() == 0
        assert_sane(program)


def test_what_an_own_command_prints_stands_until_enter(start: Start, tmp_path: Path) -> None:
    request = ["--account", "kling", "--operation", "text2video", "--set", "prompt=a"]
    with start([*REELTOP, "submit", *request]) as program:
        assert program.wait_until_ended() == 0
    words = [
        "[[commands]]",
        "name = 'Say [b]'",
        "run = ['echo', 'hello']",
        "output = 'terminal'",
        "key = 'f11'",
    ]
    (tmp_path / "config.toml").write_text("\n".join(words))
    with start() as program:
        program.wait_for("1 of 1 shown")
        program.send("\x1b[23~")
        program.wait_for("Say [b]: that was all; enter goes back to reeltop")
        assert "hello" in program.text
        assert modes(program.written)["?1049"] == "l"
        lent = len(program.written)
        program.send("\r")
        for _ in range(300):
            if b"\x1b[?1049h" in program.written[lent:]:
                break
            program.read(0.1)
        program.send("q")
        assert program.wait_until_ended() == 0
        assert_sane(program)
