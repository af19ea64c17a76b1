"""Acting on many tasks: marks, bulk actions on exactly those, and undo, on the real service and sandbox."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static, TextArea

from backend.models import Failure, FailureKind, Status, Task, Trouble
from backend.opening import Options, open_service
from backend.paths import find_paths
from backend.service import Service
from tests.tui.conftest import Running
from tests.tui.fakes import NOW, FakeService, ago, make_task
from tests.tui.test_dashboard import dashboard, go, on_top, settle, shown
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.bulk_words import choose, copies, parse_tags, question
from tui.screens.accounts import AccountsScreen
from tui.screens.ask_text import AskText
from tui.screens.confirm import ConfirmScreen
from tui.screens.copy_menu import CopyScreen
from tui.widgets.line_table import LineTable
from tui.widgets.status_bar import StatusBar
from tui.wording import Copyable


def marks(pilot: Pilot[None]) -> set[str]:
    return set(dashboard(pilot).table.marks)


def asked(pilot: Pilot[None]) -> str:
    screen = on_top(pilot)
    assert isinstance(screen, ConfirmScreen)
    lines = [
        str(line.render()) for line in screen.query(Static).results(Static) if not isinstance(line, Button)
    ]
    return "\n".join([screen._question.title, *lines])


async def test_space_marks_and_goes_on_and_a_range_marks_all_between(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("space")
        assert marks(pilot) == {"r5d4vz"}
        assert dashboard(pilot).table.cursor_key == "q8c2mx"
        await pilot.press("down", "down", "V")
        assert marks(pilot) == {"r5d4vz", "q8c2mx", "p6b7wj", "n9z3kt"}
        assert "4 marked · 14 of 14 shown" in shown(pilot)
        await pilot.press("u")
        await pilot.pause(0.1)
        assert marks(pilot) == {"r5d4vz"}
        await pilot.press("home", "space")
        assert marks(pilot) == set()


async def test_marks_by_filter_inverted_and_cleared(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await pilot.press("slash", *"relay", "enter", "plus")
        assert marks(pilot) == {"h5r2vn", "k4w8fg"}
        await pilot.press("escape", "asterisk")
        assert len(marks(pilot)) == 12
        await pilot.press("minus")
        assert marks(pilot) == set()
        await pilot.press("u")
        await pilot.pause(0.1)
        assert len(marks(pilot)) == 12


async def test_a_bulk_action_names_number_accounts_and_cost_and_acts_on_exactly_those(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        await pilot.press("plus", "s")
        await pilot.pause(0.2)
        words = asked(pilot)
        assert words.startswith("Stop watching 6 tasks?")
        assert "accounts studio 4, avatars 1, relay 1" in words
        assert "Left out: 8 tasks of those marked" in words
        assert "1 not sent yet: withdrawn, nothing is charged. 5 at their providers" in words
        service.put(make_task("late01"))
        await settle(pilot)
        await pilot.press("y")
        await pilot.pause(0.2)
    stopped = next(call for call in service.calls if call[0] == "stop")
    assert set(stopped[1:]) == {"r5d4vz", "p6b7wj", "n9z3kt", "m2x5dh", "k4w8fg", "j7s6lc"}


async def test_marked_tasks_that_are_filtered_out_are_said(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("2", "plus", "1", "slash", *"relay", "enter", "s")
        await pilot.pause(0.2)
        assert "5 of them are not shown just now." in asked(pilot)
        await pilot.press("n")


async def test_no_is_no(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        for key in ("s", "d", "R", "A", "w"):
            await pilot.press("plus", key)
            await pilot.pause(0.15)
            assert isinstance(on_top(pilot), ConfirmScreen), key
            await pilot.press("n")
            await pilot.pause(0.1)
    assert not {"stop", "resend", "resume", "download"}.intersection(call[0] for call in service.calls)


async def test_copying_many_gives_a_line_for_each(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("space", "space", "y")
        await pilot.pause(0.2)
        assert isinstance(on_top(pilot), CopyScreen)
        await pilot.press("i")
        await pilot.pause(0.2)
        assert pilot.app.clipboard == "r5d4vz\nq8c2mx"


async def test_the_next_step_of_what_needs_you_is_one_key_away(
    running: Running, service: FakeService
) -> None:
    refused = Trouble(failure=Failure(kind=FailureKind.AUTH, words="no [key]"), since=ago(9), count=1)
    service.put(make_task("auth01", trouble=refused, account="relay"))
    async with running() as pilot:
        assert "x account (credential)" in shown(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(on_top(pilot), AccountsScreen))
        assert on_top(pilot).query_one(LineTable).cursor_key == "relay", "the account that it is about"
        await pilot.press("escape")
        await go(pilot, "d2v7pm")
        await pilot.press("x")
        await settle(pilot)
        assert ("resume", "d2v7pm") in service.calls
        await go(pilot, "m2x5dh")
        await pilot.press("x")
        await pilot.pause(0.1)
        assert "needs nothing from you" in shown(pilot)


# -- On the real service ------------------------------------------------------------------------------------


@asynccontextmanager
async def real(tmp_path: Path) -> AsyncIterator[tuple[Pilot[None], Service]]:
    """Run the dashboard on a sandbox with three finished tasks."""
    paths = find_paths(config=None, data=tmp_path / "data", downloads=tmp_path / "files")
    app = ReeltopApp(
        lambda: open_service(Options(paths=replace(paths, config=tmp_path / "none"), sandbox=True))
    )
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        for _ in range(100):
            await pilot.pause(0.05)
            if app.service is not None:
                break
        service = app.service
        assert service is not None
        base = make_task(account="kling", status=Status.FAILED, finished_at=NOW)
        tasks = [replace(base, id=f"aaaaa{place}", remote_id=str(place)) for place in (1, 2, 3)]
        await service.shelf.merge(tasks)
        await settle(pilot)
        yield pilot, service
    await app.close_service()


def tagged(service: Service) -> dict[str, tuple[str, ...]]:
    return {task.id: task.tags for task in service.tasks.values()}


async def test_the_marked_become_drafts_in_the_builder_after_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.bulk.MOST_DRAFTS", 2)
    async with real(tmp_path) as (pilot, service):
        gone = make_task("gone01", account="gone", status=Status.FAILED, finished_at=NOW)
        await service.shelf.merge([gone])
        await settle(pilot)
        await pilot.press("plus", "c")
        await until(pilot, lambda: isinstance(on_top(pilot), ConfirmScreen))
        assert "Make drafts of 2 tasks?" in asked(pilot)
        assert "account kling 2" in asked(pilot)
        assert "Left out: 1 task of those marked" in asked(pilot)
        assert "Only the first 2 of 3 tasks are taken. Nothing is sent" in asked(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "draft 1 of 2" in shown(pilot))
        assert len(service.unsent_drafts()) == 2
        await pilot.press("escape")
        await until(pilot, lambda: on_top(pilot) is dashboard(pilot))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(on_top(pilot), ConfirmScreen))
        assert "2 drafts are not sent" in asked(pilot)


async def test_tags_notes_archive_and_export_and_their_undo(tmp_path: Path) -> None:
    async with real(tmp_path) as (pilot, service):
        await service.labels.tag(["aaaaa1"], add=["old", "keep"])
        await pilot.press("plus", "t")
        await pilot.pause(0.2)
        assert isinstance(on_top(pilot), AskText)
        assert "Now: keep old" in shown(pilot)
        on_top(pilot).query_one(Input).value = "ad, -old"
        await pilot.press("enter")
        await until(pilot, lambda: tagged(service)["aaaaa1"] == ("ad", "keep"))
        assert tagged(service) == {"aaaaa1": ("ad", "keep"), "aaaaa2": ("ad",), "aaaaa3": ("ad",)}
        await pilot.press("u")
        await until(pilot, lambda: not tagged(service)["aaaaa3"])
        assert tagged(service) == {"aaaaa1": ("keep", "old"), "aaaaa2": (), "aaaaa3": ()}
        await pilot.press("U")
        await until(pilot, lambda: "Done again: Tags of 3 tasks changed" in shown(pilot))
        assert tagged(service) == {"aaaaa1": ("ad", "keep"), "aaaaa2": ("ad",), "aaaaa3": ("ad",)}
        await pilot.press("u")
        await until(pilot, lambda: not tagged(service)["aaaaa3"])

        await pilot.press("T")
        await pilot.pause(0.2)
        on_top(pilot).query_one(TextArea).text = "客户要的\n[b]second[/b]"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: all(task.note for task in service.tasks.values()))
        await pilot.press("u")
        await until(pilot, lambda: not any(task.note for task in service.tasks.values()))
        await pilot.press("U")
        await until(pilot, lambda: all(task.note for task in service.tasks.values()))
        await pilot.press("U")
        await until(pilot, lambda: "There is nothing to do again" in shown(pilot))
        dashboard(pilot).action_undo()
        dashboard(pilot).action_redo()  # before the disk has answered
        await until(pilot, lambda: "Done again: Note of 3 tasks changed" in shown(pilot))
        assert all(task.note for task in service.tasks.values())

        await pilot.press("X")
        await pilot.pause(0.2)
        await pilot.press("y")
        await until(pilot, lambda: list((tmp_path / "files").glob("*.jsonl")))
        exported = next((tmp_path / "files").glob("*.jsonl"))
        assert [json.loads(line)["id"] for line in exported.read_text().splitlines()] == [
            "aaaaa3",
            "aaaaa2",
            "aaaaa1",
        ]
        assert exported.stat().st_mode & 0o777 == 0o600

        await pilot.press("A")
        await pilot.pause(0.2)
        await pilot.press("y")
        await until(pilot, lambda: not service.tasks)
        assert marks(pilot) == set()
        await pilot.press("u")
        await until(pilot, lambda: len(service.tasks) == 3)
        assert list(service.tasks) == ["aaaaa1", "aaaaa2", "aaaaa3"]
        await pilot.press("U")
        await until(pilot, lambda: not service.tasks)


async def test_many_are_made_again_as_new_tasks(tmp_path: Path) -> None:
    async with real(tmp_path) as (pilot, service):
        await pilot.press("plus", "M")
        await pilot.pause(0.4)
        assert asked(pilot).startswith("Make again 3 tasks?")
        assert "Costs nothing: this is the sandbox." in asked(pilot)
        await pilot.press("y")
        await until(pilot, lambda: len(service.tasks) == 6)
        new = [task for task in service.tasks.values() if not task.id.startswith("aaaaa")]
        assert {task.prompt for task in new} == {make_task().prompt}


# -- Pure ---------------------------------------------------------------------------------------------------


def task(task_id: str, status: Status, account: str = "a") -> Task:
    return make_task(task_id, status, account=account)


def test_what_makes_no_sense_is_left_out_and_said() -> None:
    tasks = [task("x", Status.RUNNING), task("y", Status.FAILED), task("z", Status.QUEUED, "b[i]")]
    chosen, reason = choose("stop", tasks, {"x"}.__contains__)
    assert (chosen.ids, chosen.left_out, chosen.hidden, reason) == (["x", "z"], 1, 1, "")
    asked = question("Stop watching", chosen, "cost")
    assert asked.title == "Stop watching 2 tasks?"
    assert "accounts a 1, b[i] 1" in asked.what
    assert choose("stop", tasks[1:2], bool)[1] == "this task has failed: there is nothing to stop"


def test_that_it_makes_no_sense_for_any_is_said_of_all() -> None:
    tasks = [task("x", Status.FAILED), task("y", Status.FAILED), task("z", Status.CANCELLED)]
    reason = choose("stop", tasks, bool)[1]
    assert reason.startswith("none of the 3 tasks marked: this task has failed: there is nothing to stop (2)")


async def test_the_bottom_line_offers_what_is_done_to_marks(running: Running) -> None:
    async with running((120, 40)) as pilot:
        bar = dashboard(pilot).query_one(StatusBar)
        assert ("M", "make again") not in bar._hints
        await pilot.press("plus")
        assert {("M", "make again"), ("X", "export"), ("-", "no marks")} <= set(bar._hints)
        await pilot.press("minus")
        assert ("M", "make again") not in bar._hints


async def test_all_columns_say_what_makes_room_for_them(running: Running) -> None:
    async with running((160, 48)) as pilot:
        await go(pilot, "g3q9tb")
        await pilot.press("W")
        await until(pilot, lambda: "All columns that have room; p hides the detail" in shown(pilot))


def test_tags_as_typed() -> None:
    assert parse_tags(" ad, -old  test - ") == (["ad", "test"], ["old"])


def test_copies_join_the_same_of_each() -> None:
    both = copies([[Copyable("i", "Id", "a")], [Copyable("i", "Id", "b"), Copyable("l", "Link", "u")]])
    assert both == [Copyable("i", "Id", "a\nb"), Copyable("l", "Link", "u")]


async def test_shift_and_arrows_mark_on_the_way_and_take_away_on_the_way_back(running: Running) -> None:
    async with running() as pilot:
        table = dashboard(pilot).table
        order = list(table.keys)
        await pilot.press(
            "down", "space", "home", "down", "down", "down"
        )  # one is marked, the cursor is below
        for keys, swept in (
            (("shift+down",), {3, 4}),
            (("shift+down",), {3, 4, 5}),
            (("shift+up", "shift+up"), {3}),
            (("shift+up",), {2, 3}),
        ):
            await pilot.press(*keys)
            await pilot.pause()
            assert marks(pilot) == {order[place] for place in swept | {1}}
        assert table.cursor_key == order[2]
        await pilot.press("down", "u")
        await until(pilot, lambda: marks(pilot) == {order[1]})
        await pilot.press("U")
        await until(pilot, lambda: marks(pilot) == {order[place] for place in (1, 3, 4)})
        await pilot.press("end", "shift+down")
        await until(pilot, lambda: order[-1] in marks(pilot))


async def test_the_provider_is_asked_about_all_that_is_marked(running: Running, service: FakeService) -> None:
    async with running() as pilot:
        await pilot.press("plus", "r")
        await until(pilot, lambda: isinstance(on_top(pilot), ConfirmScreen))
        assert "Asking costs nothing" in asked(pilot)
        await pilot.press("y")
        await until(pilot, lambda: service.calls)
    said = {task_id for call in service.calls if call[0] == "retry" for task_id in call[1:]}
    sent = {task.id for task in service.tasks.values() if not task.status.is_final}
    assert said <= sent
    assert any(service.tasks[task_id].trouble is None for task_id in said)
