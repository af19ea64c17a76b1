"""A task in full, as titled sections of labelled rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment

from backend.download_progress import Progress
from backend.failure_words import event_word, event_words, told
from backend.language import N_, _, named, ngettext, pgettext
from backend.measures import elapsed, refusal
from backend.models import Artifact, ArtifactState, Failure, Status, Task, TaskEvent, Trouble
from backend.text import clean_block, clean_line
from tui.actions import key
from tui.cells import coming_words, download_words, life_of
from tui.formatters import (
    MEANINGS,
    STYLES,
    bar,
    listed,
    operation_name,
    retry,
    rough,
    size,
    status_mark,
    stopwatch,
    time_left,
    time_of_day,
)

_KINDS_AND_CHECKS = (N_("video"), N_("watermarked"), N_("length"))
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
    is_whole: bool = False
    """Whether even the longest of its texts is shown to its end."""


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
            Row(_("Now"), _now(trouble, now), "doubtful"),
            Row(_("Since"), time_of_day(trouble.since, now)),
            *failure_rows(trouble.failure),
        )
        yield Section(_("Trouble: the task itself may be well"), rows)
    if task.failure is not None:
        yield Section(_("Why"), tuple(failure_rows(task.failure)))
    if task.artifacts:
        files = enumerate(task.artifacts)
        told = (row for index, each in files for row in _file(each, now, (coming or {}).get(index)))
        yield Section(_("Files"), tuple(told))


def as_text(task: Task, now: datetime) -> str:
    """Return all that is known of a task as plain text, the answer whole."""
    lines = []
    for section in (*moving_sections(task, now, None), *still_sections(task, now, whole=True)):
        if section.title:
            lines += ["", section.title, "-" * cell_len(section.title)]
        for row in section.rows:
            first, *more = row.text.split("\n")
            lines += [f"{row.label}  {first}" if row.label else first, *more]
    return "\n".join(lines)


def still_sections(task: Task, now: datetime, *, whole: bool = False) -> Iterator[Section]:
    """Yield what only a change of the task changes; with `whole` an answer of any length."""
    yield Section(_("Task"), tuple(_facts(task, now)))
    if task.events:
        yield Section(_("Timeline"), tuple(Row(*_event(event, now)) for event in task.events))
    yield Section(_("Request as sent") if task.sent_at else _("Request"), tuple(_request(task)))
    if task.last_answer:
        yield Section(_("Last answer"), (Row("", _pretty(task.last_answer, whole=whole), "muted"),))


def _head(task: Task, now: datetime, typical: float | None, runs: int) -> Iterator[Row]:
    spent = stopwatch(elapsed(task, now))
    match task.status:
        case Status.WAITING:
            words = _("for {time}, {meaning}").format(time=spent, meaning=_(MEANINGS[task.status]))
        case Status.SUBMITTING | Status.QUEUED | Status.RUNNING:
            words = _("for {time}").format(time=spent)
        case Status.UNCONFIRMED:
            words = _(MEANINGS[task.status])
        case _:
            words = _("after {time}").format(time=spent)
    yield Row(_("Status"), f"{status_mark(task.status)} · {words}", STYLES[task.status])
    if task.status in (Status.QUEUED, Status.RUNNING):
        yield _progress(task, now, typical, runs)
    yield Row(_("Prompt"), _head_of(clean_line(task.prompt)) or _("none"))


def _progress(task: Task, now: datetime, typical: float | None, runs: int) -> Row:
    if task.progress is not None:
        words = _("{bar}, as the provider says").format(bar=bar(task.progress, 25))
        return Row(_("Progress"), words, "active")
    left = time_left(task, now, typical)
    if typical is None or not left:
        words = _("the provider tells no number, and too few past runs for an estimate")
        return Row(_("Progress"), words, "muted")
    words = _("{time_left}, from elapsed time; {runs} past runs took {span} (median)")
    return Row(_("Progress"), words.format(time_left=left, runs=runs, span=rough(typical)))


def failure_rows(failure: Failure) -> Iterator[Row]:
    """Yield what is known of a failure: meaning, the provider's own words, money, what to do next."""
    failure = told(failure)
    if failure.meaning:
        yield Row(_("Meaning"), clean_line(failure.meaning), "strong")
    if failure.words:
        yield Row(_("It said"), clean_block(failure.words).strip(), "bad")
    marks = [clean_line(failure.code)] if failure.code else []
    if failure.http_status is not None:
        marks.append(f"HTTP {failure.http_status}")
    if failure.request_id:
        marks.append(_("request {id}").format(id=clean_line(failure.request_id)))
    label = _("Known as") if failure.code is None else _("Code")
    yield Row(label, " · ".join((*marks, failure.kind.word)))
    if failure.money:
        yield Row(_("Money"), clean_line(failure.money))
    if failure.next_step:
        yield Row(_("Next"), clean_line(failure.next_step))
    if failure.retry_after is not None:
        yield Row(_("Asked for"), _("a wait of {span}").format(span=rough(failure.retry_after)))


def _file(artifact: Artifact, now: datetime, coming: Progress | None) -> Iterator[Row]:
    name = _(clean_line(artifact.remote.kind)).capitalize() or _("File")
    duration = artifact.remote.duration
    tail: tuple[str, ...] = (_("{number} s").format(number=f"{duration:g}"),) if duration else ()
    match artifact.state:
        case ArtifactState.SAVED:
            if artifact.checks:
                tail += (_("checked: {checks}").format(checks=named(map(_, artifact.checks))),)
            yield Row(name, listed((_("saved"), size(artifact.bytes_done), *tail)), "good")
        case ArtifactState.DOWNLOADING:
            words = coming_words(coming) if coming else download_words(artifact)
            yield Row(name, listed((words, *tail)), "active")
        case ArtifactState.FAILED:
            words = _("the last download failed; {key} tries again").format(key=key("download"))
            yield Row(name, listed((words, *tail)), "bad")
        case ArtifactState.REMOTE:
            words = _("not saved yet; {key} fetches it").format(key=key("download"))
            yield Row(name, listed((words, *tail)))
    if artifact.path:
        yield Row(pgettext("file", "Path"), clean_line(artifact.path))
    yield Row(_("Link"), clean_line(artifact.remote.url), "muted")
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
        return Row(_("Link life"), words, "bad")
    if artifact.remote.expires_at is None:
        words = (
            _("how long it lives is unknown: the provider does not say")
            if is_saved
            else _("how long it lives is unknown: the provider does not say; fetch it soon")
        )
        return Row(_("Link life"), words, "muted")
    until = time_of_day(artifact.remote.expires_at, now)
    words = _("{time_left}, until {time}").format(time_left=life, time=until)
    return Row(_("Link life"), words, "muted" if is_saved else style)


def _facts(task: Task, now: datetime) -> Iterator[Row]:
    yield Row(_("Account"), clean_line(task.account))
    yield Row(_("Operation"), " · ".join(filter(None, (operation_name(task), clean_line(task.model)))))
    yield Row(_("Id"), task.id)
    if task.remote_id:
        yield Row(_("Remote id"), clean_line(task.remote_id))
    if task.external_id:
        yield Row(_("Sent as"), clean_line(task.external_id))
    if task.status_words:
        yield Row(_("It says"), clean_line(task.status_words))
    if task.deadline and not task.status.is_final:
        yield Row(_("Watched"), _("until {time}").format(time=time_of_day(task.deadline, now)))
    if task.charges:
        charged = listed(f"{charge.amount} {clean_line(charge.unit)}" for charge in task.charges)
        yield Row(_("Charged"), _("{charges}, as the provider says").format(charges=charged))
    elif task.sent_at:
        nothing = _("nothing reported") if task.status.is_final else _("nothing reported so far")
        yield Row(_("Charged"), nothing)
    yield Row(_("Sent to"), clean_line(task.origin.base_url.rstrip("/") + task.origin.endpoint), "muted")


def _event(event: TaskEvent, now: datetime) -> tuple[str, str]:
    what, words = clean_line(event_word(event)), clean_line(event_words(event))
    said = _("{reason}: {words}").format(reason=what, words=words) if words else what
    return time_of_day(event.at, now), said


def _request(task: Task) -> Iterator[Row]:
    if not task.request:
        yield Row("", _("no fields set"), "muted")
    for name, value in task.request.items():
        if isinstance(value, str):
            text = clean_block(value)
        else:
            text = clean_block(json.dumps(value, ensure_ascii=False, indent=None))
        yield Row(clean_line(name), text)


def _pretty(answer: str, *, whole: bool) -> str:
    cut = answer if whole else answer[:_LONGEST_ANSWER]
    if len(cut) < len(answer):
        more = _("… and {count} characters more").format(count=len(answer) - len(cut))
        return f"{clean_block(cut)}\n{more}"
    try:
        return clean_block(json.dumps(json.loads(cut), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return clean_block(cut)


def _head_of(text: str) -> str:
    return text if len(text) <= _PROMPT_HEAD else text[:_PROMPT_HEAD].rstrip() + "…"


def _now(trouble: Trouble, now: datetime) -> str:
    tried = ngettext("{retry}; tried once", "{retry}; tried {count} times", trouble.count)
    return tried.format(retry=retry(trouble.next_try, now), count=trouble.count)
