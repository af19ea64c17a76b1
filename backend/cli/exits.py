"""Exit codes: what a script may rely on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from backend.errors import AccountError, ProviderError, ReeltopError, UsageError
from backend.language import N_

if TYPE_CHECKING:
    from backend.models import Failure, Task


class Exit(IntEnum):
    """How a command ended. The words are printed by ``reeltop --help``."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    ACCOUNT = 3
    TROUBLE = 4
    UNKNOWN = 5
    INTERRUPTED = 130
    TERMINATED = 143


HELP = N_("""\
exit codes:
  0    done
  1    a task failed, was cancelled or was refused by the provider
  2    wrong usage or invalid request; nothing was sent
  3    account or credential problem
  4    provider or network trouble; a task may still be waiting to be sent, or a file to be fetched
  5    outcome unknown: a task is unconfirmed, lost, or not finished when --timeout ended
  130  interrupted (143 when terminated); tasks stay recorded and go on at the provider
With several tasks the gravest counts, in the order 5, 3, 4, 1.""")

_GRAVEST_FIRST = (Exit.UNKNOWN, Exit.ACCOUNT, Exit.TROUBLE, Exit.FAILED)


def of_error(error: ReeltopError) -> Exit:
    """Return the code for a command that `error` ended."""
    match error:
        case UsageError():
            return Exit.USAGE
        case AccountError():
            return Exit.ACCOUNT
        case ProviderError():
            return of_failure(error.failure)
        case _:
            return Exit.FAILED


def of_failure(failure: Failure | None) -> Exit:
    """Return the code for a call that was answered with `failure`, or not at all."""
    return Exit.ACCOUNT if failure is not None and failure.kind.is_of_account else Exit.TROUBLE


def of_task(task: Task) -> Exit:
    """Return the code for a task that was watched to its end, or for as long as was asked."""
    from backend.models import ArtifactState, Status

    match task.status:
        case Status.SUCCEEDED:
            unsaved = any(item.state is ArtifactState.FAILED for item in task.artifacts)
            return Exit.TROUBLE if unsaved else Exit.DONE
        case Status.FAILED | Status.CANCELLED:
            return Exit.FAILED
        case Status.REJECTED:
            return _of_refusal(task.failure)
        case Status.UNCONFIRMED | Status.LOST:
            return Exit.UNKNOWN
        case Status.WAITING:
            return of_failure(task.trouble.failure) if task.trouble else Exit.TROUBLE
        case _:
            return of_failure(task.trouble.failure) if task.trouble else Exit.UNKNOWN


def of_submission(task: Task) -> Exit:
    """Return the code for a task that was only to be handed in."""
    accepted = task.status in ("queued", "running", "succeeded")
    return Exit.DONE if accepted else of_task(task)


def gravest(codes: Iterable[Exit]) -> Exit:
    """Return the one that a script must know of."""
    found = set(codes)
    return next((code for code in _GRAVEST_FIRST if code in found), Exit.DONE)


def _of_refusal(failure: Failure | None) -> Exit:
    if failure is None:
        return Exit.FAILED
    if failure.kind.is_of_account or failure.kind.is_passing:
        return of_failure(failure)
    return Exit.FAILED
