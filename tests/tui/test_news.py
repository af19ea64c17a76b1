"""News on the dashboard: words, bell, desktop notes, and silence while the terminal is looked at."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.pilot import Pilot

from backend.feed import Changes
from backend.models import Failure, FailureKind, Status
from backend.news import News
from backend.notify import Notify
from tests.tui.fakes import FakeClock, FakeService, gallery, make_task
from tests.tui.test_line_table import Terminal
from tui.app import ReeltopApp
from tui.news import sequence, way, words

DONE = News(make_task("a", Status.SUCCEEDED, prompt="a [bold]cat[/] 漢字\x1b]52;c;eA==\x07"))
FAILED = News(
    make_task("b", Status.FAILED, failure=Failure(kind=FailureKind.POLICY, code="1301", words="不行"))
)
HELD = News(make_task("c", prompt=""), "credential")


def test_one_is_named_and_several_are_counted() -> None:
    assert words([DONE]) == "succeeded: a [bold]cat[/] 漢字"
    assert words([FAILED]).startswith("failed (1301): A paper boat drifts down a rainy")
    assert words([HELD]) == "needs you: credential at studio: studio c"
    assert words([DONE, DONE, FAILED, HELD]) == "2 succeeded, 1 failed, 1 needs you: credential"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "osc777"),
        ({"TERM": "xterm-256color"}, "osc9"),
        ({"TERM": "linux"}, "off"),
        ({}, "off"),
    ],
)
def test_the_way_goes_by_what_the_terminal_says(environ: Mapping[str, str], expected: str) -> None:
    assert way("auto", environ) == expected
    assert way("osc99", environ) == "osc99"


def test_no_text_ends_or_splits_a_note() -> None:
    hostile = "4;3;50 a;b\x07\x1b\\\x9c c"
    assert sequence("osc9", hostile, in_tmux=False) == "\x1b]9;reeltop: 4;3;50 a;b c\x1b\\"
    assert sequence("osc777", hostile, in_tmux=False) == "\x1b]777;notify;reeltop;4,3,50 a,b c\x1b\\"
    assert sequence("osc99", "done", in_tmux=False) == "\x1b]99;i=reeltop;reeltop: done\x1b\\"
    assert sequence("osc9", "x", in_tmux=True) == "\x1bPtmux;\x1b\x1b]9;reeltop: x\x1b\x1b\\\x1b\\"
    assert sequence("off", "done", in_tmux=True) == ""


@asynccontextmanager
async def told(notify: Notify) -> AsyncIterator[tuple[FakeService, Pilot[None], Terminal]]:
    service = FakeService(gallery())
    service.notify = notify
    app = ReeltopApp(service.open, FakeClock())
    app.driver_class = Terminal
    async with app.run_test(headless=False, size=(80, 24), notifications=True) as pilot:
        await pilot.pause(0.1)
        assert isinstance(app._driver, Terminal)
        yield service, pilot, app._driver
    await app.close_service()


def bells(terminal: Terminal) -> int:
    """Return how often it rang; an escape sequence may end in the same byte."""
    return re.sub(r"\x1b\][^\x07\x1b]*\x07", "", terminal.written).count("\x07")


async def test_a_burst_is_one_bell_one_note_and_one_message() -> None:
    async with told(Notify()) as (service, pilot, terminal):
        for news in (DONE, FAILED):
            service.publish(Changes(news=(news,)))
            await pilot.pause(0.3)
        await pilot.pause(2.5)
        assert terminal.written.count("\x1b]9;reeltop: 1 succeeded, 1 failed\x1b\\") == 1
        assert bells(terminal) == 1
        assert "1 succeeded, 1 failed" in "\n".join(terminal.screen.display)


@pytest.mark.parametrize(
    ("notify", "focus"),
    [(Notify(), True), (Notify(toast=True, bell=False, desktop="off"), False)],
)
async def test_who_looks_or_wants_quiet_gets_the_message_alone(notify: Notify, focus: bool) -> None:
    async with told(notify) as (service, pilot, terminal):
        pilot.app.post_message(events.AppFocus() if focus else events.AppBlur())
        await pilot.pause()
        service.publish(Changes(news=(FAILED,)))
        await pilot.pause(2.8)
        assert bells(terminal) == 0
        assert "\x1b]9" not in terminal.written
        assert "failed (1301)" in "\n".join(terminal.screen.display)
