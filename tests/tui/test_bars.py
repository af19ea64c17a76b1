"""The top and the bottom line."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui.fakes import gallery, make_task
from tui.widgets.header_bar import count_parts
from tui.widgets.status_bar import fitting

HINTS = [("n", "new"), ("enter", "open"), ("y", "copy")]
LAST = [("?", "help"), ("q", "quit")]


@pytest.mark.parametrize("room", [0, 5, 20, 40, 80, 200])
def test_counts_fit_and_lose_words_before_numbers(room: int) -> None:
    parts = count_parts(gallery(), room)
    assert sum(cell_len(text) + 1 for text, _ in parts) <= room
    if room == 200:
        assert all(any(letter.isalpha() for letter in text) for text, _ in parts)


def test_running_comes_first() -> None:
    assert count_parts(gallery(), 40)[0][0].startswith("▸")
    assert count_parts([make_task()], 40) == [("▸ 1 running ", "active")]


def test_the_last_hints_are_never_left_out() -> None:
    assert fitting(HINTS, LAST, 200) == [*HINTS, *LAST]
    assert fitting(HINTS, LAST, 27) == [HINTS[0], *LAST]
    assert fitting(HINTS, LAST, 0) == LAST
