"""From match to match, and round again after the last. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from backend.language import _


class Found(NamedTuple):
    """A key that fits, and whether the way to it went over an end."""

    key: str
    wrapped: bool


def next_one(keys: Sequence[str], here: str | None, fits: Callable[[str], bool], step: int) -> Found | None:
    """Return the next key after `here` that fits, from the other end again after the last; with a `step` of
    -1 the other way round. The one here comes last. None if none fits."""
    way = list(keys)[::step]
    start = way.index(here) + 1 if here in way else 0
    for place, key in enumerate((*way[start:], *way[:start]), start):
        if fits(key):
            return Found(key, wrapped=place >= len(way))
    return None


def wrapped_words(step: int) -> str:
    """Say that the way went over an end."""
    return _("From the top again") if step > 0 else _("From the bottom again")
