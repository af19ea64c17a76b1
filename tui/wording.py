"""What is asked before something costs or ends, and what can be copied of a task. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from backend.handover import Session, file_link
from backend.models import ArtifactState, Status, Task
from backend.text import clean_block, clean_line
from tui.formatters import operation_name, status_mark

_LONGEST_PROMPT = 160


@dataclass(frozen=True, slots=True)
class Question:
    """A question with a safe answer (`stay`) and one that acts (`go`)."""

    title: str
    what: tuple[str, ...]
    cost: str
    go: str
    stay: str = "Cancel"


def stop_question(task: Task) -> Question:
    """Ask before a task is withdrawn or no longer watched."""
    if task.status is Status.WAITING:
        return Question(
            title="Withdraw 1 task?",
            what=_what(task),
            cost="Nothing was sent, so nothing is charged.",
            go="Withdraw",
            stay="Leave it",
        )
    return Question(
        title="Stop watching 1 task?",
        what=_what(task),
        cost="The provider knows no cancel: it goes on, and may charge. "
        "Nothing will be downloaded unless the task is watched again.",
        go="Stop watching",
        stay="Keep watching",
    )


def resend_question(task: Task, cost: str) -> Question:
    """Ask before an unconfirmed task is sent a second time."""
    return Question(
        title="Send 1 task again?",
        what=_what(task),
        cost="Its first request went unanswered, so the task may exist already. "
        f"THEN YOU PAY TWICE. {clean_line(cost)}".rstrip(),
        go="Send again",
        stay="Do not send",
    )


def remove_account_question(name: str, tasks: Iterable[Task]) -> Question:
    """Ask before an account is forgotten."""
    own = [task for task in tasks if task.account == name]
    open_ones = sum(not task.status.is_final for task in own)
    left = f"{_many(open_ones, 'task')} of it not ended: nothing more is sent, asked or fetched for them."
    return Question(
        title=f"Remove account {clean_line(name)}?",
        what=(
            "It goes out of config.toml, and a secret that reeltop kept for it is deleted.",
            f"{_many(len(own), 'task')} stay in the list.",
            *((left,) if open_ones else ()),
        ),
        cost="What was sent may still be charged." if open_ones else "",
        go="Remove",
        stay="Leave it",
    )


def quit_question(tasks: Iterable[Task], leads: bool) -> Question | None:
    """Ask before quitting if that interrupts something; None if it does not."""
    if not leads:
        return None
    tasks = list(tasks)
    counts = Counter(task.status for task in tasks)
    unsent = counts[Status.WAITING] + counts[Status.SUBMITTING]
    downloads = sum(
        artifact.state is ArtifactState.DOWNLOADING for task in tasks for artifact in task.artifacts
    )
    if not unsent and not downloads:
        return None
    stops = []
    if unsent:
        stops.append(f"{_many(unsent, 'task')} not sent yet: kept on disk, sent at the next start.")
    if downloads:
        stops.append(f"{_many(downloads, 'download')}: resumed at the next start, if its link lives.")
    made = counts[Status.QUEUED] + counts[Status.RUNNING] + counts[Status.UNCONFIRMED]
    goes_on = f"{_many(made, 'task')} at the providers, charged as usual, asked about at the next start."
    return Question(
        title="Quit reeltop?",
        what=("This stops:", *(f"  {line}" for line in stops)),
        cost=f"This goes on: {goes_on}" if made else "",
        go="Quit",
        stay="Stay",
    )


@dataclass(frozen=True, slots=True)
class Copyable:
    """A text of a task that is worth copying, under the letter that copies it."""

    letter: str
    name: str
    text: str


def copyables(task: Task, session: Session | None = None) -> list[Copyable]:
    """Return what can be copied of a task; `session` is the SSH session that this is seen through."""
    words = [failure.words for failure in (task.failure, task.trouble and task.trouble.failure) if failure]
    words += [artifact.failure.words for artifact in task.artifacts if artifact.failure]
    links = (clean_line(artifact.remote.url) for artifact in task.artifacts)
    paths = [artifact.path for artifact in task.artifacts if artifact.path]
    request = json.dumps(dict(task.request), ensure_ascii=False, indent=2)
    texts = (
        Copyable("i", "Id", task.id),
        Copyable("r", "Remote id", clean_line(task.remote_id or "")),
        Copyable("l", "Link", "\n".join(links)),
        Copyable("p", "Path", "\n".join(map(clean_line, paths))),
        Copyable("s", "scp line", session.scp(paths) if session else ""),
        Copyable("f", "file:// link", "\n".join(filter(None, map(file_link, paths)))),
        Copyable("w", "Provider's words", "\n".join(clean_block(each) for each in words if each)),
        Copyable("t", "Prompt text", clean_block(task.prompt)),
        Copyable("o", "Request as JSON", clean_block(request)),
        Copyable("a", "Last answer", clean_block(task.last_answer)),
    )
    return [each for each in texts if each.text]


def _what(task: Task) -> tuple[str, ...]:
    prompt = clean_line(task.prompt)
    if len(prompt) > _LONGEST_PROMPT:
        prompt = prompt[:_LONGEST_PROMPT].rstrip() + "…"
    names = (f"account {clean_line(task.account)}", operation_name(task), clean_line(task.model))
    return (f"{status_mark(task.status)} · {' · '.join(filter(None, names))}", prompt)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
