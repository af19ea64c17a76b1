"""Waiting: for whatever comes first, for a turn, for a thread."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from backend.clock import Clock

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


async def in_thread(work: Callable[_Given, _Result], *args: _Given.args, **options: _Given.kwargs) -> _Result:
    """Run `work` in a thread to its end, even if cancelled meanwhile.

    What works on a file must not go on behind the back of whoever cleans up.
    """
    return await _to_its_end(asyncio.ensure_future(asyncio.to_thread(work, *args, **options)))


async def in_thread_of_its_own(work: Callable[[], _Result], stop: Callable[[], None]) -> _Result:
    """Run `work`, which takes long, in a thread that nobody else waits for. `stop` ends it if cancelled."""
    from concurrent.futures import ThreadPoolExecutor

    thread = ThreadPoolExecutor(1, thread_name_prefix="reeltop")
    job = asyncio.get_running_loop().run_in_executor(thread, work)
    thread.shutdown(wait=False)
    return await _to_its_end(job, stop)


async def _to_its_end(job: asyncio.Future[_Result], stop: Callable[[], None] = lambda: None) -> _Result:
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        stop()
        await ended(job)
        raise


async def ended(job: asyncio.Future[_Result]) -> None:
    """Return when `job` has ended, no matter how; not before, even if cancelled meanwhile."""
    cancelled = None
    while not job.done():
        try:
            await asyncio.wait({job})
        except asyncio.CancelledError as error:
            cancelled = error
    if not job.cancelled():
        job.exception()  # nobody asks for it any more
    if cancelled is not None:
        raise cancelled


TICK = 0.05
"""Seconds. What is due is done a tick at a time: waking up is what costs (PERF 5)."""


_BURST = 6
"""What part of a minute's requests may go out at once."""


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
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        sleep.add_done_callback(lambda sleep: None if sleep.cancelled() else self._rung.set())
        try:
            await self._rung.wait()
        finally:
            if not sleep.done():
                sleep.cancel()


class Pace:
    """Keeps an account's requests apart, in the order in which they ask for a turn.

    A spacing below a tick is kept on average: the requests of one tick go out together. `per_minute` is a
    token bucket beside it, full at first, that holds ten seconds' worth.
    """

    def __init__(self, clock: Clock, spacing: float, per_minute: int | None = None) -> None:
        self._clock = clock
        self._spacing = spacing
        self._ahead = TICK if spacing < TICK else 0.0
        self._free_at = 0.0
        self._refill = 60 / per_minute if per_minute else 0.0
        self._credit = self._refill * max(per_minute // _BURST - 1, 0) if per_minute else 0.0
        self._full_at = 0.0
        """When the bucket would be full again: a turn each `refill` seconds that are missing was taken."""

    async def turn(self) -> None:
        """Return when the next request may go."""
        now = self._clock.monotonic()
        at = max(now, self._free_at, self._full_at - self._credit)
        self._free_at = at + self._spacing
        self._full_at = max(at, self._full_at) + self._refill
        if self._ahead:
            await self._sleep_ticks(at - now)
        elif at > now:
            await self._clock.sleep(at - now)

    async def _sleep_ticks(self, seconds: float) -> None:
        ticks = math.ceil((seconds - self._ahead) / TICK)
        if ticks > 0:
            await self._clock.sleep(ticks * TICK)
