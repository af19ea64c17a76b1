"""Choices of a field, and finding one of them by typing. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

_PAUSE = 0.8
"""Seconds after which a letter starts a new word."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, what it is called, and a word about it."""

    value: str
    label: str
    note: str = ""


class TypeAhead:
    """Collects letters typed in a row into the beginning of a word."""

    def __init__(self) -> None:
        self._typed = ""
        self._at = 0.0

    def find(self, choices: Sequence[Choice], letter: str, current: str) -> Choice | None:
        """Return the choice that begins with what was typed up to `letter`, or else with `letter`."""
        now = time.monotonic()
        self._typed = letter if now - self._at > _PAUSE else self._typed + letter
        self._at = now
        found = match(choices, self._typed, current)
        if found is None and self._typed != letter:
            self._typed = letter
            found = match(choices, letter, current)
        return found


def match(choices: Sequence[Choice], typed: str, current: str) -> Choice | None:
    """Return the choice that begins with `typed`; one letter typed again goes on to the next."""
    typed = typed.casefold()
    repeated = len(set(typed)) == 1
    found = [choice for choice in choices if choice.label.casefold().startswith(typed)]
    if not found and repeated:
        found = [choice for choice in choices if choice.label.casefold().startswith(typed[0])]
    if not found:
        return None
    values = [choice.value for choice in found]
    if repeated and current in values:
        return found[(values.index(current) + 1) % len(found)]
    return found[0]
