"""The tabs above the table: filters with a name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.language import N_, _
from backend.query import Query, parse, quoted

ATTENTION = N_("Needs attention")


@dataclass(frozen=True, slots=True)
class View:
    """One tab."""

    name: str
    query: Query
    is_ours: bool = False

    @property
    def title(self) -> str:
        """What it is called: ours in the language that is spoken, others as their owner says."""
        return _(self.name) if self.is_ours else self.name


def make_views(accounts: Iterable[str], own: Mapping[str, str]) -> list[View]:
    """Return our views, then the user's `own` filters by name, then one for each of several accounts.

    An own view that is called like one of ours stands in its place.
    """
    ours = {
        N_("All"): "",
        N_("Running"): "is:active",
        ATTENTION: "is:attention",
        N_("Done"): "status:succeeded",
    }
    filters = {**ours, **own}
    names = list(dict.fromkeys(accounts))
    if len(names) > 1:
        for name in names:
            filters.setdefault(name, f"account={quoted(name)}")
    return [
        View(name, parse(text), is_ours=name in ours and name not in own) for name, text in filters.items()
    ]
