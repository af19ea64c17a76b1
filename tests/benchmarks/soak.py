"""A day's work in minutes, with faults all the time: ``python -m tests.benchmarks.soak [--hours 8]``.

What :mod:`tests.harness.soak` finds, as figures: tasks that are stuck, that the sandbox's books tell another
story of, or of which an acknowledged state is gone; jobs that nobody asked for; and memory.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.table import Row, print_rows
from tests.harness import soak


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--hours", type=float, default=8.0)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory(prefix="reeltop-soak-") as name:
        story = asyncio.run(soak.run(Path(name), hours, speed=120.0, seed=1))
    soak.print_story(story)
    unclean = sum(not verdict.is_clean for verdict in story.verdicts.values())
    figures = (
        (Row(f"{hours:g} h: tasks that are stuck", "", goal=0, unit=""), len(story.stuck)),
        (Row("… whose state was lost", "", goal=0, unit=""), len(story.lost)),
        (Row("… unlike the sandbox's books", "", goal=0, unit=""), len(story.contrary)),
        (Row("accounts with a job nobody asked for", "", goal=0, unit=""), unclean),
        (Row("memory at the end", "after warming up", goal=soak.MOST_GROWTH), story.growth),
    )
    for row, figure in figures:
        row.add(figure, 1.0)
    return print_rows(row for row, _ in figures)


if __name__ == "__main__":
    sys.exit(main())
