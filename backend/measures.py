"""What can be measured of a task: spans, cost, whether it is in trouble. Pure; spans are in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from backend.states import ArtifactState, FailureKind, Status

if TYPE_CHECKING:
    from backend.models import Artifact, Failure, Task

SOON = 6 * 3600.0
"""Seconds before a file goes, from when on someone should hear of it."""

PROBLEMS = frozenset({Status.FAILED, Status.REJECTED, Status.UNCONFIRMED, Status.LOST})


def is_problem(task: Task) -> bool:
    """Whether someone should look at the task: it did not go well, or is not going well."""
    if task.status in PROBLEMS or task.trouble is not None:
        return True
    return any(artifact.failure is not None for artifact in task.artifacts)


def failures(task: Task) -> Iterator[Failure]:
    """Yield the failures that a task knows of: its own, its trouble's, its downloads'."""
    if task.failure is not None:
        yield task.failure
    if task.trouble is not None:
        yield task.trouble.failure
    for artifact in task.artifacts:
        if artifact.failure is not None:
            yield artifact.failure


def elapsed(task: Task, now: datetime) -> float:
    """Return the seconds since the task was sent, or since it was made if it was not; stops at its end."""
    end = task.finished_at if task.status.is_final and task.finished_at else None
    if end is None:
        end = task.updated_at if task.status.is_final else now
    return max(0.0, (end - (task.sent_at or task.created_at)).total_seconds())


def age(task: Task, now: datetime) -> float:
    """Return the seconds since the task was made."""
    return (now - task.created_at).total_seconds()


def since_end(task: Task, now: datetime) -> float | None:
    """Return the seconds since the task's end; None while there is none."""
    if not task.status.is_final:
        return None
    return (now - (task.finished_at or task.updated_at)).total_seconds()


def until_gone(task: Task, now: datetime) -> float | None:
    """Return the seconds until the first file that is not saved goes; None if no such file has an end."""
    ends = [
        artifact.remote.expires_at
        for artifact in task.artifacts
        if artifact.state is not ArtifactState.SAVED and artifact.remote.expires_at is not None
    ]
    return (min(ends) - now).total_seconds() if ends else None


def refusal(artifact: Artifact) -> Failure | None:
    """Return with what the file's link was refused when it was last tried, whatever its end is said to be."""
    failure = artifact.failure
    is_refused = failure is not None and failure.kind in (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND)
    return failure if is_refused else None


def cost(task: Task) -> float | None:
    """Return what the provider reported as charged; of several units, the greatest amount in one of them."""
    totals: dict[str, float] = {}
    for charge in task.charges:
        totals[charge.unit] = totals.get(charge.unit, 0.0) + float(charge.amount)
    return max(totals.values(), default=None)
