"""What an account's requests have been like just now: how many, how many in vain, how long they took."""

from __future__ import annotations

from collections import deque

from backend.clock import Clock

_WINDOW = 60
"""Seconds that are counted."""
_LATENCIES = 20
"""Requests whose time is kept."""


class Traffic:
    """Counts by the second, so that it costs the same at any number of requests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seconds: deque[list[int]] = deque()
        """Second, requests, those in vain."""
        self.latencies: deque[float] = deque(maxlen=_LATENCIES)
        """Seconds from sending to the answer, of the last ones that were answered."""

    def note(self, seconds: float, *, answered: bool) -> None:
        """Count a request that took so long."""
        now = int(self._clock.monotonic())
        if not self._seconds or self._seconds[-1][0] != now:
            self._forget(now)
            self._seconds.append([now, 0, 0])
        self._seconds[-1][1] += 1
        if answered:
            self.latencies.append(seconds)
        else:
            self._seconds[-1][2] += 1

    def last_minute(self) -> tuple[int, int]:
        """Return how many requests there were, and how many of them brought no answer."""
        self._forget(int(self._clock.monotonic()))
        return sum(each[1] for each in self._seconds), sum(each[2] for each in self._seconds)

    def _forget(self, now: int) -> None:
        while self._seconds and self._seconds[0][0] <= now - _WINDOW:
            self._seconds.popleft()
