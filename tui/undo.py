"""What can be taken back, newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, in words that follow "undone:", and the way back."""

    words: str
    back: Callable[[], Awaitable[object]]


class UndoStack:
    """The last steps."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def did(self, words: str, back: Callable[[], Awaitable[object]]) -> None:
        """Note what was done; `back` undoes it, and may raise ReeltopError."""
        self._steps = [*self._steps, Step(words, back)][-_REMEMBERED:]

    def take(self) -> Step | None:
        """Return the newest step and forget it; None if there is none."""
        return self._steps.pop() if self._steps else None

    def forget(self) -> None:
        """Forget all steps: what they would undo is out of reach."""
        self._steps = []
