"""Waiting for whatever comes first: a time, or something to do."""

from __future__ import annotations

import asyncio

from backend.clock import Clock


class Alarm:
    """Wakes one waiting machine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait that is on, or the next one."""
        self._rung.set()

    async def wait(self, seconds: float | None) -> None:
        """Return after `seconds`, or when rung; None waits for the bell alone."""
        if seconds is None:
            await self._rung.wait()
        elif not self._rung.is_set():
            await self._race(seconds)
        self._rung.clear()

    async def _race(self, seconds: float) -> None:
        racers = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._rung.wait()),
        }
        try:
            await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for racer in racers:
                racer.cancel()
            await asyncio.gather(*racers, return_exceptions=True)


class Pace:
    """Keeps an account's requests apart, in the order in which they ask for a turn."""

    def __init__(self, clock: Clock, spacing: float) -> None:
        self._clock = clock
        self._spacing = spacing
        self._free_at = 0.0

    async def turn(self) -> None:
        """Return when the next request may go, `spacing` seconds after the one before."""
        now = self._clock.monotonic()
        at = max(now, self._free_at)
        self._free_at = at + self._spacing
        if at > now:
            await self._clock.sleep(at - now)
