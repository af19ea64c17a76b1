"""A table of measurements: each against something else in the same run, with its goal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True)
class Row:
    """What was measured, against what. Times are in ms, one of each a round."""

    what: str
    against: str
    goal: float | None = None
    """The most that the median may be: of the ratio, or with `unit` ``ms`` of the time itself."""
    unit: str = "×"
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def add(self, ours: float, theirs: float) -> None:
        """Add a round."""
        self.ours.append(ours)
        self.theirs.append(theirs)

    @property
    def figures(self) -> list[float]:
        """What the goal is for, a figure a round."""
        if self.unit == "ms":
            return self.ours
        return [one / other for one, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def holds(self) -> bool:
        """Whether the goal is reached."""
        return self.goal is None or median(self.figures) <= self.goal


def print_rows(rows: Iterable[Row]) -> int:
    """Print rows; return 1 if one of them misses its goal, else 0."""
    rows = list(rows)
    print(
        f"{'what':36} {'ms':>8}  {'against':30} {'ms':>8}   {'min':>7} {'median':>7} {'max':>7}   {'goal':>8}"
    )
    for row in rows:
        low, middle, high = min(row.figures), median(row.figures), max(row.figures)
        verdict = "" if row.goal is None else f"≤ {row.goal:g} {row.unit}  {'ok' if row.holds else 'MISSED'}"
        print(
            f"{row.what:36} {median(row.ours):8.3f}  {row.against:30} {median(row.theirs):8.3f}"
            f"   {low:7.2f} {middle:7.2f} {high:7.2f}   {verdict}"
        )
    return 0 if all(row.holds for row in rows) else 1
