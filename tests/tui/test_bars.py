"""The top and the bottom line."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backend.models import Status
from tests.tui.fakes import gallery, make_task
from tui.widgets.header_bar import Tally, count_parts
from tui.widgets.status_bar import fitting

HINTS = [("n", "new"), ("enter", "open"), ("y", "copy")]
LAST = [("?", "help"), ("q", "quit")]


@pytest.mark.parametrize("room", [0, 5, 20, 40, 80, 200])
def test_counts_fit_and_lose_words_before_numbers(room: int) -> None:
    parts = count_parts(Counter(task.status for task in gallery()), room)
    assert sum(cell_len(text) + 1 for text, _ in parts) <= room
    if room == 200:
        assert all(any(letter.isalpha() for letter in text) for text, _ in parts)


def test_words_become_short_before_they_go() -> None:
    counts = {Status.RUNNING: 20, Status.QUEUED: 3, Status.FAILED: 1, Status.SUCCEEDED: 412}

    def words(room: int) -> str:
        return " ".join(text for text, _ in count_parts(counts, room))

    assert "20 running" in words(70)
    assert "20 run " in words(36)
    assert "412 ok" in words(36)


def test_running_comes_first() -> None:
    assert count_parts(Counter(task.status for task in gallery()), 40)[0][0].startswith("▸")
    assert count_parts({Status.RUNNING: 1}, 40) == [("▸ 1 running ", "active")]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([*Status, None])), max_size=20))
def test_a_tally_that_is_told_of_changes_is_right(changes: list[tuple[str, Status | None]]) -> None:
    tasks = {"a": make_task("a"), "b": make_task("b", Status.FAILED)}
    tally = Tally(tasks)
    for key, status in changes:
        tasks.pop(key, None)
        if status is not None:
            tasks[key] = make_task(key, status)
        tally.learn([key])
    assert +tally.counts == Tally(tasks).counts


def test_the_last_hints_are_never_left_out() -> None:
    assert fitting(HINTS, LAST, 200) == [*HINTS, *LAST]
    assert fitting(HINTS, LAST, 27) == [HINTS[0], *LAST]
    assert fitting(HINTS, LAST, 0) == LAST
