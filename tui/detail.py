"""A task in full, as titled sections of labelled rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment

from backend.download_progress import Progress
from backend.language import _
from backend.measures import elapsed, refusal
from backend.models import Artifact, ArtifactState, Failure, Status, Task, TaskEvent
from backend.text import clean_block, clean_line
from tui.cells import coming_words, download_words, life_of
from tui.formatters import (
    MEANINGS,
    STYLES,
    bar,
    operation_name,
    retry,
    rough,
    size,
    status_mark,
    stopwatch,
    time_left,
    time_of_day,
)

_LONGEST_ANSWER = 20_000
_PROMPT_HEAD = 240


@dataclass(frozen=True, slots=True)
class Row:
    """One fact. Without a label, its text has the whole width."""

    label: str
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together."""

    title: str
    rows: tuple[Row, ...]
    art: tuple[tuple[Segment, ...], ...] = ()
    """Lines of a picture, under the rows."""


def moving_sections(
    task: Task,
    now: datetime,
    typical: float | None,
    coming: Mapping[int, Progress] | None = None,
    runs: int = 0,
) -> Iterator[Section]:
    """Yield what the clock changes: where the task stands, what is in its way, how long its files live.

    `coming` tells of the files that are on their way, by their place among the task's files.
    """
    yield Section("", tuple(_head(task, now, typical, runs)))
    if task.trouble is not None:
        trouble = task.trouble
        rows = (
            Row("Now", f"{retry(trouble.next_try, now)}; {_tries(trouble.count)}", "doubtful"),
            Row("Since", time_of_day(trouble.since, now)),
            *failure_rows(trouble.failure),
        )
        yield Section("Trouble: the task itself may be well", rows)
    if task.failure is not None:
        yield Section("Why", tuple(failure_rows(task.failure)))
    if task.artifacts:
        files = enumerate(task.artifacts)
        told = (row for index, each in files for row in _file(each, now, (coming or {}).get(index)))
        yield Section("Files", tuple(told))


def still_sections(task: Task, now: datetime) -> Iterator[Section]:
    """Yield what only a change of the task changes."""
    yield Section("Task", tuple(_facts(task, now)))
    if task.events:
        yield Section("Timeline", tuple(Row(*_event(event, now)) for event in task.events))
    yield Section("Request as sent" if task.sent_at else "Request", tuple(_request(task)))
    if task.last_answer:
        yield Section("Last answer", (Row("", _pretty(task.last_answer), "muted"),))


def _head(task: Task, now: datetime, typical: float | None, runs: int) -> Iterator[Row]:
    spent = stopwatch(elapsed(task, now))
    match task.status:
        case Status.WAITING:
            words = f"for {spent}, {MEANINGS[task.status]}"
        case Status.SUBMITTING | Status.QUEUED | Status.RUNNING:
            words = f"for {spent}"
        case Status.UNCONFIRMED:
            words = MEANINGS[task.status]
        case _:
            words = f"after {spent}"
    yield Row("Status", f"{status_mark(task.status)} · {words}", STYLES[task.status])
    if task.status in (Status.QUEUED, Status.RUNNING):
        yield _progress(task, now, typical, runs)
    yield Row("Prompt", _head_of(clean_line(task.prompt)) or "none")


def _progress(task: Task, now: datetime, typical: float | None, runs: int) -> Row:
    if task.progress is not None:
        return Row("Progress", f"{bar(task.progress, 25)}, as the provider says", "active")
    left = time_left(task, now, typical)
    if typical is None or not left:
        return Row("Progress", "the provider tells no number, and too few past runs for an estimate", "muted")
    return Row("Progress", f"{left}, from elapsed time; {runs} past runs took {rough(typical)} (median)")


def failure_rows(failure: Failure) -> Iterator[Row]:
    """Yield what is known of a failure: meaning, the provider's own words, money, what to do next."""
    if failure.meaning:
        yield Row("Meaning", clean_line(failure.meaning), "strong")
    if failure.words:
        yield Row("It said", clean_block(failure.words).strip(), "bad")
    marks = [clean_line(failure.code)] if failure.code else []
    if failure.http_status is not None:
        marks.append(f"HTTP {failure.http_status}")
    if failure.request_id:
        marks.append(f"request {clean_line(failure.request_id)}")
    yield Row("Known as" if failure.code is None else "Code", " · ".join((*marks, _kind(failure))))
    if failure.money:
        yield Row("Money", clean_line(failure.money))
    if failure.next_step:
        yield Row("Next", clean_line(failure.next_step))
    if failure.retry_after is not None:
        yield Row("Asked for", f"a wait of {rough(failure.retry_after)}")


def _kind(failure: Failure) -> str:
    return failure.kind.value.replace("_", " ")


def _file(artifact: Artifact, now: datetime, coming: Progress | None) -> Iterator[Row]:
    name = clean_line(artifact.remote.kind).capitalize() or "File"
    duration = f", {artifact.remote.duration:g} s" if artifact.remote.duration else ""
    match artifact.state:
        case ArtifactState.SAVED:
            checks = f", checked: {', '.join(artifact.checks)}" if artifact.checks else ""
            yield Row(name, f"saved, {size(artifact.bytes_done)}{duration}{checks}", "good")
        case ArtifactState.DOWNLOADING:
            words = coming_words(coming) if coming else download_words(artifact)
            yield Row(name, words + duration, "active")
        case ArtifactState.FAILED:
            yield Row(name, f"the last download failed; d tries again{duration}", "bad")
        case ArtifactState.REMOTE:
            yield Row(name, f"not saved yet; d fetches it{duration}")
    if artifact.path:
        yield Row("Path", clean_line(artifact.path))
    yield Row("Link", clean_line(artifact.remote.url), "muted")
    yield _life(artifact, now)
    if artifact.failure is not None:
        yield from failure_rows(artifact.failure)


def _life(artifact: Artifact, now: datetime) -> Row:
    life, style = life_of(artifact, now)
    is_saved = artifact.state is ArtifactState.SAVED
    if (refused := refusal(artifact)) is not None:
        words = _("refused with HTTP {status} when last tried").format(status=refused.http_status)
        if artifact.remote.expires_at is not None and artifact.remote.expires_at > now:
            until = time_of_day(artifact.remote.expires_at, now)
            words = _("{words}; it was said to live until {until}").format(words=words, until=until)
        return Row("Link life", words, "bad")
    if artifact.remote.expires_at is None:
        words = "how long it lives is unknown: the provider does not say"
        return Row("Link life", words if is_saved else f"{words}; fetch it soon", "muted")
    until = time_of_day(artifact.remote.expires_at, now)
    return Row("Link life", f"{life}, until {until}", "muted" if is_saved else style)


def _facts(task: Task, now: datetime) -> Iterator[Row]:
    yield Row("Account", clean_line(task.account))
    yield Row("Operation", " · ".join(filter(None, (operation_name(task), clean_line(task.model)))))
    yield Row("Id", task.id)
    if task.remote_id:
        yield Row("Remote id", clean_line(task.remote_id))
    if task.external_id:
        yield Row("Sent as", clean_line(task.external_id))
    if task.status_words:
        yield Row("It says", clean_line(task.status_words))
    if task.deadline and not task.status.is_final:
        yield Row("Watched", f"until {time_of_day(task.deadline, now)}")
    if task.charges:
        charged = ", ".join(f"{charge.amount} {clean_line(charge.unit)}" for charge in task.charges)
        yield Row("Charged", f"{charged}, as the provider says")
    elif task.sent_at:
        yield Row("Charged", "nothing reported" if task.status.is_final else "nothing reported so far")
    yield Row("Sent to", clean_line(task.origin.base_url.rstrip("/") + task.origin.endpoint), "muted")


def _event(event: TaskEvent, now: datetime) -> tuple[str, str]:
    what, words = clean_line(event.what), clean_line(event.words)
    return time_of_day(event.at, now), f"{what}: {words}" if words else what


def _request(task: Task) -> Iterator[Row]:
    if not task.request:
        yield Row("", "no fields set", "muted")
    for name, value in task.request.items():
        if isinstance(value, str):
            text = clean_block(value)
        else:
            text = clean_block(json.dumps(value, ensure_ascii=False, indent=None))
        yield Row(clean_line(name), text)


def _pretty(answer: str) -> str:
    cut = answer[:_LONGEST_ANSWER]
    if len(cut) < len(answer):
        return f"{clean_block(cut)}\n… and {len(answer) - len(cut)} characters more"
    try:
        return clean_block(json.dumps(json.loads(cut), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return clean_block(cut)


def _head_of(text: str) -> str:
    return text if len(text) <= _PROMPT_HEAD else text[:_PROMPT_HEAD].rstrip() + "…"


def _tries(count: int) -> str:
    return "tried once" if count == 1 else f"tried {count} times"
