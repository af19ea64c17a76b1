"""Waiting: for whatever comes first, for a turn, for a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from backend.clock import Clock

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


async def in_thread(work: Callable[_Given, _Result], *args: _Given.args, **options: _Given.kwargs) -> _Result:
    """Run `work` in a thread to its end, even if cancelled meanwhile.

    What works on a file must not go on behind the back of whoever cleans up.
    """
    job = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait({job})
        if not job.cancelled():
            job.exception()  # nobody asks for it any more
        raise


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
