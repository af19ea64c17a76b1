"""A task as one line of the table. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from backend.measures import elapsed
from backend.states import ArtifactState, Status
from tui.formatters import (
    STYLES,
    bar,
    code_and_words,
    operation_name,
    retry,
    rough,
    size,
    status_mark,
    stopwatch,
    time_left,
)
from tui.widgets.line_table_columns import Cell, Column

if TYPE_CHECKING:
    from backend.download_progress import Progress
    from backend.models import Artifact, Task

COLUMNS = (
    Column("status", "Status", 13),
    Column("account", "Account", 12, grow=1, priority=2),
    Column("model", "Model", 13, grow=1, priority=3),
    Column("prompt", "Prompt", 14, grow=4),
    Column("progress", "Progress", 19, priority=4),
    Column("elapsed", "Elapsed", 7, align="right", priority=1),
    Column("result", "Result", 17, grow=4),
)

_PROGRESS = 16
_SOON = 6 * 3600
"""Seconds before the end of a link that nobody saved, from when on it is shown as doubtful."""


def row(task: Task, now: datetime, typical: float | None, columns: Collection[str]) -> tuple[Cell, ...]:
    """Return the cells of a task. Where the progress column has no room, its text stands for a result."""
    style = STYLES[task.status]
    progress, result = progress_cell(task, now, typical), result_cell(task, now)
    if "progress" not in columns and not result.text:
        result = progress
    return (
        Cell(status_mark(task.status), style),
        Cell(task.account),
        Cell(task.model or task.operation, "muted"),
        Cell(task.prompt) if task.prompt else Cell(operation_name(task), "muted"),
        progress,
        _elapsed(task, now),
        result,
    )


def _elapsed(task: Task, now: datetime) -> Cell:
    """Return how long the provider has had it: what went before would make the time jump back."""
    if task.sent_at is None or task.status is Status.WAITING:
        return Cell("")
    return Cell(stopwatch(elapsed(task, now)), "" if STYLES[task.status] == "active" else "muted")


def progress_cell(task: Task, now: datetime, typical: float | None) -> Cell:
    """Return a bar if the provider tells a number, else an estimate if there is one."""
    if task.status not in (Status.QUEUED, Status.RUNNING):
        return Cell("")
    if task.progress is not None:
        return Cell(bar(task.progress, _PROGRESS), "active")
    words = f"says {task.status_words}" if task.status_words else ""
    return Cell(time_left(task, now, typical) or words, "muted")


def result_cell(task: Task, now: datetime) -> Cell:
    """Return what came of a task, or what stands in its way."""
    if task.trouble is not None and not task.status.is_final:
        words = code_and_words(task.trouble.failure)
        return Cell(f"{retry(task.trouble.next_try, now)}: {words}", "doubtful")
    match task.status:
        case Status.FAILED | Status.REJECTED:
            return Cell(code_and_words(task.failure) if task.failure else "no reason given", "bad")
        case Status.UNCONFIRMED:
            return Cell("may be charged", "doubtful")
        case Status.LOST:
            return Cell(code_and_words(task.failure) if task.failure else "no longer watched", "doubtful")
        case Status.WAITING:
            return Cell(f"waits, {stopwatch(elapsed(task, now))} so far", "muted")
        case Status.QUEUED | Status.RUNNING:
            return Cell("")
    return _files_cell(task.artifacts, now)


def _files_cell(artifacts: tuple[Artifact, ...], now: datetime) -> Cell:
    if not artifacts:
        return Cell("")
    # The least finished file is the one to hear of.
    order = (
        ArtifactState.FAILED,
        ArtifactState.DOWNLOADING,
        ArtifactState.REMOTE,
        ArtifactState.SAVED,
    )
    artifact = min(artifacts, key=lambda each: order.index(each.state))
    match artifact.state:
        case ArtifactState.SAVED:
            count = f"{len(artifacts)} files, " if len(artifacts) > 1 else ""
            return Cell(f"saved, {count}{size(sum(each.bytes_done for each in artifacts))}", "good")
        case ArtifactState.DOWNLOADING:
            return Cell(download_words(artifact), "active")
        case ArtifactState.FAILED:
            words = code_and_words(artifact.failure) if artifact.failure else "the download failed"
            return Cell(f"not saved: {words}", "bad")
    words, style = life_of(artifact, now)
    return Cell(words or "not saved yet", style)


def download_words(artifact: Artifact) -> str:
    """Return how far a download has come: ``saving 45% of 12.3 MB``."""
    if artifact.bytes_total:
        percent = int(100 * artifact.bytes_done / artifact.bytes_total)
        return f"saving {percent}% of {size(artifact.bytes_total)}"
    return f"saving, {size(artifact.bytes_done)} so far" if artifact.bytes_done else "saving"


def coming_words(progress: Progress) -> str:
    """Return how a file comes in: ``saving 4.2 MB of 20.0 MB · 1.2 MB/s · 13 s left``."""
    parts = [f"saving {size(progress.done)}" + (f" of {size(progress.total)}" if progress.total else "")]
    if progress.rate is not None:
        parts.append(f"{size(progress.rate)}/s" if progress.rate else "stalled")
    if progress.seconds_left is not None:
        parts.append(f"{rough(progress.seconds_left)} left")
    return " · ".join(parts)


def life_of(artifact: Artifact, now: datetime) -> tuple[str, str]:
    """Return how long the remote file still lives, and the style to say it in."""
    if artifact.remote.expires_at is None:
        return "", ""
    left = (artifact.remote.expires_at - now).total_seconds()
    if left <= 0:
        return "link expired", "bad"
    return f"{rough(left)} left to fetch", "doubtful" if left < _SOON else ""


def is_live(task: Task) -> bool:
    """Whether the task's line changes by the clock alone."""
    if not task.status.is_final or task.trouble is not None:
        return True
    return any(
        artifact.state is not ArtifactState.SAVED and artifact.remote.expires_at is not None
        for artifact in task.artifacts
    )
