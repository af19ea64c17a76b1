"""What a provider says of a task, or does not say, as pure changes. See :mod:`.changes`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.altered import altered
from backend.engine.changes import Change, one_more, say, with_event
from backend.language import recorded
from backend.models import (
    TRANSITIONS,
    Artifact,
    Failure,
    FailureKind,
    Snapshot,
    Status,
    Task,
    Trouble,
)

NOT_FOUND_TRIES = 4
"""Times in a row that a provider must say that it does not know a task …"""
NOT_FOUND_SECONDS = 60.0
"""… over at least so long, until it is believed."""
LAST_TRIES = 8
"""Tries without an answer after which a task past its deadline is given up."""


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
        new = with_event(new, now, "found", recorded("as {remote_id}").format(remote_id=snapshot.remote_id))
        return _apply(new, replace(snapshot, status=status), lambda: answer, now)

    return change


def sent_again(next_try: datetime, now: datetime) -> Change:
    """The provider does not know it and would refuse it twice: it is sent once more, with the same id."""

    def change(task: Task) -> Task:
        if task.status is not Status.UNCONFIRMED or task.trouble is None:
            return task
        trouble = replace(task.trouble, count=0, next_try=next_try)
        new = replace(task, status=Status.WAITING, failure=None, trouble=trouble, sent_at=None, deadline=None)
        words = recorded(
            "the provider does not know it; it is sent again with the same id, which cannot be paid twice"
        )
        return with_event(new, now, "unconfirmed", words)

    return change


# -- watching ---------------------------------------------------------------------------------------------


def seen(snapshot: Snapshot, answer: Callable[[], str], now: datetime) -> Change:
    """The provider said how it stands; `answer` returns what to remember of it, if it is news."""

    def change(task: Task) -> Task:
        if task.status not in (Status.QUEUED, Status.RUNNING):
            return task
        new = task
        if task.trouble:
            new = with_event(replace(task, trouble=None), now, "recovered")
        new = _apply(new, snapshot, answer, now)
        if not new.status.is_final and new.deadline and now >= new.deadline:
            return _lost(new, recorded("its deadline passed while the provider was still at it"), now)
        return new

    return change


def troubled(failure: Failure, next_try: datetime | None, now: datetime) -> Change:
    """Asking did not get through, or brought nothing of use. That says nothing of the task itself."""

    def change(task: Task) -> Task:
        if task.status not in (Status.WAITING, Status.QUEUED, Status.RUNNING):
            return task
        trouble = one_more(task.trouble, failure, next_try, now)
        new = replace(task, trouble=trouble, updated_at=now)
        if task.trouble is None or task.trouble.failure.kind is not failure.kind:
            new = with_event(new, now, "trouble", say(failure))
        if task.status is not Status.WAITING and (words := _given_up(new, trouble, now)):
            return _lost(new, words, now)
        return new

    return change


def _given_up(task: Task, trouble: Trouble, now: datetime) -> str:
    if trouble.failure.kind is FailureKind.NOT_FOUND:
        for_long = (now - trouble.since).total_seconds() >= NOT_FOUND_SECONDS
        if for_long and trouble.count >= NOT_FOUND_TRIES:
            return recorded("the provider no longer knows it")
    elif task.deadline and now >= task.deadline and trouble.count >= LAST_TRIES:
        return recorded("its deadline passed, and the provider cannot be asked")
    return ""


def _lost(task: Task, why: str, now: datetime) -> Task:
    new = replace(task, status=Status.LOST, finished_at=now)
    return with_event(
        new,
        now,
        "stopped",
        recorded("no longer watched: {why}; that says nothing of the job or its cost").format(why=why),
    )


def _apply(task: Task, snapshot: Snapshot, answer: Callable[[], str], now: datetime) -> Task:
    status = snapshot.status
    if status is None or (status is not task.status and status not in TRANSITIONS[task.status]):
        status = task.status
    words = snapshot.status_words or task.status_words
    said: dict[str, Any] = {
        "status": status,
        "status_words": words,
        "progress": snapshot.progress,
        "model": task.model or snapshot.model or "",
        "charges": snapshot.charges or task.charges,
    }
    if status is Status.RUNNING and task.started_at is None:
        said["started_at"] = now
    if status.is_final:
        artifacts = tuple(Artifact(remote=file) for file in snapshot.files)
        said["failure"] = snapshot.failure
        said["finished_at"] = snapshot.finished_at or now
        said["artifacts"] = artifacts or task.artifacts
    if all(getattr(task, name) == value for name, value in said.items()):
        return task
    new = altered(task, **said, last_answer=answer(), updated_at=now)
    if status is not task.status or words != task.status_words:
        new = with_event(
            new, now, "status", f"{status}: {say(new.failure)}" if new.failure else words or status
        )
    return new
