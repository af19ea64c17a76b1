"""How fast and how large pictures may come: measured by how soon the terminal answers behind each. Pure.

After every picture the terminal is asked where its cursor is. It answers once it has taken the picture in, so
an answer that takes longer than the quickest so far means that the line, or the terminal, has a queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

_MOST_WAITING = 8
_DEAF_AFTER = 1.5
"""Seconds without any answer, after which none is expected any more."""
_DEAF_INTERVAL = 0.25
_QUEUE_SECONDS = 0.05
"""By which an answer may be later than the quickest, without there being a queue."""
_LOOK_EVERY = 1.5
_POOR, _GOOD = 6.0, 12.0
"""Pictures a second below which they become smaller, and from which they may become larger again."""


class Pace:
    """Lets pictures through. Times are seconds of `now`."""

    def __init__(self, now: Callable[[], float], scales: Sequence[float] = (1.0,)) -> None:
        """`scales`, from the largest: by which the sides of pictures can be multiplied."""
        self._now = now
        self._scales = scales
        self._waiting: deque[float] = deque()
        self._window = 2
        self._quickest = float("inf")
        self._last_sent = float("-inf")
        self._heard_at = 0.0
        self._is_deaf = False
        self._scale = 0
        self._largest = 0
        self._looked_at = now()
        self._shown = self._wanted = 0

    @property
    def scale(self) -> float:
        """By which to multiply the sides of pictures."""
        return self._scales[self._scale]

    def choose_from(self, scales: Sequence[float], *, smallest_first: bool = False) -> None:
        """Have pictures of these scales from now on, if they are others than so far."""
        if scales != self._scales:
            self._scales, self._largest = scales, 0
            self._scale = len(scales) - 1 if smallest_first else 0

    @property
    def asks(self) -> bool:
        """Whether to ask the terminal behind a picture; not if it never answers."""
        return not self._is_deaf

    def may_show(self) -> bool:
        """Whether the line is free for another picture. Call it once for each that there is."""
        now = self._now()
        self._wanted += 1
        self._look(now)
        if not self._is_deaf and self._waiting and now - max(self._heard_at, self._waiting[0]) > _DEAF_AFTER:
            # One that has answered before is only slow: then what is out may come yet, or is lost.
            self._is_deaf = self._heard_at == 0.0
            self._waiting.clear()
            self._window = 1
        if self._is_deaf:
            return now - self._last_sent >= _DEAF_INTERVAL
        return len(self._waiting) < self._window

    def sent(self) -> None:
        """Note that a picture was written, with a question behind it if :attr:`asks`."""
        self._last_sent = self._now()
        self._shown += 1
        if not self._is_deaf:
            self._waiting.append(self._last_sent)

    def answered(self) -> None:
        """Note that the terminal has answered the oldest question."""
        now = self._now()
        self._heard_at = now
        self._is_deaf = False
        if not self._waiting:
            return
        took = now - self._waiting.popleft()
        self._quickest = min(self._quickest, took)
        if took > self._quickest + _QUEUE_SECONDS + self._quickest / 2:
            self._window = max(1, self._window - 1)
        elif self._window < _MOST_WAITING:
            self._window += 1

    def _look(self, now: float) -> None:
        passed = now - self._looked_at
        if passed < _LOOK_EVERY:
            return
        rate, wanted = self._shown / passed, self._wanted / passed
        if self._is_deaf or not self._heard_at:
            pass  # nothing is measured
        elif rate < min(_POOR, wanted * 0.8) and self._scale < len(self._scales) - 1:
            step = 2 if rate < _POOR / 3 else 1
            self._scale = self._largest = min(self._scale + step, len(self._scales) - 1)
        elif rate >= min(_GOOD, wanted * 0.95) and self._scale > self._largest:
            self._scale -= 1
        self._looked_at, self._shown, self._wanted = now, 0, 0
