"""The states that things are in: all that has to be known of tasks before there are any. Pure.

Apart from :mod:`backend.models` because the first screen waits for this, and not for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backend.language import N_, _


class Status(StrEnum):
    """Where a task stands. Trouble with polling is not a status, see :class:`~backend.models.Trouble`."""

    WAITING = "waiting"
    """On disk, nothing sent."""
    SUBMITTING = "submitting"
    """Its create request is on the way: after a crash here the answer is unknown."""
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """Sent, answer unknown: it may exist and may be charged."""
    REJECTED = "rejected"
    """Refused: nothing was created."""
    LOST = "lost"
    """No longer watched: the provider does not know it, its deadline passed, or the user said so."""

    @property
    def is_final(self) -> bool:
        """Whether reeltop does nothing more by itself about a task in this status."""
        return self in _FINAL

    @property
    def word(self) -> str:
        """What people read; filters, JSON and records have the value."""
        return _(_STATUS_WORDS[self])

    @property
    def is_watched(self) -> bool:
        """Whether the provider is asked about a task in this status."""
        return self in _WATCHED


_STATUS_WORDS: Mapping[Status, str] = {
    Status.WAITING: N_("waiting"),
    Status.SUBMITTING: N_("submitting"),
    Status.QUEUED: N_("queued"),
    Status.RUNNING: N_("running"),
    Status.SUCCEEDED: N_("succeeded"),
    Status.FAILED: N_("failed"),
    Status.CANCELLED: N_("cancelled"),
    Status.UNCONFIRMED: N_("unconfirmed"),
    Status.REJECTED: N_("rejected"),
    Status.LOST: N_("lost"),
}

_FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.REJECTED, Status.LOST})
_WATCHED = frozenset({Status.QUEUED, Status.RUNNING, Status.UNCONFIRMED})

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.WAITING: frozenset({Status.SUBMITTING, Status.CANCELLED, Status.REJECTED}),
    Status.SUBMITTING: frozenset(
        {
            Status.WAITING,
            Status.QUEUED,
            Status.RUNNING,
            Status.SUCCEEDED,
            Status.FAILED,
            Status.REJECTED,
            Status.UNCONFIRMED,
        }
    ),
    Status.UNCONFIRMED: frozenset(
        {
            Status.QUEUED,
            Status.RUNNING,
            Status.SUCCEEDED,
            Status.FAILED,
            Status.CANCELLED,
            Status.REJECTED,
            Status.LOST,
            Status.WAITING,
        }
    ),
    Status.QUEUED: frozenset(
        {Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.LOST}
    ),
    Status.RUNNING: frozenset(
        {Status.QUEUED, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.LOST}
    ),
    Status.LOST: frozenset(
        {
            Status.QUEUED,
            Status.RUNNING,
            Status.SUCCEEDED,
            Status.FAILED,
            Status.CANCELLED,
            Status.UNCONFIRMED,
        }
    ),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.REJECTED: frozenset(),
}
"""What may follow what. WAITING after SUBMITTING or UNCONFIRMED needs proof that nothing was created,
or the user's word."""


class FailureKind(StrEnum):
    """The class of a failure: who can do what about it (FACTS, "Common vocabulary")."""

    AUTH = "auth"
    QUOTA = "quota"
    RATE_LIMIT = "rate_limit"
    TRANSIENT = "transient"
    INVALID = "invalid"
    POLICY = "policy"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    DUPLICATE = "duplicate"
    """The provider already has a task with our external id."""
    FAILED_TASK = "failed_task"
    """Accepted, then failed."""
    PROTOCOL = "protocol"
    """An answer that cannot be understood: HTML, half a JSON, other types."""

    @property
    def word(self) -> str:
        """What people read; JSON and records have the value."""
        return _(_KIND_WORDS[self])

    @property
    def is_of_account(self) -> bool:
        """Whether it concerns everything that the account sends until the user does something."""
        return self in (FailureKind.AUTH, FailureKind.QUOTA, FailureKind.FORBIDDEN)

    @property
    def is_passing(self) -> bool:
        """Whether waiting may cure it."""
        return self in (FailureKind.RATE_LIMIT, FailureKind.TRANSIENT, FailureKind.PROTOCOL)


_KIND_WORDS: Mapping[FailureKind, str] = {
    FailureKind.AUTH: N_("auth"),
    FailureKind.QUOTA: N_("quota"),
    FailureKind.RATE_LIMIT: N_("rate limit"),
    FailureKind.TRANSIENT: N_("transient"),
    FailureKind.INVALID: N_("invalid"),
    FailureKind.POLICY: N_("policy"),
    FailureKind.FORBIDDEN: N_("forbidden"),
    FailureKind.NOT_FOUND: N_("not found"),
    FailureKind.DUPLICATE: N_("duplicate"),
    FailureKind.FAILED_TASK: N_("failed task"),
    FailureKind.PROTOCOL: N_("protocol"),
}


class Creation(StrEnum):
    """What a failed create request leaves behind (FACTS, ``task_state``)."""

    NOT_CREATED = "not_created"
    MAY_EXIST = "may_exist"


class ArtifactState(StrEnum):
    """How far a result file has come to the user's disk."""

    REMOTE = "remote"
    DOWNLOADING = "downloading"
    SAVED = "saved"
    FAILED = "failed"
    """The last try failed; it is tried again, and never by a new generation."""

    @property
    def word(self) -> str:
        """What people read; JSON and records have the value."""
        return _(_FILE_WORDS[self])


_FILE_WORDS: Mapping[ArtifactState, str] = {
    ArtifactState.REMOTE: N_("remote"),
    ArtifactState.DOWNLOADING: N_("downloading"),
    ArtifactState.SAVED: N_("saved"),
    ArtifactState.FAILED: N_("failed"),
}
