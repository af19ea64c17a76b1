"""Requests for a round of questions about 1,000 running tasks: ``python -m tests.benchmarks.requests``.

Counted over some rounds of a second, in which each task is due once, against the sandbox. The tests count by
the sandbox's own log; here our own tells, too, which tasks a request was about.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from backend.providers.contract import Limits
from backend.request_log import RequestLog
from backend.sandbox.server import SandboxServer
from tests.backend.engine.test_requests_counted import KINDS, MOST, ROUND, RUNNING, at_work, running
from tests.benchmarks.table import Row, print_rows

_WORDS = {
    "chanjing": "Chanjing, 50 ids each",
    "kling-v2": "API 2.0, 20 ids each",
    "kling": "legacy, list pages",
}
_ROUNDS = 3
_WARM_UP, _MEASURED = 3, 6
"""Seconds, and so rounds."""


async def requests_a_round(kind: str, folder: Path) -> float:
    """Return how many requests a round took, on average."""
    limits = Limits(concurrency=RUNNING, min_spacing=0.0001, poll_first=ROUND, poll_max=ROUND, deadline=3600)
    log = RequestLog()
    async with SandboxServer(speed=0.001) as server:
        tasks = running(server, kind)
        async with at_work(server, tasks, limits, folder, log):
            await asyncio.sleep(_WARM_UP * ROUND)
            before = len(log.entries)
            await asyncio.sleep(_MEASURED * ROUND)
            entries = list(log.entries)[before:]
    # A round is over when each task was asked about once; what is due soon is asked along, a little early.
    # The first page of a list asks about all of them, the next ones about those not found yet.
    lists = sum(len(entry.tasks) == RUNNING for entry in entries)
    return len(entries) / (lists or sum(len(entry.tasks) for entry in entries) / RUNNING)


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    rows = []
    for kind in KINDS:
        row = Row(f"a round: {_WORDS[kind]}", "", goal=float(MOST[kind]), unit="")
        for _ in range(_ROUNDS):
            with tempfile.TemporaryDirectory(prefix="reeltop-") as name:
                row.add(asyncio.run(requests_a_round(kind, Path(name))), 1.0)
        rows.append(row)
    return print_rows(rows)


if __name__ == "__main__":
    sys.exit(main())
