"""Words for numbers and times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len

from backend.measures import elapsed
from backend.models import Failure, FailureKind, Status
from tests.tui.fakes import NOW, POLICY, ago, ahead, make_task
from tui.formatters import (
    MEANINGS,
    STYLES,
    SYMBOLS,
    bar,
    code_and_words,
    retry,
    rough,
    size,
    stopwatch,
    time_left,
    time_of_day,
)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_symbol_of_one_cell_a_meaning_and_a_style(status: Status) -> None:
    assert cell_len(SYMBOLS[status]) == 1
    assert MEANINGS[status]
    assert STYLES[status]
    assert len(set(SYMBOLS.values())) == len(Status)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0:00"), (42, "0:42"), (723, "12:03"), (3723, "1:02:03"), (3600 * 51, "2d 03h")],
)
def test_stopwatch(seconds: float, words: str) -> None:
    assert stopwatch(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (40, "40 s"), (110, "2 min"), (7200, "2 h"), (86_400 * 30, "30 days")],
)
def test_rough(seconds: float, words: str) -> None:
    assert rough(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(999, "999 B"), (1500, "1.5 kB"), (999_960, "1.0 MB"), (5e12, "5.0 TB")]
)
def test_size(count: float, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize("fraction", [-1, 0, 0.004, 0.45, 0.999, 1, 7])
def test_a_bar_keeps_its_width_and_is_full_only_at_the_end(fraction: float) -> None:
    drawn = bar(fraction, 16)
    assert cell_len(drawn) == 16
    assert drawn.endswith("100%") == (fraction >= 1)


def test_elapsed_stops_at_the_end_and_starts_at_sending() -> None:
    assert elapsed(make_task(age=90), NOW) == 90
    assert elapsed(make_task(status=Status.FAILED, age=90), NOW + timedelta(hours=1)) == 85
    assert elapsed(make_task(status=Status.WAITING, age=90), NOW) == 91
    lost = make_task(status=Status.LOST, age=90, finished_at=None)
    assert elapsed(lost, NOW + timedelta(hours=1)) == 85


def test_an_estimate_is_labelled_and_never_negative() -> None:
    task = make_task(age=90)
    assert time_left(task, NOW, 130) == "~40 s left (est.)"
    assert time_left(task, NOW, 60) == "over ~60 s (est.)"
    assert time_left(task, NOW, None) == ""
    assert time_left(make_task(status=Status.SUCCEEDED), NOW, 130) == ""


def test_retry() -> None:
    assert retry(ahead(8), NOW) == "retrying in 8 s"
    assert retry(ago(1), NOW) == "retrying now"
    assert retry(None, NOW) == "on hold"


def test_a_date_is_shown_unless_it_is_today() -> None:
    assert time_of_day(ago(60), NOW) == "15:08:26"
    assert time_of_day(ago(86_400), NOW) == "2026-03-13 15:09:26"


def test_the_providers_words_come_with_its_code_and_ours_only_without_them() -> None:
    assert code_and_words(POLICY) == "1301 Failure to pass the risk control system"
    silent = Failure(kind=FailureKind.PROTOCOL, meaning="Not understood.")
    assert code_and_words(silent) == "Not understood."
