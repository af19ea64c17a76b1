"""What can happen to a task, as pure changes that look at its newest version first.

A change whose moment has passed (the user stopped the task meanwhile) returns the task as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from backend.models import (
    TRANSITIONS,
    Artifact,
    ArtifactState,
    Creation,
    Failure,
    FailureKind,
    Origin,
    Snapshot,
    Status,
    Submission,
    Task,
    TaskEvent,
    Trouble,
)

Change = Callable[[Task], Task]

_FIRST_EVENTS = 20
_LAST_EVENTS = 100
NOT_FOUND_TRIES = 4
"""Times in a row that a provider must say that it does not know a task …"""
NOT_FOUND_SECONDS = 60.0
"""… over at least so long, until it is believed."""
LAST_TRIES = 8
"""Tries without an answer after which a task past its deadline is given up."""


def with_event(task: Task, now: datetime, what: str, words: str = "") -> Task:
    """Return `task` with one more event; the middle of a long story is dropped."""
    events = (*task.events, TaskEvent(at=now, what=what, words=words))
    if len(events) > _FIRST_EVENTS + _LAST_EVENTS:
        events = (*events[:_FIRST_EVENTS], *events[-_LAST_EVENTS:])
    return replace(task, events=events, updated_at=now)


def sends(task: Task) -> int:
    """Return how often the task was sent, since the user last asked for it."""
    count = 0
    for event in task.events:
        if event.what == "resend":
            count = 0
        count += event.what == "sending"
    return count


# -- sending ----------------------------------------------------------------------------------------------


def sending(now: datetime, deadline: datetime, origin: Origin) -> Change:
    """The create request is about to leave for `origin`."""

    def change(task: Task) -> Task:
        if task.status is not Status.WAITING:
            return task
        new = replace(
            task, status=Status.SUBMITTING, sent_at=now, deadline=deadline, origin=origin, failure=None
        )
        return with_event(new, now, "sending", origin.base_url + origin.endpoint)

    return change


def accepted(submission: Submission, answer: str, now: datetime) -> Change:
    """The provider took it. Its end is believed only from a query, which brings files and reasons too."""

    def change(task: Task) -> Task:
        if task.status is not Status.SUBMITTING:
            return task
        status = submission.status if submission.status is Status.QUEUED else Status.RUNNING
        new = replace(
            task,
            status=status,
            remote_id=submission.remote_id,
            status_words=submission.status_words,
            started_at=now if status is Status.RUNNING else None,
            trouble=None,
            last_answer=answer,
        )
        return with_event(new, now, "accepted", f"as {submission.remote_id}")

    return change


def put_back(failure: Failure, answer: str, next_try: datetime, now: datetime) -> Change:
    """Nothing was created; it waits for another try."""

    def change(task: Task) -> Task:
        if task.status is not Status.SUBMITTING:
            return task
        new = replace(
            task,
            status=Status.WAITING,
            sent_at=None,
            deadline=None,
            trouble=_one_more(task.trouble, failure, next_try, now),
            last_answer=answer or task.last_answer,
        )
        return with_event(new, now, "trouble", _say(failure))

    return change


def refused(failure: Failure, answer: str, now: datetime) -> Change:
    """Nothing was created, and nothing will be."""

    def change(task: Task) -> Task:
        if Status.REJECTED not in TRANSITIONS[task.status]:
            return task
        new = replace(
            task,
            status=Status.REJECTED,
            failure=failure,
            trouble=None,
            finished_at=now,
            last_answer=answer or task.last_answer,
        )
        return with_event(new, now, "refused", _say(failure))

    return change


def unconfirmed(failure: Failure, answer: str, next_try: datetime | None, now: datetime) -> Change:
    """It was sent, and whether it exists is open; it is looked for at `next_try`."""

    def change(task: Task) -> Task:
        if task.status is not Status.SUBMITTING:
            return task
        new = replace(
            task,
            status=Status.UNCONFIRMED,
            failure=failure,
            trouble=Trouble(failure=failure, since=now, count=0, next_try=next_try),
            last_answer=answer or task.last_answer,
        )
        return with_event(new, now, "unconfirmed", _say(failure))

    return change


def crashed(now: datetime, next_try: datetime | None) -> Change:
    """The process that was sending it is gone, and with it the answer."""
    return unconfirmed(_CRASHED, "", next_try, now)


# -- looking for it ---------------------------------------------------------------------------------------


def not_seen(failure: Failure, looks: int, next_try: datetime | None, words: str, now: datetime) -> Change:
    """A look brought nothing; the next one is at `next_try`, or it rests until the user acts."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED:
            return task
        since = task.trouble.since if task.trouble else now
        trouble = Trouble(failure=failure, since=since, count=looks, next_try=next_try)
        return with_event(replace(task, trouble=trouble), now, "unconfirmed", words)

    return change


def found(snapshot: Snapshot, deadline: datetime, answer: str, now: datetime) -> Change:
    """The provider has it after all."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED:
            return task
        status = snapshot.status if snapshot.status in TRANSITIONS[Status.UNCONFIRMED] else Status.QUEUED
        new = replace(
            task,
            status=Status.QUEUED,
            remote_id=snapshot.remote_id,
            failure=None,
            trouble=None,
            deadline=max(deadline, task.deadline or deadline),
        )
        new = with_event(new, now, "found", f"as {snapshot.remote_id}")
        return _apply(new, replace(snapshot, status=status), answer, now)

    return change


def sent_again(next_try: datetime, now: datetime) -> Change:
    """The provider does not know it and would refuse it twice: it is sent once more, with the same id."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED or task.trouble is None:
            return task
        trouble = replace(task.trouble, count=0, next_try=next_try)
        new = replace(task, status=Status.WAITING, failure=None, trouble=trouble, sent_at=None, deadline=None)
        words = "the provider does not know it; it is sent again with the same id, which cannot be paid twice"
        return with_event(new, now, "unconfirmed", words)

    return change


# -- watching ---------------------------------------------------------------------------------------------


def seen(snapshot: Snapshot, answer: str, now: datetime) -> Change:
    """The provider said how it stands."""

    def change(task: Task) -> Task:
        if task.status not in (Status.QUEUED, Status.RUNNING):
            return task
        new = task
        if task.trouble:
            new = with_event(replace(task, trouble=None), now, "recovered")
        new = _apply(new, snapshot, answer, now)
        if not new.status.is_final and new.deadline and now >= new.deadline:
            return _lost(new, "its deadline passed while the provider was still at it", now)
        return new

    return change


def troubled(failure: Failure, next_try: datetime | None, now: datetime) -> Change:
    """Asking did not get through, or brought nothing of use. That says nothing of the task itself."""

    def change(task: Task) -> Task:
        if task.status not in (Status.WAITING, Status.QUEUED, Status.RUNNING):
            return task
        trouble = _one_more(task.trouble, failure, next_try, now)
        new = replace(task, trouble=trouble, updated_at=now)
        if task.trouble is None or task.trouble.failure.kind is not failure.kind:
            new = with_event(new, now, "trouble", _say(failure))
        if task.status is not Status.WAITING and (words := _given_up(new, trouble, now)):
            return _lost(new, words, now)
        return new

    return change


def _given_up(task: Task, trouble: Trouble, now: datetime) -> str:
    if trouble.failure.kind is FailureKind.NOT_FOUND:
        for_long = (now - trouble.since).total_seconds() >= NOT_FOUND_SECONDS
        if for_long and trouble.count >= NOT_FOUND_TRIES:
            return "the provider no longer knows it"
    elif task.deadline and now >= task.deadline and trouble.count >= LAST_TRIES:
        return "its deadline passed, and the provider cannot be asked"
    return ""


def _lost(task: Task, why: str, now: datetime) -> Task:
    new = replace(task, status=Status.LOST, finished_at=now)
    return with_event(
        new, now, "stopped", f"no longer watched: {why}; that says nothing of the job or its cost"
    )


def _apply(task: Task, snapshot: Snapshot, answer: str, now: datetime) -> Task:
    status = snapshot.status
    if status is None or (status is not task.status and status not in TRANSITIONS[task.status]):
        status = task.status
    words = snapshot.status_words or task.status_words
    new = replace(
        task,
        status=status,
        status_words=words,
        progress=snapshot.progress,
        model=task.model or snapshot.model or "",
        charges=snapshot.charges or task.charges,
        failure=snapshot.failure if status.is_final else task.failure,
    )
    if status is Status.RUNNING and new.started_at is None:
        new = replace(new, started_at=now)
    if status.is_final:
        artifacts = tuple(Artifact(remote=file) for file in snapshot.files)
        new = replace(new, finished_at=snapshot.finished_at or now, artifacts=artifacts or task.artifacts)
    if new == task:
        return task
    new = replace(new, last_answer=answer, updated_at=now)
    if status is not task.status or words != task.status_words:
        new = with_event(new, now, "status", _say(new.failure) if new.failure else words or status)
    return new


# -- the user's word --------------------------------------------------------------------------------------


def stopped(now: datetime) -> Change:
    """Withdraw what is still waiting, else stop watching; the provider goes on and may charge."""

    def change(task: Task) -> Task:
        if task.status is Status.WAITING:
            new = replace(task, status=Status.CANCELLED, trouble=None, finished_at=now)
            return with_event(new, now, "stopped", "withdrawn before it was sent")
        if task.status.is_watched:
            new = replace(task, status=Status.LOST, trouble=None, finished_at=now)
            words = "no longer watched, as you asked; the provider goes on and may charge"
            return with_event(new, now, "stopped", words)
        return task

    return change


def resumed(now: datetime, deadline: datetime) -> Change:
    """Watch a lost task again, until `deadline`; without a remote id it is looked for."""

    def change(task: Task) -> Task:
        if task.status is not Status.LOST:
            return task
        status = Status.UNCONFIRMED
        if task.remote_id:
            status = Status.RUNNING if task.started_at else Status.QUEUED
        new = replace(task, status=status, trouble=None, finished_at=None, deadline=deadline)
        return with_event(new, now, "resumed")

    return change


def resent(now: datetime) -> Change:
    """Send an unconfirmed task again, on the user's word that it may be paid twice."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED:
            return task
        new = replace(task, status=Status.WAITING, trouble=None, failure=None, sent_at=None, deadline=None)
        return with_event(new, now, "resend", "sent again as you asked; it may be paid twice")

    return change


# -- what a task's state means ----------------------------------------------------------------------------


def is_resting(task: Task) -> bool:
    """Whether an unconfirmed task is no longer looked for: only the user can go on."""
    return task.status is Status.UNCONFIRMED and task.trouble is not None and task.trouble.next_try is None


def is_arriving(task: Task) -> bool:
    """Whether a finished task has files on their way that have not failed."""
    on_the_way = (ArtifactState.REMOTE, ArtifactState.DOWNLOADING)
    return task.status is Status.SUCCEEDED and any(item.state in on_the_way for item in task.artifacts)


def _one_more(before: Trouble | None, failure: Failure, next_try: datetime | None, now: datetime) -> Trouble:
    unknown = FailureKind.NOT_FOUND
    if before is None or (before.failure.kind is unknown) is not (failure.kind is unknown):
        return Trouble(failure=failure, since=now, count=1, next_try=next_try)
    return Trouble(failure=failure, since=before.since, count=before.count + 1, next_try=next_try)


def _say(failure: Failure) -> str:
    words = failure.words or failure.meaning
    return f"{failure.code}: {words}" if failure.code else words


_CRASHED = Failure(
    kind=FailureKind.TRANSIENT,
    meaning="reeltop ended while the request was on its way, so its answer is unknown.",
    money="It may have been created and charged.",
    next_step="It is looked for by itself, where the provider has a way; it is never sent twice by itself.",
    creation=Creation.MAY_EXIST,
)
