"""A breaker: after trouble in a row, one careful try at a time until something works again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from backend.clock import Clock
from backend.engine.schedule import retry_delay
from backend.models import Failure, FailureKind, Trouble

_AT_ONCE = frozenset({FailureKind.AUTH, FailureKind.QUOTA, FailureKind.RATE_LIMIT})
"""What concerns the whole account from the first time."""


class Circuit:
    """Whether an account answers, and how many requests it may be asked at a time."""

    def __init__(
        self,
        clock: Clock,
        chance: Callable[[], float],
        on_change: Callable[[], None],
        *,
        threshold: int,
        most: float = 60.0,
    ) -> None:
        self.trouble: Trouble | None = None
        """Set while it is open; None when all is well."""
        self._clock = clock
        self._chance = chance
        self._on_change = on_change
        self._threshold = threshold
        self._most = most
        self._failures = 0
        self._ready_at = 0.0

    def room(self, usual: int) -> int:
        """Return how many requests may be under way now."""
        if self.trouble is None:
            return usual
        return 1 if self.delay <= 0 else 0

    @property
    def delay(self) -> float:
        """Seconds until the next try is allowed."""
        return max(0.0, self._ready_at - self._clock.monotonic()) if self.trouble else 0.0

    def failed(self, failure: Failure) -> float:
        """Count a failure and return the seconds to wait before the next try."""
        self._failures += 1
        seconds = retry_delay(failure, self._failures, self._chance(), most=self._most)
        if self.trouble or failure.kind in _AT_ONCE or self._failures >= self._threshold:
            now = self._clock.now()
            self._ready_at = self._clock.monotonic() + seconds
            self.trouble = Trouble(
                failure=failure,
                since=self.trouble.since if self.trouble else now,
                count=self._failures,
                next_try=now + timedelta(seconds=seconds),
            )
            self._on_change()
        return seconds

    def worked(self) -> None:
        """Note that a request was answered as it should be."""
        self._failures = 0
        if self.trouble:
            self.trouble = None
            self._on_change()

    def retry_now(self) -> None:
        """Allow the next try at once: a person asked for it."""
        self._ready_at = 0.0
