"""A table of measurements: each against something else in the same run, with its goal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

_SIGNS = {False: "≤", True: "≥"}
_VERDICTS = {False: "MISSED", True: "ok"}


@dataclass(slots=True)
class Row:
    """What was measured, against what. Times are in ms, one of each a round."""

    what: str
    against: str
    goal: float | None = None
    """The most that the median may be: of the ratio, or with another `unit` of the figure itself."""
    unit: str = "×"
    at_least: bool = False
    """Whether the goal is the least that it may be."""
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def add(self, ours: float, theirs: float) -> None:
        """Add a round."""
        self.ours.append(ours)
        self.theirs.append(theirs)

    @property
    def figures(self) -> list[float]:
        """What the goal is for, a figure a round."""
        if self.unit != "×":
            return self.ours
        return [one / other for one, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def holds(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        middle = median(self.figures)
        return middle >= self.goal if self.at_least else middle <= self.goal


def print_rows(rows: Iterable[Row]) -> int:
    """Print rows; return 1 if one of them misses its goal, else 0."""
    rows = list(rows)
    print(
        f"{'what':36} {'ms':>8}  {'against':30} {'ms':>8}   {'min':>7} {'median':>7} {'max':>7}   {'goal':>8}"
    )
    for row in rows:
        low, middle, high = min(row.figures), median(row.figures), max(row.figures)
        verdict = (
            ""
            if row.goal is None
            else f"{_SIGNS[row.at_least]} {row.goal:g} {row.unit}  {_VERDICTS[row.holds]}"
        )
        print(
            f"{row.what:36} {median(row.ours):8.3f}  {row.against:30} {median(row.theirs):8.3f}"
            f"   {low:7.2f} {middle:7.2f} {high:7.2f}   {verdict}"
        )
    return 0 if all(row.holds for row in rows) else 1
