"""From match to match, and round again after the last. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from backend.language import _
from tui.actions import key


class Found(NamedTuple):
    """A key that fits, and whether the way to it went over an end."""

    key: str
    wrapped: bool


def next_one(keys: Sequence[str], here: str | None, fits: Callable[[str], bool], step: int) -> Found | None:
    """Return the next key after `here` that fits, from the other end again after the last; with a `step` of
    -1 the other way round. The one here comes last. None if none fits."""
    way = list(keys)[::step]
    start = way.index(here) + 1 if here in way else 0
    for place, each in enumerate((*way[start:], *way[:start]), start):
        if fits(each):
            return Found(each, wrapped=place >= len(way))
    return None


def nothing_sought(filter: str, step: str) -> str:
    """Say that there is nothing to step to yet, with the keys of the actions that change this."""
    words = _("Nothing is searched yet: {filter} searches, {next} then goes from match to match")
    return words.format(filter=key(filter), next=key(step))


def wrapped_words(step: int) -> str:
    """Say that the way went over an end."""
    return _("From the top again") if step > 0 else _("From the bottom again")
