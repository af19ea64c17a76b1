"""When to try next: pure arithmetic."""

from __future__ import annotations

import pytest

from backend.engine.schedule import back_off, poll_delay, retry_delay
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
