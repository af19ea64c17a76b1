"""Turns and bells."""

from __future__ import annotations

import asyncio

import pytest

from backend.engine.waiting import Alarm, Pace
from tests.backend.engine.clockwork import FakeClock


async def turns(
    clock: FakeClock, spacing: float, number: int, per_minute: int | None = None, seconds: float = 0
) -> list[float]:
    """Return when so many requests got their turn."""
    pace, times = Pace(clock, spacing, per_minute), list[float]()

    async def ask() -> None:
        await pace.turn()
        times.append(clock.seconds)

    asking = [asyncio.ensure_future(ask()) for _ in range(number)]
    await clock.run(seconds or number * spacing + 1)
    await asyncio.gather(*asking)
    return times


async def test_a_spacing_is_kept(clock: FakeClock) -> None:
    assert await turns(clock, 0.5, 5) == pytest.approx([0, 0.5, 1, 1.5, 2])


async def test_a_spacing_below_a_tick_is_kept_on_average(clock: FakeClock) -> None:
    times = await turns(clock, 0.005, 200)
    assert times[-1] == pytest.approx(0.995, abs=0.06)
    assert len(set(times)) < 150, "those of a tick go out together"
    for start in range(0, 150, 10):
        inside = [at for at in times if times[start] <= at < times[start] + 0.2]
        assert len(inside) <= 0.25 / 0.005 + 1


async def test_requests_a_minute_come_from_a_bucket_that_fills_again(clock: FakeClock) -> None:
    times = await turns(clock, 0.1, 40, per_minute=30, seconds=120)
    assert times[:5] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4]), "ten seconds' worth at once"
    assert times[5:8] == pytest.approx([2, 4, 6])
    for start in times:
        assert sum(start <= at < start + 60 for at in times) <= 30 + 5
    assert times[-1] == pytest.approx(35 * 2)


async def test_the_slower_of_two_limits_counts(clock: FakeClock) -> None:
    assert await turns(clock, 3, 3, per_minute=60) == pytest.approx([0, 3, 6])


async def test_a_bell_that_was_rung_is_not_rung_again_by_the_sleep_it_ended(clock: FakeClock) -> None:
    alarm, woken = Alarm(clock), list[float]()

    async def listen() -> None:
        while True:
            await alarm.wait(10)
            woken.append(clock.seconds)

    listening = asyncio.ensure_future(listen())
    await clock.run(3)
    alarm.ring()
    await clock.run(15)
    listening.cancel()
    assert woken == [3, 13]
