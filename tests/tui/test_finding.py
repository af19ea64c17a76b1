"""Finding tasks on the dashboard: filter, views, order, columns."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from backend.language import _, speak
from backend.models import Status
from backend.ui_state import UiState
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import dashboard, settle, shown
from tests.tui.waiting import until
from tui.screens.column_chooser import ColumnChooser
from tui.screens.filter_help import FilterHelp
from tui.task_list import TaskList
from tui.views import make_views


def keys(pilot: Pilot[None]) -> list[str]:
    return list(dashboard(pilot).tasks.keys)


async def type_in(pilot: Pilot[None], text: str) -> None:
    for letter in text:
        await pilot.press(
            {" ": "space", ":": "colon", "<": "less_than_sign", "-": "minus"}.get(letter, letter)
        )
    await pilot.pause(0.1)


def line_below(pilot: Pilot[None]) -> str:
    return str(dashboard(pilot).query_one("#candidates", Static).render())


async def test_a_filter_narrows_as_it_is_typed_and_escape_brings_all_back(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        assert "14 of 14 shown" in shown(pilot)
        await pilot.press("slash")
        await type_in(pilot, "st")
        assert line_below(pilot).startswith("status: where it stands")
        await pilot.press("tab")
        await type_in(pilot, "fa")
        await pilot.press("tab")
        assert keys(pilot) == ["g3q9tb"]
        assert "1 of 14 shown" in shown(pilot)
        await pilot.press("enter")
        assert dashboard(pilot).table.has_focus
        assert "/ status:failed" in shown(pilot)
        assert dashboard(pilot).table.cursor_key == "g3q9tb"
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert len(keys(pilot)) == 14
        assert dashboard(pilot).table.cursor_key == "g3q9tb"
    assert service.ui_state.filters == ("status:failed",)


async def test_beside_an_empty_list_no_task_is_told_of(running: Running) -> None:
    async with running() as pilot:
        await until(pilot, lambda: "Timeline" in shown(pilot))
        await pilot.press("slash")
        await type_in(pilot, "zzz")
        await until(pilot, lambda: "None of 14 tasks fits here" in shown(pilot))
        await until(pilot, lambda: "Timeline" not in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Timeline" in shown(pilot))


async def test_what_is_wrong_with_a_filter_is_said_and_the_last_good_one_stays(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("slash")
        await type_in(pilot, "rain statsu:x")
        assert line_below(pilot) == "column 6: there is no field 'statsu' (do you mean status?)"
        assert dashboard(pilot).tasks.query.text == "rain statsu"
        await pilot.press("enter")
        assert dashboard(pilot).filter_bar.is_open
        assert dashboard(pilot).filter_bar.line.cursor_position == 5
        await pilot.press("escape")
        assert len(keys(pilot)) == 14
        assert not dashboard(pilot).filter_bar.is_open


async def test_escape_while_typing_goes_back_to_the_filter_before(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("slash")
        await type_in(pilot, "lost")
        await pilot.press("enter", "slash")
        await type_in(pilot, "x")
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert dashboard(pilot).tasks.query.text == "lost"


async def test_filters_used_before_come_back_with_up(running: Running, service: FakeService) -> None:
    service.ui_state = UiState(filters=("is:problem", "account:relay"))
    async with running() as pilot:
        await pilot.press("slash", "up", "up")
        await pilot.pause(0.1)
        assert dashboard(pilot).tasks.query.text == "account:relay"
        await pilot.press("down", "enter")
        assert dashboard(pilot).tasks.query.text == "is:problem"


@pytest.mark.parametrize("hostile", ["[bold]", "\x1b[31m[/]", "猫\u202e", "😀" * 30])
async def test_hostile_text_in_a_filter_and_in_names_is_only_text(
    running: Running, service: FakeService, hostile: str
) -> None:
    service.put(make_task("hostile", account=hostile, batch=hostile, tags=(hostile,), note=hostile))
    service.own_views = {hostile: "猫"}
    async with running((60, 15)) as pilot:
        screen = dashboard(pilot)
        await pilot.press("slash")
        screen.filter_bar.line.value = f'account:"{hostile}"'
        await pilot.pause(0.1)
        await pilot.press("backspace", "tab", "enter", "escape", "W", "b")
        await pilot.pause(0.1)
        assert "\x1b" not in shown(pilot)
        assert "\u202e" not in shown(pilot)


async def test_the_view_before_is_one_key_away(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("grave_accent")
        await until(pilot, lambda: "No other view was shown yet" in shown(pilot))
        tasks = dashboard(pilot).tasks
        for key, view in (("4", 3), ("2", 1), ("grave_accent", 3), ("grave_accent", 1), ("2", 1)):
            await pilot.press(key)
            assert tasks.view == view
        dashboard(pilot).filter_everything("is:problem")
        await pilot.press("grave_accent")
        assert tasks.view == 1


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_an_arrow_leaves_a_title_whole(running: Running, language: str, size: tuple[int, int]) -> None:
    speak(language)
    try:
        async with running(size) as pilot:
            table = dashboard(pilot).table
            for column, wide in list(table.room()):
                for down in (True, False):
                    table.sort = (column.key, down)
                    await pilot.pause()
                    assert _(column.title) + "▲▼"[down] in table.render_line(0).text
                    assert column.key in (each.key for each, _wide in table.room()), "it stays"
                assert wide
    finally:
        speak("en")


async def test_the_picture_is_held_while_values_go_on(running: Running, service: FakeService) -> None:
    async with running((140, 45)) as pilot:
        table = dashboard(pilot).table
        order = list(table.keys)
        await pilot.press("z")
        assert "HELD · 14 of 14 shown" in shown(pilot)
        service.put(make_task("new"), make_task("newer"))
        service.change(order[0], prompt="another prompt")
        await until(pilot, lambda: "another prompt" in shown(pilot))
        assert list(table.keys) == order
        assert "HELD · 14 of 16 shown" in shown(pilot)
        await pilot.press("plus")
        await until(pilot, lambda: table.marks == set(order))
        await pilot.press("z")
        await until(pilot, lambda: list(table.keys) == ["newer", "new", *order])
        assert "HELD" not in shown(pilot)


@pytest.mark.parametrize("keys", [("2",), ("E",), ("I",), ("b",), ("slash", "x"), ("g",)])
async def test_another_view_filter_or_order_lets_go(running: Running, keys: tuple[str, ...]) -> None:
    async with running() as pilot:
        await pilot.press("z")
        assert "HELD" in shown(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: "HELD" not in shown(pilot))


async def test_what_is_gone_is_gone_from_a_picture_that_is_held(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        table = dashboard(pilot).table
        first, *others = table.keys
        await pilot.press("z", "down")
        service.take_away(first)
        await until(pilot, lambda: list(table.keys) == others)
        assert "HELD" in shown(pilot)


async def test_f1_explains_the_language_while_typing(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("slash", "f1")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, FilterHelp)
        assert "rainy street" in shown(pilot)
        await pilot.press("escape")
        assert dashboard(pilot).filter_bar.is_open


async def test_views_have_counts_and_are_gone_to_by_bracket_digit_and_click(
    running: Running, service: FakeService
) -> None:
    service.own_views = {"Foxes": "fox sort:age"}
    async with running((140, 45)) as pilot:
        assert "All 14  Running 7  Needs attention 2  Done 3  Foxes 1  studio 10" in shown(pilot)
        await pilot.press("3")
        assert keys(pilot) == ["e6h3zs", "d2v7pm"]
        await pilot.pause(0.1)
        assert "expiring: Its file goes" in shown(pilot)
        await pilot.press("right_square_bracket")
        assert len(keys(pilot)) == 3
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        await pilot.press("left_square_bracket")
        assert {service.tasks[key].account for key in keys(pilot)} == {"avatars"}
        await pilot.click("ViewBar", offset=(12, 0))
        await pilot.pause(0.1)
        assert dashboard(pilot).tasks.view == 1
        service.change("m2x5dh", status=Status.FAILED)
        await settle(pilot)
        assert "Running 6" in shown(pilot)
        assert "m2x5dh" not in keys(pilot)
    assert service.ui_state.view == "Running"


async def test_sorting_by_any_column_shows_its_key_and_direction_in_the_header(
    running: Running, service: FakeService
) -> None:
    async with running() as pilot:
        await pilot.press("S")
        await pilot.press("down", "down", "enter")
        assert [service.tasks[key].account for key in keys(pilot)][:2] == ["avatars", "avatars"]
        assert "Account▲" in shown(pilot)
        await pilot.press("I")
        await pilot.pause(0.1)
        assert "Account▼" in shown(pilot)
        assert service.tasks[keys(pilot)[0]].account == "studio"
        await pilot.press("S", "home", "enter")
        assert keys(pilot) == list(service.tasks)[::-1]
    assert service.ui_state.sort == ""


async def test_columns_are_chosen_ordered_and_kept(running: Running, service: FakeService) -> None:
    async with running((140, 45)) as pilot:
        await pilot.press("C")
        assert isinstance(pilot.app.screen, ColumnChooser)
        await pilot.press("down", "space", "end")
        for _ in range(7):
            await pilot.press("up")
        await pilot.press("space", *["K"] * 7, "enter")
        await pilot.pause(0.1)
        columns = [column.key for column in dashboard(pilot)._columns()]
        assert columns == ["id", "status", "model", "prompt", "progress", "elapsed", "result"]
        assert "r5d4vz" in shown(pilot)
        await pilot.press("W")
        await pilot.pause(0.1)
        assert "Account" in shown(pilot)
    assert service.ui_state.columns[0] == "id"
    assert service.ui_state.wide


async def test_problems_only_and_by_batch(running: Running, service: FakeService) -> None:
    service.put(make_task("b1", batch="spring"), make_task("none"), make_task("b2", batch="spring"))
    async with running((140, 45)) as pilot:
        await pilot.press("b")
        assert keys(pilot)[:3] == ["b2", "b1", "none"]
        assert "Batch" in shown(pilot)
        await pilot.press("b", "E")
        await pilot.pause(0.1)
        assert set(keys(pilot)) == {"n9z3kt", "j7s6lc", "g3q9tb", "f8j4yw", "d2v7pm"}
        assert "problems only · 5 of 17 shown" in shown(pilot)


async def test_how_it_was_left_is_how_it_comes_back(running: Running, service: FakeService) -> None:
    service.ui_state = UiState(columns=("id", "gone"), sort="-account", view="Done", by_batch=True)
    async with running() as pilot:
        screen = dashboard(pilot)
        assert screen.tasks.views[screen.tasks.view].name == "Done"
        assert screen.tasks.sort == ("account", True)
        assert [column.key for column in screen._columns()] == ["id", "batch"]
    assert service.ui_state.view == "Done"


async def test_a_task_that_is_gone_to_is_shown_whatever_hides_it(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("4", "slash")
        await type_in(pilot, "nothing")
        await pilot.press("enter")
        dashboard(pilot).go_to("m2x5dh")
        await pilot.pause(0.1)
        assert dashboard(pilot).table.cursor_key == "m2x5dh"


def test_the_list_kept_up_by_changes_is_that_of_looking_at_all(service: FakeService) -> None:
    import random

    from backend.query import parse
    from tests.tui.fakes import FakeClock

    chance = random.Random(5)
    for text, sort in (
        ("sort:-age", None),
        ("is:active", ("elapsed", True)),
        ("-status:failed sort:-model,age", None),
    ):
        clock = FakeClock()
        kept = TaskList(clock.now, make_views(["studio", "relay"], {"mine": "kling sort:age"}))
        kept.query, kept.sort, kept.by_batch = parse(text), sort, chance.random() < 0.5
        kept.problems_only = chance.random() < 0.3
        tasks = {f"t{place}": make_task(f"t{place}", age=place) for place in range(60)}
        kept.show(tasks)
        assert not kept.is_counting
        for _round in range(40):
            changed = chance.sample(sorted(tasks), 3)
            for task_id in changed[1:]:
                account, batch = chance.choice(["studio", "relay"]), chance.choice(["", "a", "b"])
                status = chance.choice(list(Status))
                tasks[task_id] = make_task(
                    task_id, status, age=chance.random() * 99, account=account, batch=batch
                )
            new = f"n{chance.random()}"
            tasks[new] = make_task(new, age=1)
            del tasks[changed[0]]
            clock.advance(30)
            kept.update([*changed, new])
            keys, counts = list(kept.keys), kept.counts()
            kept.refresh()
            assert keys == list(kept.keys)
            assert counts == kept.counts()
            clock.advance(chance.choice([1, 600, 7200]))
            kept.look_again()
            keys, counts = list(kept.keys), kept.counts()
            kept.refresh()
            assert keys == list(kept.keys)
            assert counts == kept.counts()


def test_views_of_many_tasks_are_counted_in_pieces_while_tasks_come_change_and_go() -> None:
    from tests.tui.fakes import NOW

    views = make_views(["studio", "relay"], {"mine": "kling"})
    tasks = {f"t{place}": make_task(f"t{place}", account="studio") for place in range(3000)}
    tasks |= {f"u{place}": make_task(f"u{place}", Status.SUCCEEDED, account="relay") for place in range(500)}
    kept = TaskList(lambda: NOW, views)
    kept.show(tasks)
    assert len(kept.keys) == 3500
    assert dict(zip([view.name for view in views], kept.counts(), strict=True)) == {
        "All": 3500,
        "Running": None,
        "Needs attention": None,
        "Done": None,
        "mine": None,
        "studio": None,
        "relay": None,
    }
    pieces = 0
    while kept.is_counting:
        place = 100 * pieces
        tasks[f"t{place}"] = make_task(f"t{place}", Status.SUCCEEDED, account="relay")
        tasks[f"n{place}"] = make_task(f"n{place}", account="studio")
        del tasks[f"u{pieces}"]
        kept.update([f"t{place}", f"n{place}", f"u{pieces}"])
        kept.view = pieces % len(views)  # a view that is opened meanwhile is whole at once
        kept.narrow()
        assert set(kept.keys) == {
            key for key, task in tasks.items() if views[kept.view].query.matches(task, kept._moment())
        }
        kept.count_on()
        pieces += 1
    assert 3 < pieces < 10
    afresh = TaskList(lambda: NOW, views)
    afresh.show(dict(tasks))
    while afresh.is_counting:
        afresh.count_on()
    assert kept.counts() == afresh.counts()
    kept.refresh()
    assert kept.counts() == afresh.counts()  # what is known stays meanwhile


async def test_counts_of_many_tasks_come_by_themselves(running: Running, service: FakeService) -> None:
    service.put(*(make_task(f"t{place}", Status.SUCCEEDED) for place in range(5000)))
    async with running((140, 24)) as pilot:
        for _round in range(100):
            await pilot.pause(0.05)
            if not dashboard(pilot).tasks.is_counting:
                break
        await pilot.pause()
        done = sum(task.status is Status.SUCCEEDED for task in service.tasks.values())
        assert done > 5000
        assert f"Done {done} " in shown(pilot)


def test_time_alone_is_looked_for_only_in_views_that_it_changes() -> None:
    from tests.tui.fakes import FakeClock

    clock = FakeClock()
    views = make_views([], {"young": "age<1h"})
    tasks = {f"t{place}": make_task(f"t{place}", Status.SUCCEEDED) for place in range(3000)}
    kept = TaskList(clock.now, views)
    kept.show(tasks)
    _count(kept)
    moving = [view.name for view in views if view.query.moves]
    assert moving == ["Needs attention", "young"]
    clock.advance(7200)
    kept.look_again()
    _count(kept)
    counts = dict(zip([view.name for view in views], kept.counts(), strict=True))
    assert counts == {"All": 3000, "Running": 0, "Needs attention": 0, "Done": 3000, "young": 0}


def _count(listed: TaskList) -> None:
    while listed.is_counting:
        listed.count_on()
