"""The nouns of reeltop: tasks and what providers say of them. Plain data, no behaviour, no I/O.

Stored and printed as JSON by :mod:`backend.records`. Times are aware UTC datetimes, ids are strings,
money is :class:`~decimal.Decimal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a task stands. Trouble with polling is not a status, see :class:`Trouble`."""

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
    def is_watched(self) -> bool:
        """Whether the provider is asked about a task in this status."""
        return self in _WATCHED


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
    def is_passing(self) -> bool:
        """Whether waiting may cure it."""
        return self in (FailureKind.RATE_LIMIT, FailureKind.TRANSIENT, FailureKind.PROTOCOL)


class Creation(StrEnum):
    """What a failed create request leaves behind (FACTS, ``task_state``)."""

    NOT_CREATED = "not_created"
    MAY_EXIST = "may_exist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why something did not work, in the provider's words and in ours.

    `meaning`, `money` and `next_step` are constant sentences, so that they can be translated.
    """

    kind: FailureKind
    words: str = ""
    """The provider's own words."""
    code: str | None = None
    request_id: str | None = None
    http_status: int | None = None
    meaning: str = ""
    money: str = ""
    next_step: str = ""
    creation: Creation = Creation.NOT_CREATED
    """Only of interest for a failed create."""
    retry_after: float | None = None
    """Seconds the provider asked us to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a provider says it charged."""

    amount: Decimal
    unit: str
    """``unit``, ``cash`` … as the provider names it; a currency where it gives one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A result as a provider offers it."""

    url: str
    kind: str = "video"
    """``video`` or ``watermarked``."""
    duration: float | None = None
    """Seconds."""
    expires_at: datetime | None = None
    authorized: bool = False
    """Whether it lies behind the account's own credentials (the gateway's ``/content``)."""


class ArtifactState(StrEnum):
    """How far a result file has come to the user's disk."""

    REMOTE = "remote"
    DOWNLOADING = "downloading"
    SAVED = "saved"
    FAILED = "failed"
    """The last try failed; it is tried again, and never by a new generation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A result file: where it lies, how long, and what of it is here."""

    remote: RemoteFile
    state: ArtifactState = ArtifactState.REMOTE
    path: str | None = None
    bytes_done: int = 0
    bytes_total: int | None = None
    checks: tuple[str, ...] = ()
    """Checks passed: ``length``, ``mp4`` …"""
    failure: Failure | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """One line of a task's timeline."""

    at: datetime
    what: str
    """A word from a fixed set: ``created``, ``sending``, ``accepted``, ``status``, ``refused``,
    ``unconfirmed``, ``found``, ``trouble``, ``recovered``, ``download``, ``saved``,
    ``stopped``, ``resumed``, ``resend``."""
    words: str = ""


STOPPED_AS_ASKED = "no longer watched, as you asked; the provider goes on and may charge"
"""Words of a ``stopped`` event where the user said so, unlike those of a task that reeltop gave up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Polling or sending does not get through just now; the task itself may be well."""

    failure: Failure
    since: datetime
    count: int
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How an account is doing just now."""

    waiting: int = 0
    unfinished: int = 0
    """Sent and not final: what counts against the concurrency."""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a task was sent with, frozen with it (DESIGN rule 3)."""

    base_url: str
    endpoint: str
    """Path of the create request."""
    codec_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One generation job that the user paid for or is about to."""

    id: str
    account: str
    provider: str
    operation: str
    origin: Origin
    request: Mapping[str, Any]
    """The request model's fields as JSON values, set ones only."""
    created_at: datetime
    updated_at: datetime
    status: Status = Status.WAITING
    model: str = ""
    prompt: str = ""
    external_id: str | None = None
    remote_id: str | None = None
    status_words: str = ""
    """The provider's own status word, last seen."""
    progress: float | None = None
    """0 to 1 as the provider says; None where it says nothing."""
    sent_at: datetime | None = None
    started_at: datetime | None = None
    """When it was first seen running."""
    finished_at: datetime | None = None
    deadline: datetime | None = None
    """When watching ends in ``lost``; unset until it is sent."""
    failure: Failure | None = None
    trouble: Trouble | None = None
    artifacts: tuple[Artifact, ...] = ()
    charges: tuple[Charge, ...] = ()
    events: tuple[TaskEvent, ...] = ()
    last_answer: str = ""
    """The provider's last raw answer, bounded and without secrets."""
    batch: str = ""
    """Name of the batch that it was made in."""
    tags: tuple[str, ...] = ()
    """The user's own words for it, sorted; see :mod:`backend.labels`."""
    note: str = ""
    """What the user wrote about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A create request that was accepted."""

    remote_id: str
    status: Status = Status.QUEUED
    status_words: str = ""
    external_id: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a provider said of a task at one moment."""

    remote_id: str
    status: Status | None
    """None for a word we do not know: the task keeps its status and is asked again."""
    status_words: str = ""
    progress: float | None = None
    files: tuple[RemoteFile, ...] = ()
    failure: Failure | None = None
    charges: tuple[Charge, ...] = ()
    external_id: str | None = None
    model: str | None = None
    finished_at: datetime | None = None
