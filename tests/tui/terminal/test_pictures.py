"""Terminals that draw pictures get them, others get half cells; nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.sandbox import media
from tests.backend.media.conftest import job
from tests.tui.terminal.drawn import SIXEL, KittyTerminal, read_sixel
from tests.tui.terminal.terminals import PtyProgram

NAME, ALL = b"\x1b[>0q", b"\x1b[c"
KITTY_QUESTION = b"\x1b_Gi=31,"
KITTY = {
    NAME: b"\x1bP>|kitty(0.41.1)\x1b\\\x1b[6;18;9t\x1b[?62;c",
    KITTY_QUESTION: b"j\x1b_Gi=31;OK\x1b\\k\x1b[?62;c?",
}
"""What kitty says, and keys that are typed meanwhile."""
SIXEL_QUESTION = b"\x1b[?1;1;0S"
XTERM = {NAME: b"\x1bP>|XTerm(379)\x1b\\\x1b[?63;4;6c", SIXEL_QUESTION: b"\x1b[?1;0;256S\x1b[?63;4;6c"}
PATIENCE = 30.0

Start = Callable[..., PtyProgram]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(media.video(job("a boat", seconds=20.0)))
    return path


@pytest.fixture
def start(clip: Path) -> Start:
    def run(replies: dict[bytes, bytes], **env: str) -> PtyProgram:
        command = [sys.executable, "-m", "tests.tui.terminal.showing", str(clip)]
        return PtyProgram(command, env, (120, 40), replies=replies, cell=(9, 18))

    return run


def until(program: PtyProgram, condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came; the screen:\n{program.text}"
        program.read(0.1)


def kitty_of(program: PtyProgram) -> KittyTerminal:
    terminal = KittyTerminal()
    whole = program.written[: program.written.rfind(b"\x1b\\") + 2]
    terminal.read(whole.decode(errors="replace"))
    return terminal


def test_kitty_draws_stills_and_clips_and_forgets_them(start: Start) -> None:
    with start(KITTY) as program:
        until(program, lambda: kitty_of(program).places)
        ((width, height, _),) = kitty_of(program).pictures.values()
        assert abs(width / height - 16 / 9) < 0.05
        assert "▀" not in program.text
        # The last key that was typed among the answers was the question mark.
        program.wait_for("Help")
        program.send("\x1b")
        until(program, lambda: "Help" not in program.text)
        program.send("v")
        until(program, lambda: len(kitty_of(program).pictures) == 2)
        program.wait_for("hold")
        program.send("x")
        until(program, lambda: len(kitty_of(program).pictures) == 1)
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait_until_ended() == 128 + signal.SIGTERM
        assert not kitty_of(program).pictures


def test_sixel_is_for_clips_and_half_cells_for_what_can_scroll(start: Start) -> None:
    with start(XTERM) as program:
        until(program, lambda: "▀" in program.text)
        assert not SIXEL.search(program.written.decode())
        program.send("v")
        until(program, lambda: SIXEL.search(program.written.decode(errors="replace")))
        sixel = SIXEL.search(program.written.decode(errors="replace"))
        assert sixel is not None
        width, height, rgb = read_sixel(sixel[1])
        assert abs(width / height - 16 / 9) < 0.05
        assert len(set(rgb)) > 10
        program.send("x")
        program.wait_for("succeeded")


@pytest.mark.parametrize(
    ("env", "questions"),
    [
        ({}, 1),  # it never answers
        ({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}, 0),
    ],
    ids=["mute", "tmux"],
)
def test_elsewhere_there_are_half_cells(start: Start, env: dict[str, str], questions: int) -> None:
    with start({}, **env) as program:
        until(program, lambda: "▀" in program.text)
        assert (program.written.count(NAME), program.written.count(ALL)) == (questions, questions)
        assert KITTY_QUESTION not in program.written


def test_what_the_user_wants_is_not_asked_for(start: Start) -> None:
    with start({}, REELTOP_PICTURES="kitty", TERM="xterm-256color") as program:
        until(program, lambda: kitty_of(program).places)
        assert NAME not in program.written
