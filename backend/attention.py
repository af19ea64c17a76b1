"""What only a person can solve, and what to do about it. Pure.

A job that failed is over and asks for nothing; trouble that passes by itself asks for nothing either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.language import N_
from backend.measures import SOON, until_gone
from backend.models import (
    STOPPED_AS_ASKED,
    AccountHealth,
    ArtifactState,
    Failure,
    FailureKind,
    Status,
    Task,
)

Accounts = Mapping[str, AccountHealth]
"""How the accounts are doing, by name; those that are not in it are not configured any more."""


class Step(StrEnum):
    """What a person can do next."""

    ACCOUNT = "account"
    """See to the account: its credential, its balance."""
    RESEND = "resend"
    RESUME = "resume"
    DOWNLOAD = "download"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Attention:
    """Why a task needs a person."""

    reason: str
    """A word or two from a fixed set: ``credential``, ``quota``, ``unconfirmed`` …; English."""
    words: str
    """What to do, as a constant sentence, English."""
    step: Step
    failure: Failure | None = None


_CREDENTIAL = N_("The account's credential is refused. Put it right, then try again.")
_QUOTA = N_("The account has nothing left to spend. Top it up, then try again.")
_FORBIDDEN = N_("The account may not do this. Ask its provider, then try again.")
_HELD = N_("It is tried again only when you say so.")
_GONE = N_("Its account is not configured any more. Configure it again to go on.")
_DISABLED = N_("Its account is disabled. Enable it to go on.")
_UNCONFIRMED = N_(
    "It may exist and be charged, and cannot be looked for any more. "
    "Look at the provider's own list; if it is not there, send it again."
)
_LOST = N_("It may still finish, and be charged. Watch it again, or archive it.")
_NOT_SAVED = N_("Its file could not be saved. Put right what the failure says, then download it.")
_EXPIRING = N_("Its file goes soon and is not saved. Download it now.")
_OPEN = frozenset({Status.WAITING, Status.SUBMITTING, Status.QUEUED, Status.RUNNING})
_OF_ACCOUNT = {
    FailureKind.AUTH: Attention(N_("credential"), _CREDENTIAL, Step.ACCOUNT),
    FailureKind.QUOTA: Attention(N_("quota"), _QUOTA, Step.ACCOUNT),
    FailureKind.FORBIDDEN: Attention(N_("forbidden"), _FORBIDDEN, Step.ACCOUNT),
}


def attention(task: Task, now: datetime, accounts: Accounts | None) -> Attention | None:
    """Return why a task needs a person; None if it does not. Without `accounts` none is known to be gone."""
    match task.status:
        case Status.UNCONFIRMED:
            return _of_unconfirmed(task)
        case Status.LOST:
            known = was_stopped_by_user(task)
            return None if known else Attention(N_("lost"), _LOST, Step.RESUME, task.failure)
        case Status.SUCCEEDED:
            return _of_files(task, now)
    return _of_account(task, accounts) if task.status in _OPEN else None


def was_stopped_by_user(task: Task) -> bool:
    """Whether it is no longer watched because the user said so."""
    return task.status is Status.LOST and any(event.words == STOPPED_AS_ASKED for event in task.events[-1:])


def _of_unconfirmed(task: Task) -> Attention | None:
    if task.trouble is None or task.trouble.next_try is not None:
        return None
    return Attention(N_("unconfirmed"), _UNCONFIRMED, Step.RESEND, task.failure or task.trouble.failure)


def _of_account(task: Task, accounts: Accounts | None) -> Attention | None:
    if accounts is not None and task.account not in accounts:
        return Attention(N_("no account"), _GONE, Step.ACCOUNT)
    health = accounts[task.account] if accounts is not None else None
    if health is not None and health.disabled:
        return Attention(N_("disabled"), _DISABLED, Step.ACCOUNT)
    for trouble in (task.trouble, health.trouble if health else None):
        if trouble is None:
            continue
        found = _OF_ACCOUNT.get(trouble.failure.kind)
        if found is not None:
            return Attention(found.reason, found.words, found.step, trouble.failure)
        if trouble.next_try is None:
            return Attention(N_("on hold"), _HELD, Step.RETRY, trouble.failure)
    return None


def _of_files(task: Task, now: datetime) -> Attention | None:
    left = until_gone(task, now)
    if left is not None and left <= 0:
        return None
    for artifact in task.artifacts:
        failure = artifact.failure
        if artifact.state is ArtifactState.FAILED and failure is not None and not failure.kind.is_passing:
            return Attention(N_("not saved"), _NOT_SAVED, Step.DOWNLOAD, failure)
    if left is not None and left < SOON and not _is_arriving(task):
        return Attention(N_("expiring"), _EXPIRING, Step.DOWNLOAD)
    return None


def _is_arriving(task: Task) -> bool:
    return any(artifact.state is ArtifactState.DOWNLOADING for artifact in task.artifacts)
