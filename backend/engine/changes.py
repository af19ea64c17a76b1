"""What can happen to a task, as pure changes that look at its newest version first: being sent, and what
the user wants. What its provider says of it is in :mod:`.sightings`.

A change whose moment has passed (the user stopped the task meanwhile) returns the task as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from backend.language import N_, recorded
from backend.models import (
    STOPPED_AS_ASKED,
    TRANSITIONS,
    ArtifactState,
    Creation,
    Failure,
    FailureKind,
    Origin,
    Status,
    Submission,
    Task,
    TaskEvent,
    Trouble,
)

Change = Callable[[Task], Task]

_FIRST_EVENTS = 20
_LAST_EVENTS = 100


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


def sending(now: datetime, deadline: datetime, origin: Origin, composed: Task | None = None) -> Change:
    """The create request is about to leave for `origin`; not if it was made from `composed`, and the task has
    been edited since."""

    def change(task: Task) -> Task:
        if task.status is not Status.WAITING or (composed and task.request != composed.request):
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
        return with_event(
            new, now, "accepted", recorded("as {remote_id}").format(remote_id=submission.remote_id)
        )

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
            trouble=one_more(task.trouble, failure, next_try, now),
            last_answer=answer or task.last_answer,
        )
        return with_event(new, now, "trouble", say(failure))

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
        return with_event(new, now, "refused", say(failure))

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
        return with_event(new, now, "unconfirmed", say(failure))

    return change


def crashed(now: datetime, next_try: datetime | None) -> Change:
    """The process that was sending it is gone, and with it the answer."""
    return unconfirmed(_CRASHED, "", next_try, now)


# -- the user's word --------------------------------------------------------------------------------------


def stopped(now: datetime) -> Change:
    """Withdraw what is still waiting, else stop watching; the provider goes on and may charge."""

    def change(task: Task) -> Task:
        if task.status is Status.WAITING:
            return withdrawn(now)(task)
        if task.status.is_watched:
            new = replace(task, status=Status.LOST, trouble=None, finished_at=now)
            return with_event(new, now, "stopped", STOPPED_AS_ASKED)
        return task

    return change


def edited(made: Task, now: datetime) -> Change:
    """What waits is to be sent as in `made`, in the same place; trouble with the old request is over."""

    def change(task: Task) -> Task:
        if not is_editable(task) or task.request == made.request:
            return task
        new = replace(
            task,
            request=made.request,
            model=made.model,
            prompt=made.prompt,
            external_id=made.external_id,
            origin=made.origin,
            trouble=None,
        )
        return with_event(new, now, "edited")

    return change


def withdrawn(now: datetime) -> Change:
    """Withdraw what is still waiting; leave alone whatever was sent meanwhile."""

    def change(task: Task) -> Task:
        if task.status is not Status.WAITING:
            return task
        new = replace(task, status=Status.CANCELLED, trouble=None, finished_at=now)
        return with_event(new, now, "stopped", recorded("withdrawn before it was sent"))

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
        return with_event(new, now, "resend", recorded("sent again as you asked; it may be paid twice"))

    return change


def said_to_exist(remote_id: str, deadline: datetime, now: datetime) -> Change:
    """An unconfirmed task has this id at its provider, on the user's word: it is asked about by it."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED:
            return task
        new = replace(
            task, status=Status.QUEUED, remote_id=remote_id, failure=None, trouble=None, deadline=deadline
        )
        return with_event(
            new, now, "found", recorded("as {remote_id}, as you said").format(remote_id=remote_id)
        )

    return change


def said_not_created(now: datetime) -> Change:
    """Nothing was made of an unconfirmed task, on the user's word."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED:
            return task
        new = replace(task, status=Status.CANCELLED, failure=None, trouble=None, finished_at=now)
        return with_event(
            new, now, "stopped", recorded("not created, as you said; it is not looked for any more")
        )

    return change


def looked_for_again(now: datetime) -> Change:
    """Look for an unconfirmed task once more, now."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED or task.trouble is None:
            return task
        return with_event(replace(task, trouble=replace(task.trouble, next_try=now)), now, "resumed")

    return change


def deleted(now: datetime) -> Change:
    """Its film is gone at the provider; what is here stays."""
    return lambda task: with_event(
        task, now, "deleted", recorded("its film is deleted at the provider, as you asked")
    )


# -- what a task's state means ----------------------------------------------------------------------------


def is_editable(task: Task) -> bool:
    """Whether a task waits, and no request of it can have made anything at the provider."""
    return task.status is Status.WAITING and all(event.what != "unconfirmed" for event in task.events)


def is_resting(task: Task) -> bool:
    """Whether an unconfirmed task is no longer looked for: only the user can go on."""
    return task.status is Status.UNCONFIRMED and task.trouble is not None and task.trouble.next_try is None


def is_arriving(task: Task) -> bool:
    """Whether a finished task has files on their way that have not failed."""
    on_the_way = (ArtifactState.REMOTE, ArtifactState.DOWNLOADING)
    return task.status is Status.SUCCEEDED and any(item.state in on_the_way for item in task.artifacts)


def one_more(before: Trouble | None, failure: Failure, next_try: datetime | None, now: datetime) -> Trouble:
    """Return the trouble that `failure` adds to; not being known and not being heard are two troubles."""
    unknown = FailureKind.NOT_FOUND
    if before is None or (before.failure.kind is unknown) is not (failure.kind is unknown):
        return Trouble(failure=failure, since=now, count=1, next_try=next_try)
    return Trouble(failure=failure, since=before.since, count=before.count + 1, next_try=next_try)


def say(failure: Failure) -> str:
    """Return a failure as an event tells it."""
    words = failure.words or failure.meaning
    return f"{failure.code}: {words}" if failure.code else words


_CRASHED = Failure(
    kind=FailureKind.TRANSIENT,
    meaning=N_("reeltop ended while the request was on its way, so its answer is unknown."),
    money=N_("It may have been created and charged."),
    next_step=N_(
        "It is looked for by itself, where the provider has a way; it is never sent twice by itself."
    ),
    creation=Creation.MAY_EXIST,
)
