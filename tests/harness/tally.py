"""Counts of what was tried and what went wrong, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """One row: how often something was tried, and how often each promise was broken."""

    what: str
    trials: int = 0
    unreadable: int = 0
    half_applied: int = 0
    lost: int = 0
    """Trials after which an acknowledged change was missing."""
    unsaid: int = 0
    """Trials after which a damaged file was not set aside, or nobody was told."""

    @property
    def is_clean(self) -> bool:
        """Whether every promise held."""
        return not (self.unreadable or self.half_applied or self.lost or self.unsaid)


def print_tallies(tallies: Sequence[Tally]) -> None:
    """Print a row each."""
    heads = [field.name.replace("_", " ") for field in fields(Tally)]
    print(f"{heads[0]:44}" + "".join(f"{head:>14}" for head in heads[1:]))
    for tally in tallies:
        values = [getattr(tally, field.name) for field in fields(Tally)]
        print(f"{values[0]:44}" + "".join(f"{value:14,}" for value in values[1:]))
