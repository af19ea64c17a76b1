"""When to try next. Pure: the time and the dice are handed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.models import Failure, FailureKind
from backend.providers.contract import Limits

_GROWTH = 0.1
"""Seconds that the poll interval grows for each second of a task's age."""
_EARLIEST, _LATEST = 0.6, 1.5
"""Between these parts of the typical time a job is expected to end."""
_FOCUS = 0.5
"""Part of ``poll_first`` between polls of a task that somebody looks at."""
_SLOWEST, _SLOWING = 300.0, 0.5
"""Seconds between polls of a task in an unknown state at most, and how quickly they grow with its time."""
_LONGEST_ASKED = 3600.0
"""Seconds of ``Retry-After`` that are obeyed; a longer one is taken for a mistake."""
LOOKS = (4.0, 10.0, 30.0, 90.0, 180.0)
"""Seconds before each look for a task that may exist; after the last one it rests."""


def poll_delay(
    age: float, limits: Limits, chance: float, *, typical: float | None = None, focused: bool = False
) -> float:
    """Return the seconds to the next poll of a task that was sent `age` seconds ago.

    Grows with age from ``poll_first`` to ``poll_max``. Where it is known how many seconds such jobs take
    (`typical`), questions are rare while an end is not to be expected, frequent around it, and grow apart
    afterwards. A `focused` task lies open before somebody. `chance` (0 to 1) spreads by a tenth either way.
    """
    first, longest = limits.poll_first, max(limits.poll_first, limits.poll_max)
    if typical is None:
        delay = first + max(age, 0.0) * _GROWTH
    elif age < typical * _EARLIEST:
        delay = max(first, typical * _EARLIEST - age)
    else:
        delay = first + max(age - typical * _LATEST, 0.0) * _GROWTH
    if focused:
        delay = min(delay, first * _FOCUS)
    return min(longest, delay) * _spread(chance, 0.1)


def expected_end(sent_at: datetime, typical: float | None) -> datetime | None:
    """Return when a job has most likely ended that was sent at `sent_at`, if such jobs are known."""
    return None if typical is None else sent_at + timedelta(seconds=typical * _LATEST)


def slow_delay(unknown_for: float, limits: Limits, chance: float) -> float:
    """Return the seconds to the next poll of a task that for so long has been in a state nobody knows."""
    longest = max(limits.poll_first, limits.poll_max)
    slowest = max(longest, _SLOWEST)
    return min(slowest, longest + max(unknown_for, 0.0) * _SLOWING) * _spread(chance, 0.1)


def back_off(count: int, chance: float, *, first: float = 2.0, most: float = 60.0) -> float:
    """Return the seconds to wait after `count` failures in a row: doubling from `first` up to `most`."""
    doubled = first * 2.0 ** min(max(count, 1) - 1, 30)
    return min(most, doubled) * _spread(chance, 0.25)


def retry_delay(failure: Failure, count: int, chance: float, *, most: float = 60.0) -> float:
    """Return the seconds to wait after the `count`-th failure in a row, at least what the server asks.

    A credential or a balance is mended by a person, not by asking often.
    """
    if failure.kind in (FailureKind.AUTH, FailureKind.QUOTA):
        delay = back_off(count, chance, first=60.0, most=900.0)
    else:
        delay = back_off(count, chance, most=most)
    return max(delay, min(failure.retry_after or 0.0, _LONGEST_ASKED))


def _spread(chance: float, share: float) -> float:
    return 1.0 - share + 2.0 * share * chance
