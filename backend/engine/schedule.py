"""When to try next. Pure: the time and the dice are handed in."""

from __future__ import annotations

from backend.models import Failure, FailureKind
from backend.providers.contract import Limits

_GROWTH = 0.1
"""Seconds that the poll interval grows for each second of a task's age."""
_LONGEST_ASKED = 3600.0
"""Seconds of ``Retry-After`` that are obeyed; a longer one is taken for a mistake."""
LOOKS = (4.0, 10.0, 30.0, 90.0, 180.0)
"""Seconds before each look for a task that may exist; after the last one it rests."""


def poll_delay(age: float, limits: Limits, chance: float) -> float:
    """Return the seconds to the next poll of a task that was sent `age` seconds ago.

    Grows from ``poll_first`` to ``poll_max``; `chance` (0 to 1) spreads it by a tenth either way.
    """
    longest = max(limits.poll_first, limits.poll_max)
    return min(longest, limits.poll_first + max(age, 0.0) * _GROWTH) * _spread(chance, 0.1)


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
