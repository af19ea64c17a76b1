"""Waiting for what a screen shows."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.pilot import Pilot

_GIVE_UP_SECONDS = 30.0


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait until something holds, and until the screen has settled then. Raises TimeoutError."""
    deadline = monotonic() + _GIVE_UP_SECONDS
    while not holds():
        if monotonic() > deadline:
            raise TimeoutError
        await pilot.pause(0.05)
    await pilot.pause()
