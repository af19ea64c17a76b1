from __future__ import annotations

import pytest

from backend.cli import exits
from backend.cli.exits import Exit
from backend.errors import (
    AccountError,
    ConfigError,
    Issue,
    ProviderError,
    ReeltopError,
    RequestError,
    StoreError,
    UsageError,
)
from backend.models import Artifact, ArtifactState, FailureKind, RemoteFile, Status, Task

from .helpers import failure, make_task, trouble


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ConfigError("x"), 2),
        (RequestError([Issue("prompt", "required")]), 2),
        (AccountError("x"), 3),
        (ProviderError(failure(FailureKind.AUTH)), 3),
        (ProviderError(failure(FailureKind.QUOTA)), 3),
        (ProviderError(failure(FailureKind.TRANSIENT)), 4),
        (ProviderError(failure(FailureKind.NOT_FOUND)), 4),
        (StoreError("x"), 1),
    ],
)
def test_every_error_has_its_code(error: ReeltopError, code: int) -> None:
    assert exits.of_error(error) == code


def _saved(state: ArtifactState) -> tuple[Artifact, ...]:
    return (Artifact(remote=RemoteFile(url="http://127.0.0.1/a.mp4"), state=state),)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (make_task(Status.SUCCEEDED, artifacts=_saved(ArtifactState.SAVED)), 0),
        (make_task(Status.SUCCEEDED, artifacts=_saved(ArtifactState.FAILED)), 4),
        (make_task(Status.FAILED, failure=failure(FailureKind.POLICY)), 1),
        (make_task(Status.FAILED, failure=failure(FailureKind.AUTH)), 1),
        (make_task(Status.CANCELLED), 1),
        (make_task(Status.REJECTED, failure=failure(FailureKind.INVALID)), 1),
        (make_task(Status.REJECTED, failure=failure(FailureKind.AUTH)), 3),
        (make_task(Status.REJECTED, failure=failure(FailureKind.TRANSIENT)), 4),
        (make_task(Status.UNCONFIRMED), 5),
        (make_task(Status.LOST), 5),
        (make_task(Status.RUNNING), 5),
        (make_task(Status.RUNNING, trouble=trouble()), 4),
        (make_task(Status.WAITING, trouble=trouble()), 4),
        (make_task(Status.WAITING, trouble=trouble(FailureKind.AUTH)), 3),
        (make_task(Status.WAITING), 4),
    ],
)
def test_every_end_of_a_task_has_its_code(task: Task, code: int) -> None:
    assert exits.of_task(task) == code


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SUCCEEDED])
def test_a_task_that_was_accepted_was_handed_in(status: Status) -> None:
    assert exits.of_submission(make_task(status)) == 0


def test_of_several_tasks_the_gravest_counts() -> None:
    assert exits.gravest([]) == 0
    assert exits.gravest([Exit.DONE, Exit.FAILED]) == 1
    assert exits.gravest([Exit.FAILED, Exit.TROUBLE, Exit.DONE]) == 4
    assert exits.gravest([Exit.TROUBLE, Exit.ACCOUNT]) == 3
    assert exits.gravest([Exit.ACCOUNT, Exit.UNKNOWN, Exit.FAILED]) == 5


@pytest.mark.parametrize("code", list(Exit))
def test_help_documents_every_code(code: Exit) -> None:
    assert str(int(code)) in exits.HELP
