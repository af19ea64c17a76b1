"""Tasks in a person's words. Pure; the text is made harmless where it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from backend import expiry
from backend.failure_groups import FailureGroup
from backend.language import _
from backend.measures import refusal
from backend.models import Artifact, ArtifactState, Failure, Status, Task

LIST_HEAD = ("ID", "STATUS", "ACCOUNT", "OPERATION", "AGE", "PROMPT", "RESULT")


def progress_line(task: Task) -> str:
    """Return what is new of a task, for standard error."""
    return f"{task.id}  {_status(task)}  {_result(task)}".rstrip()


def list_row(task: Task, now: datetime) -> tuple[str, ...]:
    """Return a task's cells under :data:`LIST_HEAD`."""
    age = span((now - task.created_at).total_seconds())
    return (task.id, _status(task), task.account, task.operation, age, task.prompt, _result(task))


GROUP_HEAD = ("TASKS", "ACCOUNT", "THEY ARE", "WHY", "FILTER")


def group_row(group: FailureGroup, now: datetime) -> tuple[str, ...]:
    """Return the cells of tasks that fail alike under :data:`GROUP_HEAD`."""
    key, due = group.key, group.next_try
    if key.status is None:
        left = (due - now).total_seconds() if due else 0.0
        stands = "on hold" if due is None else f"retrying in {span(left)}" if left > 0 else "retrying now"
    else:
        stands = "not saved" if key.status is Status.SUCCEEDED else str(key.status)
    return (str(group.count), key.account, stands, failure_line(group.failure), key.filter)


WATCH_HEAD = ("ID", "STATUS", "ACCOUNT", "CHANGED", "PROMPT", "RESULT")


def watch_row(task: Task) -> tuple[str, ...]:
    """Return a task's cells under :data:`WATCH_HEAD`: nothing that time alone makes untrue."""
    changed = f"{task.updated_at.astimezone():%H:%M:%S}"
    return (task.id, _status(task), task.account, changed, task.prompt, _result(task))


def summary_row(task: Task) -> tuple[str, ...]:
    """Return the cells that a command prints of a task that it worked on."""
    return (task.id, _status(task), task.account, task.operation, _result(task))


def sheet(task: Task) -> str:
    """Return all that is known of a task, as lines."""
    lines = [f"{title + ':':<13} {value}" for title, value in _facts(task) if value]
    if task.failure is not None:
        lines += ["", "failure:", *_indented(failure_lines(task.failure))]
    if task.trouble is not None:
        trouble = f"trouble, {task.trouble.count} times since {moment(task.trouble.since)}:"
        lines += ["", trouble, *_indented(failure_lines(task.trouble.failure))]
    for artifact in task.artifacts:
        lines += ["", f"{artifact.remote.kind}:", *_indented(_artifact_lines(artifact))]
    lines += ["", "request:", *_indented(_request_lines(task))]
    lines += ["", "timeline:"]
    lines += _indented(f"{moment(event.at)}  {event.what}  {event.words}".rstrip() for event in task.events)
    return "\n".join(lines)


def failure_line(failure: Failure) -> str:
    """Return the provider's words with its code, or ours where it had none."""
    words = failure.words or failure.meaning or str(failure.kind)
    return f"{failure.code} {words}" if failure.code else words


def failure_lines(failure: Failure) -> Iterator[str]:
    """Yield what is known of a failure, a fact a line."""
    yield failure_line(failure)
    for title, value in (
        ("meaning", failure.meaning if failure.words else ""),
        ("money", failure.money),
        ("next", failure.next_step),
        ("request id", failure.request_id),
        ("HTTP status", failure.http_status),
    ):
        if value:
            yield f"{title + ':':<12} {value}"


def life(artifact: Artifact, now: datetime) -> str:
    """Return how long the remote file still lives, or that its link is refused."""
    left, until = expiry.seconds_left(artifact, now), moment(artifact.remote.expires_at)
    if (refused := refusal(artifact)) is not None:
        words = _("no more: the link was refused with HTTP {status}").format(status=refused.http_status)
        if left is None or left <= 0:
            return words
        return _("{words}, though it was said to live until {until}").format(words=words, until=until)
    if left is None:
        return expiry.UNKNOWN if artifact.state is not ArtifactState.SAVED else "unknown; it is saved here"
    return f"{span(left)} more, until {until}" if left > 0 else f"no more, since {until}"


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
        return f"{task.status} {task.progress:.0%}"
    return str(task.status)


def _result(task: Task) -> str:
    """Return where the files are, or why there are none yet."""
    if task.failure is not None:
        return failure_line(task.failure)
    if task.trouble is not None:
        return f"trouble: {failure_line(task.trouble.failure)}"
    return ", ".join(map(_file, task.artifacts))


def _file(artifact: Artifact) -> str:
    if artifact.state is ArtifactState.SAVED and artifact.path:
        return artifact.path
    if artifact.failure is not None:
        return f"not fetched: {failure_line(artifact.failure)}"
    return str(artifact.state)


def _facts(task: Task) -> Iterator[tuple[str, str]]:
    yield "task", task.id
    told = "" if task.status_words in ("", task.status) else f" ({task.status_words})"
    yield "status", _status(task) + told
    yield "account", f"{task.account} ({task.provider})"
    yield "operation", task.operation
    yield "model", task.model
    yield "prompt", task.prompt
    yield "address", task.origin.base_url + task.origin.endpoint
    yield "remote id", task.remote_id or ""
    yield "external id", task.external_id or ""
    yield "created", moment(task.created_at)
    yield "sent", moment(task.sent_at)
    yield "started", moment(task.started_at)
    yield "finished", moment(task.finished_at)
    yield "charged", ", ".join(f"{charge.amount} {charge.unit}" for charge in task.charges)


def _request_lines(task: Task) -> Iterator[str]:
    for name, value in task.request.items():
        yield f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _artifact_lines(artifact: Artifact) -> Iterator[str]:
    yield f"{'state:':<12} {artifact.state}"
    if artifact.path:
        yield f"{'file:':<12} {artifact.path}"
    yield f"{'address:':<12} {artifact.remote.url}"
    yield f"{'lives:':<12} {life(artifact, datetime.now(UTC))}"
    if artifact.failure is not None:
        yield from failure_lines(artifact.failure)


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
