"""The nouns of reeltop: tasks and what providers say of them. Plain data, no behaviour, no I/O.

Stored and printed as JSON by :mod:`backend.records`. Times are aware UTC datetimes, ids are strings,
money is :class:`~decimal.Decimal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from backend.deferred import Deferring
from backend.language import recorded
from backend.states import TRANSITIONS, ArtifactState, Creation, FailureKind, Status

__all__ = [
    "STOPPED_AS_ASKED",
    "TRANSITIONS",
    "AccountHealth",
    "Artifact",
    "ArtifactState",
    "Charge",
    "Creation",
    "Failure",
    "FailureKind",
    "Origin",
    "Quota",
    "RemoteFile",
    "Snapshot",
    "Status",
    "Submission",
    "Task",
    "TaskEvent",
    "Trouble",
]


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
    ``stopped``, ``resumed``, ``resend``, ``edited``."""
    words: str = ""


STOPPED_AS_ASKED = recorded("no longer watched, as you asked; the provider goes on and may charge")
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
    unwatched: int = 0
    """How many of these the user stopped watching: they count until such jobs have usually ended."""
    trouble: Trouble | None = None
    paused: bool = False
    """Whether the user wants nothing to be sent."""
    disabled: bool = False
    """Whether the user wants nothing to be sent or asked, as the configuration says."""
    requests: int | None = None
    """In the last minute; None in a process that does not work."""
    errors: int | None = None
    """How many of these brought no answer."""
    latencies: tuple[float, ...] = ()
    """Seconds that the last ones took which were answered, oldest first."""

    @property
    def latency(self) -> float | None:
        """The median of :attr:`latencies`."""
        return sorted(self.latencies)[len(self.latencies) // 2] if self.latencies else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What an account may still spend of something bought before, as its provider tells it."""

    name: str
    """The provider's, of the pack."""
    left: Decimal
    """In the provider's units; Kling's own word comes up to 12 hours late."""
    total: Decimal | None = None
    status: str = ""
    """The provider's word: ``online``, ``expired``, ``runOut`` …"""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a task was sent with, frozen with it (DESIGN rule 3)."""

    base_url: str
    endpoint: str
    """Path of the create request."""
    codec_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Deferring):
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
    row: str = ""
    """Identity of the batch's row that it was made from."""
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
