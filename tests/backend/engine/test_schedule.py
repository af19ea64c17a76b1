"""When to try next: pure arithmetic."""

from __future__ import annotations

import pytest

from backend.engine.schedule import back_off, poll_delay, retry_delay, slow_delay
from backend.models import Failure, FailureKind
from backend.providers.contract import Limits

LIMITS = Limits(concurrency=1, min_spacing=1.0, poll_first=5.0, poll_max=20.0)


@pytest.mark.parametrize(
    ("age", "delay"), [(-3, 5.0), (0, 5.0), (50, 10.0), (1000, 20.0), (float("inf"), 20.0)]
)
def test_polls_grow_apart(age: float, delay: float) -> None:
    assert poll_delay(age, LIMITS, 0.5) == delay


def test_jitter_is_a_tenth_either_way() -> None:
    assert poll_delay(0, LIMITS, 0.0) == pytest.approx(4.5)
    assert poll_delay(0, LIMITS, 1.0) == pytest.approx(5.5)


def test_a_first_interval_above_the_last_one_wins() -> None:
    odd = Limits(concurrency=1, min_spacing=1.0, poll_first=30.0, poll_max=20.0)
    assert poll_delay(1000, odd, 0.5) == 30.0


def test_back_off_doubles_up_to_its_end() -> None:
    assert [back_off(count, 0.5) for count in (0, 1, 2, 3, 7, 10_000)] == [2, 2, 4, 8, 60, 60]


def test_the_server_may_ask_for_more_never_for_less() -> None:
    asked = Failure(kind=FailureKind.RATE_LIMIT, retry_after=30.0)
    assert retry_delay(asked, 1, 0.5) == 30.0
    assert retry_delay(asked, 6, 0.5) == 60.0
    assert retry_delay(Failure(kind=FailureKind.RATE_LIMIT, retry_after=1e9), 1, 0.5) == 3600.0


@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.QUOTA])
def test_what_a_person_must_mend_is_tried_slowly(kind: FailureKind) -> None:
    assert retry_delay(Failure(kind=kind), 1, 0.5) == 60.0
    assert retry_delay(Failure(kind=kind), 9, 0.5) == 900.0


def test_questions_are_rare_while_no_end_is_to_be_expected() -> None:
    """Of a job that usually takes 100 s."""
    asked = {age: poll_delay(age, LIMITS, 0.5, typical=100.0) for age in (0, 50, 58, 60, 150, 200, 1000)}
    assert asked == {0: 20.0, 50: 10.0, 58: 5.0, 60: 5.0, 150: 5.0, 200: 10.0, 1000: 20.0}


def test_a_quick_job_is_never_asked_about_more_often_than_may_be() -> None:
    assert poll_delay(0, LIMITS, 0.5, typical=1.0) == 5.0


def test_what_lies_open_is_asked_about_twice_as_often() -> None:
    assert poll_delay(1000, LIMITS, 0.5, focused=True) == 2.5
    assert poll_delay(0, LIMITS, 0.5, typical=1000.0, focused=True) == 2.5


def test_what_nobody_knows_is_asked_about_ever_more_rarely() -> None:
    assert [slow_delay(age, LIMITS, 0.5) for age in (0, 20, 100, 10_000)] == [20.0, 30.0, 70.0, 300.0]
