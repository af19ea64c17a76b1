"""A clock that a test winds: hours pass at once, and every sleeper wakes in its turn."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

_YIELDS = 5000


class FakeClock:
    """Stands still until wound. Coroutines run until all of them wait; only then does time pass."""

    def __init__(self) -> None:
        self.start = datetime(2026, 9, 21, 12, tzinfo=UTC)
        self.seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._number), future))
        await future

    async def settle(self) -> None:
        """Return when nothing can go on without time passing."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        for _ in range(_YIELDS):
            await asyncio.sleep(0)
            if not ready:
                return
        raise AssertionError("something runs without ever waiting")

    async def run(self, seconds: float) -> None:
        """Let `seconds` pass."""
        end = self.seconds + seconds
        await self.settle()
        while self._wake_next(end):
            await self.settle()
        self.seconds = end

    async def until(self, done: Callable[[], object], limit: float = 7200.0) -> None:
        """Let time pass until `done`, at most `limit` seconds."""
        end = self.seconds + limit
        await self.settle()
        while not done():
            if not self._wake_next(end):
                raise AssertionError(f"did not happen within {limit} s")
            await self.settle()

    def _wake_next(self, end: float) -> bool:
        while self._sleepers:
            at, _, future = self._sleepers[0]
            if not future.done() and at > end:
                return False
            heapq.heappop(self._sleepers)
            if not future.done():
                self.seconds = max(self.seconds, at)
                future.set_result(None)
                return True
        return False
