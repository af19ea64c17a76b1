"""How long result files live at their providers, and which are to be fetched before they go. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from backend.engine.board import has_files_to_fetch
from backend.language import N_
from backend.models import Artifact, ArtifactState, Task

WITHIN = timedelta(hours=48)
"""What counts as soon where nobody says otherwise."""
UNKNOWN = N_("unknown: the provider does not say; fetch it soon")


def seconds_left(artifact: Artifact, now: datetime) -> float | None:
    """Return how long the remote file still lives, below 0 if it is gone; None where nobody says."""
    ends = artifact.remote.expires_at
    return None if ends is None else (ends - now).total_seconds()


def unsaved(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks that have a file which is not here, gone or not: a fresh link may still be had."""
    return [task for task in tasks if has_files_to_fetch(task)]


def expiring(tasks: Iterable[Task], now: datetime, within: timedelta = WITHIN) -> list[Task]:
    """Return the tasks with a file that is not here and goes `within` that time, the first to go first.

    Files whose end nobody knows come last: they may go at any time, and to fetch one costs nothing. What is
    gone already is left out.
    """
    found = []
    for task in unsaved(tasks):
        lives = [
            seconds_left(artifact, now)
            for artifact in task.artifacts
            if artifact.state is not ArtifactState.SAVED
        ]
        known = [left for left in lives if left is not None and 0 < left <= within.total_seconds()]
        if known or None in lives:
            found.append((min(known, default=float("inf")), task))
    return [task for _, task in sorted(found, key=lambda each: each[0])]
