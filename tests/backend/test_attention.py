"""What only a person can solve."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.attention import Attention, Step, attention
from backend.models import (
    STOPPED_AS_ASKED,
    AccountHealth,
    Artifact,
    ArtifactState,
    Failure,
    FailureKind,
    RemoteFile,
    Status,
    Task,
    TaskEvent,
    Trouble,
)
from tests.backend.test_query import NOW, task

WELL = {"kling-cn": AccountHealth()}


def trouble(kind: FailureKind, *, on_hold: bool = False) -> Trouble:
    next_try = None if on_hold else NOW + timedelta(seconds=8)
    return Trouble(failure=Failure(kind=kind), since=NOW, count=1, next_try=next_try)


def file(state: ArtifactState, hours: float | None, kind: FailureKind | None = None) -> tuple[Artifact, ...]:
    ends = None if hours is None else NOW + timedelta(hours=hours)
    failure = Failure(kind=kind) if kind else None
    return (Artifact(remote=RemoteFile(url="https://x", expires_at=ends), state=state, failure=failure),)


def of(one: Task, health: AccountHealth | None = None) -> Attention | None:
    return attention(one, NOW, {"kling-cn": health} if health else WELL)


@pytest.mark.parametrize(
    ("fields", "reason", "step"),
    [
        ({"trouble": trouble(FailureKind.AUTH)}, "credential", Step.ACCOUNT),
        ({"trouble": trouble(FailureKind.QUOTA)}, "quota", Step.ACCOUNT),
        ({"trouble": trouble(FailureKind.FORBIDDEN)}, "forbidden", Step.ACCOUNT),
        ({"trouble": trouble(FailureKind.TRANSIENT, on_hold=True)}, "on hold", Step.RETRY),
        (
            {"status": Status.UNCONFIRMED, "trouble": trouble(FailureKind.TRANSIENT, on_hold=True)},
            "unconfirmed",
            Step.RESEND,
        ),
        ({"status": Status.LOST}, "lost", Step.RESUME),
        (
            {
                "status": Status.SUCCEEDED,
                "artifacts": file(ArtifactState.FAILED, None, FailureKind.NOT_FOUND),
            },
            "not saved",
            Step.DOWNLOAD,
        ),
        ({"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.REMOTE, 5)}, "expiring", Step.DOWNLOAD),
    ],
)
def test_what_needs_a_person_and_its_next_step(fields: dict[str, Any], reason: str, step: Step) -> None:
    need = of(task("a", **fields))
    assert need is not None
    assert (need.reason, need.step) == (reason, step)
    assert need.words


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": Status.FAILED, "failure": Failure(kind=FailureKind.QUOTA)},
        {"status": Status.REJECTED, "failure": Failure(kind=FailureKind.AUTH)},
        {"trouble": trouble(FailureKind.TRANSIENT)},
        {"trouble": trouble(FailureKind.RATE_LIMIT)},
        {"status": Status.UNCONFIRMED, "trouble": trouble(FailureKind.TRANSIENT)},
        {"status": Status.LOST, "events": (TaskEvent(at=NOW, what="stopped", words=STOPPED_AS_ASKED),)},
        {"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.SAVED, 1)},
        {"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.DOWNLOADING, 1)},
        {"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.REMOTE, 24)},
        {"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.REMOTE, -1)},
        {"status": Status.SUCCEEDED, "artifacts": file(ArtifactState.FAILED, 24, FailureKind.TRANSIENT)},
    ],
)
def test_what_is_over_or_passes_by_itself_needs_nobody(fields: dict[str, Any]) -> None:
    assert of(task("a", **fields)) is None


def test_the_trouble_of_an_account_is_that_of_its_open_tasks() -> None:
    refused = AccountHealth(trouble=trouble(FailureKind.AUTH))
    need = of(task("a", status=Status.RUNNING), refused)
    assert need is not None
    assert need.failure is not None
    assert need.failure.kind is FailureKind.AUTH
    assert of(task("b", status=Status.SUCCEEDED), refused) is None


def test_a_task_whose_account_is_gone_needs_it_back() -> None:
    gone = replace(task("a", status=Status.RUNNING), account="former")
    need = attention(gone, NOW, WELL)
    assert need is not None
    assert need.reason == "no account"
    assert attention(gone, NOW, None) is None


def test_a_disabled_account_is_what_keeps_its_tasks() -> None:
    need = of(task("a", trouble=trouble(FailureKind.AUTH)), AccountHealth(disabled=True))
    assert need is not None
    assert (need.reason, need.step) == ("disabled", Step.ACCOUNT)
