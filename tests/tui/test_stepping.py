"""From match to match."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import dashboard, shown
from tests.tui.waiting import until
from tui.stepping import Found, next_one


@pytest.mark.parametrize(
    ("keys", "here", "step", "found"),
    [
        ("aXbX", "a", 1, 1),
        ("aXbY", "X", 1, 3),
        ("aXbY", "X", -1, (3, True)),
        ("aXbY", "Y", 1, (1, True)),
        ("aXb", "X", 1, (1, True)),
        ("aXb", None, 1, 1),
        ("aXb", "gone", -1, 1),
        ("abc", "a", 1, None),
        ("", None, 1, None),
    ],
)
def test_the_next_that_fits_is_found_round_the_end(
    keys: str, here: str | None, step: int, found: int | tuple[int, bool] | None
) -> None:
    place, wrapped = found if isinstance(found, tuple) else (found, False)
    expected = None if place is None else Found(keys[place], wrapped)
    assert next_one(keys, here, str.isupper, step) == expected


async def test_matches_are_gone_through_among_their_neighbours(
    running: Running, service: FakeService
) -> None:
    for number in range(9):
        service.put(make_task(f"t{number}", prompt="雨夜 [/b]" if number in (2, 5) else "a fox"))
    async with running() as pilot:
        table = dashboard(pilot).table
        await pilot.press("n")
        await until(pilot, lambda: "/ searches" in shown(pilot))
        await pilot.press("slash", *"雨夜", "enter", "escape")
        await until(pilot, lambda: len(table.keys) == 23)
        seen = []
        for key in ("home", "n", "n", "N"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(table.cursor_key)
        assert seen == ["t8", "t5", "t2", "t5"]
        assert "From the top" not in shown(pilot)
        await pilot.press("n", "n")
        await until(pilot, lambda: "From the top again" in shown(pilot))
        assert table.cursor_key == "t5"
        for key in ("t2", "t5"):
            service.change(key, prompt="a fox")
        await until(pilot, lambda: "雨" not in shown(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "None of 23 tasks shown fits 雨夜" in shown(pilot))
