"""What is asked before something costs or ends, and what can be copied of a task. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.handover import file_link
from backend.language import _, named, ngettext, pgettext
from backend.models import ArtifactState, Status, Task
from backend.ssh import Session
from backend.text import clean_block, clean_line
from tui.formatters import joined, operation_name, status_mark

_LONGEST_PROMPT = 160


@dataclass(frozen=True, slots=True)
class Question:
    """A question with a safe answer (`stay`) and one that acts (`go`)."""

    title: str
    what: tuple[str, ...]
    cost: str
    go: str
    stay: str = ""
    """Empty: the usual word."""


def stop_question(task: Task) -> Question:
    """Ask before a task is withdrawn or no longer watched."""
    if task.status is Status.WAITING:
        return Question(
            title=_("Withdraw 1 task?"),
            what=_what(task),
            cost=_("Nothing was sent, so nothing is charged."),
            go=_("Withdraw"),
            stay=_("Leave it"),
        )
    return Question(
        title=_("Stop watching 1 task?"),
        what=_what(task),
        cost=_(
            "The provider knows no cancel: it goes on, and may charge. "
            "Nothing will be downloaded unless the task is watched again."
        ),
        go=_("Stop watching"),
        stay=_("Keep watching"),
    )


def resend_question(task: Task, cost: str) -> Question:
    """Ask before an unconfirmed task is sent a second time."""
    return Question(
        title=_("Send 1 task again?"),
        what=_what(task),
        cost=joined(
            (
                _("Its first request went unanswered, so the task may exist already. THEN YOU PAY TWICE."),
                clean_line(cost),
            )
        ),
        go=_("Send again"),
        stay=_("Do not send"),
    )


def remove_account_question(name: str, tasks: Iterable[Task]) -> Question:
    """Ask before an account is forgotten."""
    own = [task for task in tasks if task.account == name]
    open_ones = sum(not task.status.is_final for task in own)
    left = ngettext(
        "{count} task of it not ended: nothing more is sent, asked or fetched for it.",
        "{count} tasks of it not ended: nothing more is sent, asked or fetched for them.",
        open_ones,
    ).format(count=open_ones)
    stay = ngettext("{count} task stays in the list.", "{count} tasks stay in the list.", len(own))
    return Question(
        title=_("Remove account {name}?").format(name=clean_line(name)),
        what=(
            _("It goes out of config.toml, and a secret that reeltop kept for it is deleted."),
            stay.format(count=len(own)),
            *((left,) if open_ones else ()),
        ),
        cost=_("What was sent may still be charged.") if open_ones else "",
        go=_("Remove"),
        stay=_("Leave it"),
    )


def quit_question(
    tasks: Iterable[Task], leads: bool, drafts: int = 0, commands: Sequence[str] = ()
) -> Question | None:
    """Ask before quitting if that interrupts something, also the user's `commands`, or if `drafts` are not
    sent; None if nothing is."""
    tasks = list(tasks) if leads else []
    counts = Counter(task.status for task in tasks)
    waiting, leaving = counts[Status.WAITING], counts[Status.SUBMITTING]
    downloads = sum(
        artifact.state is ArtifactState.DOWNLOADING for task in tasks for artifact in task.artifacts
    )
    stops = []
    if leaving:
        words = ngettext(
            "{count} request on its way just now: its answer is waited for, up to 10 s; if none comes, the "
            "task is unconfirmed and looked for at the next start.",
            "{count} requests on their way just now: their answers are waited for, up to 10 s; where none "
            "comes, the task is unconfirmed and looked for at the next start.",
            leaving,
        )
        stops.append(words.format(count=leaving))
    if waiting:
        words = ngettext(
            "{count} task not sent yet: kept on disk, sent at the next start.",
            "{count} tasks not sent yet: kept on disk, sent at the next start.",
            waiting,
        )
        stops.append(words.format(count=waiting))
    if downloads:
        words = ngettext(
            "{count} download: resumed at the next start, if its link lives.",
            "{count} downloads: resumed at the next start, if their links live.",
            downloads,
        )
        stops.append(words.format(count=downloads))
    if commands:
        words = ngettext(
            "{count} command of yours, which is ended: {names}",
            "{count} commands of yours, which are ended: {names}",
            len(commands),
        )
        stops.append(words.format(count=len(commands), names=named(commands)))
    if not stops and not drafts:
        return None
    what = [_("This stops:"), *(f"  {line}" for line in stops)] if stops else [_("Nothing is interrupted.")]
    if drafts:
        words = ngettext(
            "{count} draft is not sent: it is kept, and found in the builder at the next start.",
            "{count} drafts are not sent: they are kept, and found in the builder at the next start.",
            drafts,
        )
        what.append(words.format(count=drafts))
    made = counts[Status.QUEUED] + counts[Status.RUNNING] + counts[Status.UNCONFIRMED]
    goes_on = ngettext(
        "This goes on: {count} task at its provider, charged as usual, asked about at the next start.",
        "This goes on: {count} tasks at the providers, charged as usual, asked about at the next start.",
        made,
    ).format(count=made)
    return Question(
        title=_("Quit reeltop?"),
        what=tuple(what),
        cost=goes_on if made else "",
        go=_("Quit"),
        stay=_("Stay"),
    )


def sandbox_question(tasks: Iterable[Task], leads: bool) -> Question | None:
    """Ask before the own accounts are left for the sandbox if that interrupts something."""
    question = quit_question(tasks, leads)
    return question and replace(
        question,
        title=_("Go to the sandbox?"),
        what=(*question.what, _("Coming back to your own accounts counts as the next start.")),
        go=_("Go there"),
    )


@dataclass(frozen=True, slots=True)
class Copyable:
    """A text of a task that is worth copying, under the letter that copies it."""

    letter: str
    name: str
    text: str


def copyables(task: Task, session: Session | None = None, curl: str = "") -> list[Copyable]:
    """Return what can be copied of a task; `session` is the SSH session that this is seen through,
    `curl` the request as a command."""
    words = [failure.words for failure in (task.failure, task.trouble and task.trouble.failure) if failure]
    words += [artifact.failure.words for artifact in task.artifacts if artifact.failure]
    links = (clean_line(artifact.remote.url) for artifact in task.artifacts)
    paths = [artifact.path for artifact in task.artifacts if artifact.path]
    request = json.dumps(dict(task.request), ensure_ascii=False, indent=2)
    texts = (
        Copyable("i", _("Id"), task.id),
        Copyable("r", _("Remote id"), clean_line(task.remote_id or "")),
        Copyable("l", _("Link"), "\n".join(links)),
        Copyable("p", pgettext("file", "Path"), "\n".join(map(clean_line, paths))),
        Copyable("s", _("scp line"), session.scp(paths) if session else ""),
        Copyable("f", _("file:// link"), "\n".join(filter(None, map(file_link, paths)))),
        Copyable("w", _("Provider's words"), "\n".join(clean_block(each) for each in words if each)),
        Copyable("t", _("Prompt text"), clean_block(task.prompt)),
        Copyable("o", _("Request as JSON"), clean_block(request)),
        Copyable("u", _("Request as curl"), clean_block(curl)),
        Copyable("a", _("Last answer"), clean_block(task.last_answer)),
    )
    return [each for each in texts if each.text]


def _what(task: Task) -> tuple[str, ...]:
    prompt = clean_line(task.prompt)
    if len(prompt) > _LONGEST_PROMPT:
        prompt = prompt[:_LONGEST_PROMPT].rstrip() + "…"
    names = (
        _("account {name}").format(name=clean_line(task.account)),
        operation_name(task),
        clean_line(task.model),
    )
    return (f"{status_mark(task.status)} · {' · '.join(filter(None, names))}", prompt)
