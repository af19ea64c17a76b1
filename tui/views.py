"""The tabs above the table: filters with a name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.query import Query, parse, quoted

ATTENTION = "Needs attention"


@dataclass(frozen=True, slots=True)
class View:
    """One tab."""

    name: str
    query: Query


def make_views(accounts: Iterable[str], own: Mapping[str, str]) -> list[View]:
    """Return our views, then the user's `own` filters by name, then one for each of several accounts.

    An own view that is called like one of ours stands in its place.
    """
    filters = {
        "All": "",
        "Running": "is:active",
        ATTENTION: "is:attention",
        "Done": "status:succeeded",
        **own,
    }
    names = list(dict.fromkeys(accounts))
    if len(names) > 1:
        for name in names:
            filters.setdefault(name, f"account={quoted(name)}")
    return [View(name, parse(text)) for name, text in filters.items()]
