"""How fast files come in and when they will be here. Pure: times are handed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

_WINDOW_SECONDS = 5.0
"""What a rate is the mean of."""
_STEP_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A file on its way, or several taken together, at one moment."""

    done: int
    """Bytes here."""
    total: int | None = None
    """Bytes of the whole, where the server says so."""
    rate: float | None = None
    """Bytes a second, lately; None until there is something to measure."""

    @property
    def fraction(self) -> float | None:
        """Return 0 to 1, where the whole is known."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """Return what the rate lets one expect; None where it says nothing."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate


class Meter:
    """Measures one file."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self._done = 0
        self._total: int | None = None

    def add(self, now: float, done: int, total: int | None) -> None:
        """Take note that `done` bytes are here `now`; fewer than before is a new beginning."""
        if done < self._done:
            self._marks.clear()
        self._done, self._total = done, total
        if not self._marks or now - self._marks[-1][0] >= _STEP_SECONDS:
            self._marks.append((now, done))
            while len(self._marks) > 2 and now - self._marks[1][0] >= _WINDOW_SECONDS:
                self._marks.popleft()

    def read(self, now: float) -> Progress:
        """Return how the file stands; a stalled one loses its rate as time goes on."""
        rate = None
        if self._marks and now - self._marks[0][0] >= _STEP_SECONDS:
            since, had = self._marks[0]
            # A moment without a byte is no stall yet.
            rate = (self._done - had) / (now - since)
            if not rate and now - since < _WINDOW_SECONDS:
                rate = None
        return Progress(done=self._done, total=self._total, rate=rate)


def overall(files: Iterable[Progress]) -> Progress:
    """Return several files as one; the whole is known only if that of each is."""
    each = list(files)
    totals = [file.total for file in each if file.total is not None]
    rates = [file.rate for file in each if file.rate is not None]
    return Progress(
        done=sum(file.done for file in each),
        total=sum(totals) if each and len(totals) == len(each) else None,
        rate=sum(rates) if rates else None,
    )
