"""A table of measurements: each against something else in the same run, with its goal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

KEPT_IN = "REELTOP_BENCHMARK_ROWS"
"""Environment variable: the file that rows are kept in for the table of all benchmarks."""

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

    load: float = 0.0
    """The machine's load average when it had been measured. Where others worked as well, absolute figures are
    larger than on a quiet machine."""

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

    @property
    def verdict(self) -> str:
        """The goal and whether it is reached; nothing where there is none."""
        if self.goal is None:
            return ""
        return f"{_SIGNS[self.at_least]} {self.goal:g} {self.unit}  {_VERDICTS[self.holds]}"


def print_rows(rows: Iterable[Row]) -> int:
    """Print rows; return 1 if one of them misses its goal, else 0."""
    rows = list(rows)
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores")
    print(
        f"{'what':36} {'ms':>8}  {'against':30} {'ms':>8}   {'min':>7} {'median':>7} {'max':>7}   {'goal':>8}"
    )
    for row in rows:
        low, middle, high = min(row.figures), median(row.figures), max(row.figures)
        print(
            f"{row.what:36} {median(row.ours):8.3f}  {row.against:30} {median(row.theirs):8.3f}"
            f"   {low:7.2f} {middle:7.2f} {high:7.2f}   {row.verdict}"
        )
    if kept_in := os.environ.get(KEPT_IN):
        with Path(kept_in).open("a") as file:
            file.writelines(f"{json.dumps(asdict(row) | {'load': load})}\n" for row in rows)
    return 0 if all(row.holds for row in rows) else 1


def read_rows(path: Path) -> list[Row]:
    """Return the rows that were kept in a file."""
    return [Row(**json.loads(line)) for line in path.read_text().splitlines()]


def print_summary(named: Iterable[tuple[str, Row]]) -> None:
    """Print the rows of all benchmarks, each under the benchmark's name: the figure that its goal is for."""
    print(f"{'benchmark':12} {'what':36} {'against':34} {'figure':>10}   {'load':>5}   goal")
    for name, row in named:
        figure = f"{median(row.figures):.2f} {row.unit}"
        line = f"{name:12} {row.what:36} {row.against:34} {figure:>10}   {row.load:5.1f}   {row.verdict}"
        print(line.rstrip())
