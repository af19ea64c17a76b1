"""The dashboard, run for real on a service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button

from backend.feed import Changes
from backend.models import ArtifactState, Status, Trouble
from tests.tui.conftest import Running
from tests.tui.fakes import UNREACHABLE, FakeClock, FakeService, ago, ahead, gallery, make_task, result
from tests.tui.waiting import until
from tui.screens.confirm import ConfirmScreen
from tui.screens.copy_menu import CopyScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.detail import DetailScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.header_bar import SANDBOX, HeaderBar, NoticeLine
from tui.widgets.status_bar import StatusBar

SIZES = [(80, 24), (120, 40), (160, 48), (60, 15)]


def dashboard(pilot: Pilot[None]) -> DashboardScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, DashboardScreen)
    return screen


def pane_of(pilot: Pilot[None]) -> DetailPane:
    return dashboard(pilot).query_one(DetailPane)


def on_top(pilot: Pilot[None]) -> Screen[Any]:
    """Return the screen on top; a function, so that type checkers do not think it stays the same."""
    return pilot.app.screen


def shown(pilot: Pilot[None]) -> str:
    """Return what is on the terminal as plain text."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def is_ticking(pilot: Pilot[None]) -> bool:
    ticks = dashboard(pilot)._ticks
    return ticks is not None and ticks._active.is_set()


async def settle(pilot: Pilot[None]) -> None:
    """Wait until a change that was published is on the screen."""
    await pilot.pause(0.3)
    await pilot.pause(0.1)


async def go(pilot: Pilot[None], task_id: str) -> None:
    dashboard(pilot).go_to(task_id)
    await pilot.pause(0.1)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_the_badge_the_tasks_and_the_way_to_help(
    running: Running, size: tuple[int, int]
) -> None:
    async with running(size) as pilot:
        text = shown(pilot)
        assert SANDBOX in text
        assert "◌ waiting" in text
        assert "✗ failed" in text or size == (60, 15)
        assert "? help" in text
        assert "q quit" in text
        for key in ("p", "p", "enter", "escape", "question_mark", "escape", "a", "escape", "G", "e", "y"):
            await pilot.press(key)


async def test_real_money_has_no_badge(running: Running, service: FakeService) -> None:
    service._sandbox = False
    async with running() as pilot:
        assert "SANDBOX" not in shown(pilot)


async def test_newest_first(running: Running, service: FakeService) -> None:
    async with running((120, 40)) as pilot:
        table = dashboard(pilot).table
        assert table.cursor_key == "r5d4vz"
        assert list(table.visible_keys()) == list(service.tasks)[::-1]


async def test_a_change_keeps_the_cursor_and_the_view(running: Running, service: FakeService) -> None:
    service._by_id.update((f"t{place:03}", make_task(f"t{place:03}")) for place in range(200))
    async with running() as pilot:
        table = dashboard(pilot).table
        await go(pilot, "t100")
        line = list(table.visible_keys()).index("t100")
        service.put(make_task("new001"), make_task("new002"))
        service.change("t100", status=Status.FAILED)
        await settle(pilot)
        assert table.cursor_key == "t100"
        assert list(table.visible_keys()).index("t100") == line
        assert "✗ failed" in shown(pilot)


async def test_following_stays_with_the_newest_until_the_cursor_is_moved(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        table = dashboard(pilot).table
        await pilot.press("down", "g")
        assert table.cursor_key == "r5d4vz"
        service.put(make_task("new001"))
        await settle(pilot)
        assert table.cursor_key == "new001"
        assert "following the newest" in shown(pilot)
        await pilot.press("down")
        service.put(make_task("new002"))
        await settle(pilot)
        assert table.cursor_key == "r5d4vz"


async def test_problems_are_visited_in_turn(running: Running) -> None:
    async with running() as pilot:
        visited = []
        for _ in range(6):
            await pilot.press("e")
            visited.append(dashboard(pilot).table.cursor_key)
        assert visited == ["n9z3kt", "j7s6lc", "g3q9tb", "f8j4yw", "d2v7pm", "n9z3kt"]


@pytest.mark.parametrize("size", SIZES[:3])
async def test_the_clock_moves_only_what_it_should(
    running: Running, clock: FakeClock, size: tuple[int, int]
) -> None:
    async with running(size) as pilot:
        screen = dashboard(pilot)
        await go(pilot, "k4w8fg")
        assert "1:32" in shown(pilot)
        clock.advance(1)
        screen._tick()
        await pilot.pause()
        text = shown(pilot)
        assert "1:33" in text
        assert "running · for 1:33" in text
        assert "2:14" in text


async def test_nothing_ticks_when_nothing_runs(service: FakeService, running: Running) -> None:
    saved = result(state=ArtifactState.SAVED, path="/v/a.mp4")
    for key in list(service._by_id):
        service._by_id[key] = make_task(key, Status.SUCCEEDED, artifacts=(saved,))
    async with running() as pilot:
        assert not is_ticking(pilot)
        service.put(make_task("new001"))
        await settle(pilot)
        assert is_ticking(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert not is_ticking(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert is_ticking(pilot)


async def test_the_pane_shows_a_failure_in_full(running: Running, service: FakeService) -> None:
    async with running((160, 48)) as pilot:
        await go(pilot, "g3q9tb")
        await pilot.pause(0.1)
        pane = pane_of(pilot).text
        failure = service.tasks["g3q9tb"].failure
        assert failure is not None
        flat = " ".join(pane.split())
        for part in (failure.words, failure.meaning, failure.money, failure.next_step, "HTTP 200"):
            assert part in flat


async def test_the_pane_can_be_hidden_and_scrolled(running: Running) -> None:
    async with running() as pilot:
        pane = pane_of(pilot)
        await go(pilot, "g3q9tb")
        await pilot.press("ctrl+d")
        await pilot.pause()
        assert pane.scroll_offset.y > 0
        await pilot.press("p")
        assert not pane.display
        await pilot.press("p")
        assert pane.display


async def test_a_task_opens_on_the_whole_screen_and_follows_it(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        await go(pilot, "m2x5dh")
        await pilot.press("enter")
        assert isinstance(on_top(pilot), DetailScreen)
        assert SANDBOX in shown(pilot)
        service.change("m2x5dh", status=Status.SUCCEEDED, finished_at=ago(0))
        await settle(pilot)
        assert "✓ succeeded" in shown(pilot)
        await pilot.press("escape")
        assert on_top(pilot) is dashboard(pilot)
        assert dashboard(pilot).table.cursor_key == "m2x5dh"


async def test_stopping_asks_first_and_the_safe_answer_has_the_focus(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        await go(pilot, "m2x5dh")
        await pilot.press("s")
        await pilot.pause()
        assert isinstance(on_top(pilot), ConfirmScreen)
        focused = pilot.app.screen.focused
        assert isinstance(focused, Button)
        assert focused.id == "stay"
        await pilot.press("enter")
        assert not service.calls
        for key in ("escape", "n"):
            await pilot.press("s", key)
            assert not service.calls
        await pilot.press("s", "y")
        await settle(pilot)
        assert service.calls == [("stop", "m2x5dh")]
        assert service.tasks["m2x5dh"].status is Status.LOST
        await pilot.press("w")
        await pilot.pause()
        assert service.calls[-1] == ("resume", "m2x5dh")


async def test_sending_again_warns_that_it_may_be_paid_twice(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await go(pilot, "j7s6lc")
        await pilot.press("R")
        await pilot.pause(0.2)
        assert "PAY TWICE" in shown(pilot)
        await pilot.press("right", "enter")
        await pilot.pause()
        assert service.calls == [("resend", "j7s6lc")]


async def test_trouble_can_be_tried_again_at_once(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await go(pilot, "n9z3kt")
        await pilot.press("r")
        await pilot.pause()
        assert service.calls == [("retry", "n9z3kt")]
        service.leads = False
        await pilot.press("r")
        await pilot.pause(0.2)
        assert len(service.calls) == 1
        assert "Another reeltop does the asking" in shown(pilot)


async def test_what_makes_no_sense_is_explained_and_not_done(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await go(pilot, "g3q9tb")
        said = []
        for key in ("s", "w", "R", "d"):
            await pilot.press(key)
            await pilot.pause()
            said += [note.message for note in pilot.app._notifications]
        assert not service.calls
        assert len(said) == 4
        assert "Only a lost task can be watched again" in said


async def test_an_error_is_a_message_and_no_markup(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await go(pilot, "e6h3zs")
        await pilot.press("d")
        await pilot.pause()
        assert service.calls == [("download", "e6h3zs")]
        assert "the link [b]has expired[/b]" in shown(pilot)


async def test_copying_hands_the_text_to_the_terminal(running: Running) -> None:
    async with running() as pilot:
        await go(pilot, "b4n8xd")
        await pilot.press("y")
        await pilot.pause()
        assert isinstance(on_top(pilot), CopyScreen)
        await pilot.press("p")
        await pilot.pause()
        assert pilot.app.clipboard == "/home/ana/Videos/reeltop/b4n8xd-cat-by-the-window.mp4"
        notes = " ".join(note.message for note in pilot.app._notifications)
        assert "sent to the terminal's clipboard" in notes
        assert "copied" not in notes


async def test_a_text_can_be_shown_for_selecting_by_hand(running: Running) -> None:
    async with running() as pilot:
        await go(pilot, "g3q9tb")
        await pilot.press("y", "down", "down", "v")
        await pilot.pause()
        assert "Server internal error: render node lost [5003]" in shown(pilot)
        await pilot.press("escape")
        assert on_top(pilot) is dashboard(pilot)


async def test_who_polls_and_which_account_is_in_trouble(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        screen = dashboard(pilot)
        assert not screen.query_one(NoticeLine).display
        service.leads = False
        service.troubles["relay"] = Trouble(failure=UNREACHABLE, since=ago(9), count=1, next_try=ahead(8))
        service.publish(Changes(accounts=True, lead=True, notices=("The [ledger] was repaired",)))
        await settle(pilot)
        text = shown(pilot)
        assert "another reeltop polls" in text
        assert "relay, retrying in 8 s: connection refused" in text
        assert "The [ledger] was repaired" in text


async def test_an_empty_ledger_says_how_to_begin(service: FakeService, running: Running) -> None:
    service._by_id.clear()
    async with running() as pilot:
        assert "m makes one" in shown(pilot)
        await pilot.press("enter", "e", "g", "s", "y", "c", "down")
        assert on_top(pilot) is dashboard(pilot)
        service.put(make_task("first1"))
        await settle(pilot)
        assert "▸ running" in shown(pilot)
        assert dashboard(pilot).table.cursor_key == "first1"


async def test_a_storm_of_changes_is_painted_a_few_times_a_second(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        painted = 0
        header = dashboard(pilot).query_one(HeaderBar)
        show = header.show

        def count(shown_service: FakeService, changed: frozenset[str] | None = None) -> None:
            nonlocal painted
            painted += 1
            show(shown_service, changed)

        header.show = count  # type: ignore[method-assign,assignment]
        start = monotonic()
        for step in range(100):
            service.put(replace(service.tasks["k4w8fg"], progress=step / 100))
            await asyncio.sleep(0.005)
        await until(pilot, lambda: "99%" in shown(pilot))
        a_second = painted / (monotonic() - start)
        assert a_second < 10, "a change each 5 ms, painted four times a second, and by the clock once"


async def test_footer_hints_follow_the_task(running: Running) -> None:
    async with running((120, 40)) as pilot:
        bar = dashboard(pilot).query_one(StatusBar)
        await go(pilot, "j7s6lc")
        await until(pilot, lambda: ("R", "resend") in bar._hints)
        await go(pilot, "d2v7pm")
        await until(pilot, lambda: ("w", "watch") in bar._hints)
        assert ("s", "stop") not in bar._hints


def test_the_gallery_has_every_status() -> None:
    assert {task.status for task in gallery()} == set(Status)


async def test_text_in_the_pane_can_be_selected_with_the_mouse(running: Running) -> None:
    async with running((160, 48)) as pilot:
        await go(pilot, "g3q9tb")
        await pilot.pause(0.1)
        pane = pane_of(pilot)
        line = pane.text.split("\n").index(
            next(row for row in pane.text.split("\n") if row.startswith("Code"))
        )
        await pilot.mouse_down(pane, offset=(13, line))
        await pilot.hover(pane, offset=(17, line))
        await pilot.mouse_up(pane, offset=(17, line))
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert pilot.app.clipboard.strip() == "5003"


async def test_over_ssh_it_is_said_how_else_to_see_a_file(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 51234 203.0.113.9 22")
    async with running() as pilot:
        await go(pilot, "b4n8xd")
        await pilot.press("o")
        await pilot.pause(0.2)
        notes = " ".join(note.message for note in pilot.app._notifications)
        assert "Over SSH your desktop is not here" in notes
        await pilot.press("y")
        await pilot.pause(0.1)
        await pilot.press("s")
        await pilot.pause(0.1)
        assert pilot.app.clipboard.startswith("scp ")
        assert "@203.0.113.9:/home/ana/Videos/reeltop/b4n8xd-cat-by-the-window.mp4" in pilot.app.clipboard
