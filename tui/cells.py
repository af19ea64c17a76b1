"""A task as one line of the table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from backend.language import N_, _
from backend.measures import SOON, age, elapsed
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
    from backend.attention import Attention
    from backend.download_progress import Progress
    from backend.models import Artifact, Task

COLUMNS = (
    Column("status", N_("Status"), 13),
    Column("account", N_("Account"), 12, grow=1, priority=2),
    Column("model", N_("Model"), 13, grow=1, priority=3),
    Column("prompt", N_("Prompt"), 14, grow=4),
    Column("progress", N_("Progress"), 19, grow=1, priority=4),
    Column("elapsed", N_("Elapsed"), 7, align="right", priority=1),
    Column("result", N_("Result"), 17, grow=4),
)
"""The usual ones."""

MORE_COLUMNS = (
    Column("id", N_("Id"), 7, priority=5),
    Column("age", N_("Age"), 7, align="right", priority=6),
    Column("cost", N_("Cost"), 9, align="right", priority=7),
    Column("tag", N_("Tags"), 10, grow=1, priority=8),
    Column("batch", N_("Batch"), 10, grow=1, priority=9),
    Column("note", N_("Note"), 12, grow=2, priority=10),
    Column("operation", N_("Operation"), 16, grow=1, priority=11),
    Column("provider", N_("Provider"), 11, priority=12),
)
"""Those that can be chosen as well."""

NEEDS = Column("needs", N_("Needs"), 26, grow=8)
"""In place of the result where only what needs a person is listed."""

BY_KEY = {column.key: column for column in (*COLUMNS, *MORE_COLUMNS)}

_PROGRESS = 16

ROOM_FOR_RUNS = 22
"""Cells from which on an estimate says on how many runs it rests."""


class Sight(NamedTuple):
    """What a line shows besides the task."""

    now: datetime
    typical: float | None = None
    """Seconds that tasks like it usually take."""
    runs: int = 0
    """From how many past runs that is known; 0: there is no room to say it."""
    needs: Attention | None = None


def row(task: Task, sight: Sight, columns: Iterable[str], shown: Collection[str]) -> tuple[Cell, ...]:
    """Return the cells of a task for `columns`, of which only the `shown` ones have room.

    Where the progress column has no room, its text stands for a result.
    """
    return tuple(_cell(column, task, sight, shown) if column in shown else _EMPTY for column in columns)


_EMPTY = Cell("")


def _cell(column: str, task: Task, sight: Sight, shown: Collection[str]) -> Cell:
    match column:
        case "result" if "progress" not in shown:
            return _result_or_progress(task, sight)
        case "result":
            return result_cell(task, sight.now)
        case "progress":
            return progress_cell(task, sight.now, sight.typical, sight.runs)
        case "needs":
            return _needs_cell(task, sight)
    return _PLAIN[column](task, sight.now)


def _prompt_cell(task: Task, now: datetime) -> Cell:
    return Cell(task.prompt) if task.prompt else Cell(operation_name(task), "muted")


def _cost_cell(task: Task, now: datetime) -> Cell:
    from backend.costs import amount, charged  # not needed for the first paint

    return Cell(" + ".join(amount(value, unit) for unit, value in charged([task]).items()))


def _elapsed(task: Task, now: datetime) -> Cell:
    """Return how long the provider has had it: what went before would make the time jump back."""
    if task.sent_at is None or task.status is Status.WAITING:
        return Cell("")
    return Cell(stopwatch(elapsed(task, now)), "" if STYLES[task.status] == "active" else "muted")


_PLAIN: Mapping[str, Callable[[Task, datetime], Cell]] = {
    "status": lambda task, now: Cell(status_mark(task.status), STYLES[task.status]),
    "account": lambda task, now: Cell(task.account),
    "model": lambda task, now: Cell(task.model or task.operation, "muted"),
    "prompt": _prompt_cell,
    "elapsed": _elapsed,
    "id": lambda task, now: Cell(task.id),
    "age": lambda task, now: Cell(stopwatch(age(task, now)), "muted"),
    "cost": _cost_cell,
    "tag": lambda task, now: Cell(" ".join(task.tags), "active"),
    "batch": lambda task, now: Cell(task.batch),
    "note": lambda task, now: Cell(task.note),
    "operation": lambda task, now: Cell(operation_name(task), "muted"),
    "provider": lambda task, now: Cell(task.provider, "muted"),
}


def _result_or_progress(task: Task, sight: Sight) -> Cell:
    result = result_cell(task, sight.now)
    return result if result.text else progress_cell(task, sight.now, sight.typical, sight.runs)


def _needs_cell(task: Task, sight: Sight) -> Cell:
    if sight.needs is None:
        return _result_or_progress(task, sight)
    return Cell(
        _("{reason}: {words}").format(reason=_(sight.needs.reason), words=_(sight.needs.words)), "doubtful"
    )


def progress_cell(task: Task, now: datetime, typical: float | None, runs: int = 0) -> Cell:
    """Return a bar if the provider tells a number, else an estimate if there is one."""
    if task.status not in (Status.QUEUED, Status.RUNNING):
        return Cell("")
    if task.progress is not None:
        return Cell(bar(task.progress, _PROGRESS), "active")
    words = _("says {words}").format(words=task.status_words) if task.status_words else ""
    return Cell(time_left(task, now, typical, runs) or words, "muted")


def result_cell(task: Task, now: datetime) -> Cell:
    """Return what came of a task, or what stands in its way."""
    if task.trouble is not None and not task.status.is_final:
        words, next_try = code_and_words(task.trouble.failure), retry(task.trouble.next_try, now)
        return Cell(_("{reason}: {words}").format(reason=next_try, words=words), "doubtful")
    match task.status:
        case Status.FAILED | Status.REJECTED:
            return Cell(code_and_words(task.failure) if task.failure else _("no reason given"), "bad")
        case Status.UNCONFIRMED:
            return Cell(_("may be charged"), "doubtful")
        case Status.LOST:
            return Cell(code_and_words(task.failure) if task.failure else _("no longer watched"), "doubtful")
        case Status.WAITING:
            return Cell(_("waits, {time} so far").format(time=stopwatch(elapsed(task, now))), "muted")
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
            count, bytes_done = len(artifacts), size(sum(each.bytes_done for each in artifacts))
            saved = _("saved, {count} files, {size}") if count > 1 else _("saved, {size}")
            return Cell(saved.format(count=count, size=bytes_done), "good")
        case ArtifactState.DOWNLOADING:
            return Cell(download_words(artifact), "active")
        case ArtifactState.FAILED:
            words = code_and_words(artifact.failure) if artifact.failure else _("the download failed")
            return Cell(_("not saved: {words}").format(words=words), "bad")
    words, style = life_of(artifact, now)
    return Cell(words or _("not saved yet"), style)


def download_words(artifact: Artifact) -> str:
    """Return how far a download has come: ``saving 45% of 12.3 MB``."""
    if artifact.bytes_total:
        percent = int(100 * artifact.bytes_done / artifact.bytes_total)
        return _("saving {percent}% of {size}").format(percent=percent, size=size(artifact.bytes_total))
    if artifact.bytes_done:
        return _("saving, {size} so far").format(size=size(artifact.bytes_done))
    return _("saving")


def coming_words(progress: Progress) -> str:
    """Return how a file comes in: ``saving 4.2 MB of 20.0 MB · 1.2 MB/s · 13 s left``."""
    if progress.total:
        parts = [_("saving {done} of {total}").format(done=size(progress.done), total=size(progress.total))]
    else:
        parts = [_("saving {done}").format(done=size(progress.done))]
    if progress.rate is not None:
        parts.append(_("{size}/s").format(size=size(progress.rate)) if progress.rate else _("stalled"))
    if progress.seconds_left is not None:
        parts.append(_("{span} left").format(span=rough(progress.seconds_left)))
    return " · ".join(parts)


def life_of(artifact: Artifact, now: datetime) -> tuple[str, str]:
    """Return how long the remote file still lives, and the style to say it in."""
    if artifact.remote.expires_at is None:
        return "", ""
    left = (artifact.remote.expires_at - now).total_seconds()
    if left <= 0:
        return _("link expired"), "bad"
    return _("{span} left to fetch").format(span=rough(left)), "doubtful" if left < SOON else ""


def is_live(task: Task) -> bool:
    """Whether the task's line changes by the clock alone."""
    if not task.status.is_final or task.trouble is not None:
        return True
    return any(
        artifact.state is not ArtifactState.SAVED and artifact.remote.expires_at is not None
        for artifact in task.artifacts
    )
