"""What can be taken back, and done again, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_REMEMBERED = 50

Way = Callable[[], Awaitable[object]]
"""What changes something; it may raise ReeltopError or OSError."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, with the way back and the way there again."""

    undone: str
    """In words that follow "undone:"."""
    back: Way
    done: str
    """In words that follow "done again:"."""
    again: Way


class UndoStack:
    """The last steps, and those of them that were taken back."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._taken_back: list[Step] = []
        self.turn = asyncio.Lock()
        """Held while a step is taken and its way is gone: keys may come faster than the disk."""

    def did(self, step: Step) -> None:
        """Note what was done; what was taken back before cannot be done again from now on."""
        self._steps = [*self._steps, step][-_REMEMBERED:]
        self._taken_back = []

    def take(self) -> Step | None:
        """Return the newest step and forget it; None if there is none."""
        return self._steps.pop() if self._steps else None

    def took_back(self, step: Step) -> None:
        """Note that a step was taken back, so that it can be done again."""
        self._taken_back.append(step)

    def take_again(self) -> Step | None:
        """Return the step that was taken back last and forget it; None if there is none."""
        return self._taken_back.pop() if self._taken_back else None

    def did_again(self, step: Step) -> None:
        """Note that a step was done again; what else was taken back can still be."""
        self._steps = [*self._steps, step][-_REMEMBERED:]

    def forget(self) -> None:
        """Forget all steps: what they would change is out of reach."""
        self._steps, self._taken_back = [], []
