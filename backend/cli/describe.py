"""Tasks in a person's words. Pure; the text is made harmless where it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from backend import expiry
from backend.cli.columns import pad
from backend.failure_groups import FailureGroup
from backend.failure_words import event_word, event_words, told
from backend.language import N_, _, listed
from backend.measures import refusal
from backend.models import Artifact, ArtifactState, Failure, Status, Task, TaskEvent

LIST_HEAD = (
    N_("ID"),
    N_("STATUS"),
    N_("ACCOUNT"),
    N_("OPERATION"),
    N_("AGE"),
    N_("PROMPT"),
    N_("RESULT"),
)
"""Heads are translated where they are printed."""


def progress_line(task: Task) -> str:
    """Return what is new of a task, for standard error."""
    return f"{task.id}  {_status(task)}  {_result(task)}".rstrip()


_KINDS = (N_("video"), N_("watermarked"))


def list_row(task: Task, now: datetime) -> tuple[str, ...]:
    """Return a task's cells under :data:`LIST_HEAD`."""
    age = span((now - task.created_at).total_seconds())
    return (task.id, _status(task), task.account, task.operation, age, task.prompt, _result(task))


GROUP_HEAD = (N_("TASKS"), N_("ACCOUNT"), N_("THEY ARE"), N_("WHY"), N_("FILTER"))


def group_row(group: FailureGroup, now: datetime) -> tuple[str, ...]:
    """Return the cells of tasks that fail alike under :data:`GROUP_HEAD`."""
    key, due = group.key, group.next_try
    if key.status is None:
        left = (due - now).total_seconds() if due else 0.0
        stands = (
            _("on hold")
            if due is None
            else _("retrying in {span}").format(span=span(left))
            if left > 0
            else _("retrying now")
        )
    else:
        stands = _("not saved") if key.status is Status.SUCCEEDED else key.status.word
    return (str(group.count), key.account, stands, failure_line(group.failure), key.filter)


WATCH_HEAD = (N_("ID"), N_("STATUS"), N_("ACCOUNT"), N_("CHANGED"), N_("PROMPT"), N_("RESULT"))


def watch_row(task: Task) -> tuple[str, ...]:
    """Return a task's cells under :data:`WATCH_HEAD`: nothing that time alone makes untrue."""
    changed = f"{task.updated_at.astimezone():%H:%M:%S}"
    return (task.id, _status(task), task.account, changed, task.prompt, _result(task))


def summary_row(task: Task) -> tuple[str, ...]:
    """Return the cells that a command prints of a task that it worked on."""
    return (task.id, _status(task), task.account, task.operation, _result(task))


def sheet(task: Task) -> str:
    """Return all that is known of a task, as lines."""
    lines = _titled(_facts(task), 13)
    if task.failure is not None:
        lines += ["", _("failure:"), *_indented(failure_lines(task.failure))]
    if task.trouble is not None:
        trouble = _("trouble, {count} times since {moment}:").format(
            count=task.trouble.count, moment=moment(task.trouble.since)
        )
        lines += ["", trouble, *_indented(failure_lines(task.trouble.failure))]
    for artifact in task.artifacts:
        lines += [
            "",
            _("{title}:").format(title=_(artifact.remote.kind)),
            *_indented(_artifact_lines(artifact)),
        ]
    lines += ["", _("request:"), *_indented(_request_lines(task))]
    lines += ["", _("timeline:")]
    lines += _indented(map(_event_line, task.events))
    return "\n".join(lines)


def failure_line(failure: Failure) -> str:
    """Return the provider's words with its code, or ours where it had none."""
    words = failure_words(failure)
    return f"{failure.code} {words}" if failure.code else words


def failure_words(failure: Failure) -> str:
    """Return the provider's words, or ours where it had none."""
    said = told(failure)
    return said.words or said.meaning or failure.kind.word


def failure_lines(failure: Failure) -> Iterator[str]:
    """Yield what is known of a failure, a fact a line."""
    said = told(failure)
    yield failure_line(failure)
    facts = (
        (_("meaning"), said.meaning if failure.words else ""),
        (_("money"), said.money),
        (_("next"), said.next_step),
        (_("request id"), failure.request_id or ""),
        (_("HTTP status"), str(failure.http_status or "")),
    )
    yield from _titled(facts, 12)


def life(artifact: Artifact, now: datetime) -> str:
    """Return how long the remote file still lives, or that its link is refused."""
    left, until = expiry.seconds_left(artifact, now), moment(artifact.remote.expires_at)
    if (refused := refusal(artifact)) is not None:
        words = _("no more: the link was refused with HTTP {status}").format(status=refused.http_status)
        if left is None or left <= 0:
            return words
        return _("{words}, though it was said to live until {until}").format(words=words, until=until)
    if left is None:
        return (
            _(expiry.UNKNOWN) if artifact.state is not ArtifactState.SAVED else _("unknown; it is saved here")
        )
    return (
        _("{span} more, until {until}").format(span=span(left), until=until)
        if left > 0
        else _("no more, since {until}").format(until=until)
    )


def span(seconds: float) -> str:
    """Return a time span as one number: ``42s``, ``12m``, ``3h``, ``6d``."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"


def moment(at: datetime | None) -> str:
    """Return a time on the user's clock."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def _status(task: Task) -> str:
    if task.status is Status.RUNNING and task.progress is not None:
        return f"{task.status.word} {task.progress:.0%}"
    return task.status.word


def _result(task: Task) -> str:
    """Return where the files are, or why there are none yet."""
    if task.failure is not None:
        return failure_line(task.failure)
    if task.trouble is not None:
        return _("trouble: {words}").format(words=failure_line(task.trouble.failure))
    return listed(map(_file, task.artifacts))


def _file(artifact: Artifact) -> str:
    if artifact.state is ArtifactState.SAVED and artifact.path:
        return artifact.path
    if artifact.failure is not None:
        return _("not fetched: {words}").format(words=failure_line(artifact.failure))
    return artifact.state.word


def _facts(task: Task) -> Iterator[tuple[str, str]]:
    yield _("task"), task.id
    told = "" if task.status_words in ("", task.status) else f" ({task.status_words})"
    yield _("status"), _status(task) + told
    yield _("account"), f"{task.account} ({task.provider})"
    yield _("operation"), task.operation
    yield _("model"), task.model
    yield _("prompt"), task.prompt
    yield _("address"), task.origin.base_url + task.origin.endpoint
    yield _("remote id"), task.remote_id or ""
    yield _("external id"), task.external_id or ""
    yield _("created"), moment(task.created_at)
    yield _("sent"), moment(task.sent_at)
    yield _("started"), moment(task.started_at)
    yield _("finished"), moment(task.finished_at)
    yield _("charged"), ", ".join(f"{charge.amount} {charge.unit}" for charge in task.charges)


def _request_lines(task: Task) -> Iterator[str]:
    for name, value in task.request.items():
        yield f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _artifact_lines(artifact: Artifact) -> Iterator[str]:
    facts = (
        (_("state"), artifact.state.word),
        (_("file"), artifact.path or ""),
        (_("address"), artifact.remote.url),
        (_("lives"), life(artifact, datetime.now(UTC))),
    )
    yield from _titled(facts, 12)
    if artifact.failure is not None:
        yield from failure_lines(artifact.failure)


def _event_line(event: TaskEvent) -> str:
    return f"{moment(event.at)}  {event_word(event)}  {event_words(event)}".rstrip()


def _titled(facts: Iterable[tuple[str, str]], cells: int) -> list[str]:
    """Return a line for each fact that has a value, the title in a column of `cells`."""
    return [f"{pad(_('{title}:').format(title=title), cells)} {value}" for title, value in facts if value]


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
