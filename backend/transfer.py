"""Tasks out of the ledger and into it: backups as JSON Lines, and what a provider lists. No I/O.

A task's line is its record (:mod:`backend.records`). What is merged in never replaces what is there, and
never sends anything: a task that a backup has as waiting may have been sent since the backup was made.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.ids import new_task_id
from backend.language import N_, _, recorded
from backend.models import (
    Artifact,
    Creation,
    Failure,
    FailureKind,
    Origin,
    Snapshot,
    Status,
    Task,
    TaskEvent,
    Trouble,
)
from backend.records import from_json

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.providers.contract import Operation


def read_lines(lines: Iterable[str], name: str) -> list[Task]:
    """Return the tasks of an export; empty lines are passed over. Raises UsageError with the line."""
    tasks: dict[str, Task] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            task = from_json(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise UsageError(
                _("{name}:{number}: is no task: {error}").format(name=name, number=number, error=error)
            ) from None
        tasks[task.id] = task
    return list(tasks.values())


class Known:
    """Tell whether a task is there already, under whatever id."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._keys: set[tuple[str, str, str]] = set()
        for task in tasks:
            self._keys.update(_keys(task))

    def add(self, task: Task) -> bool:
        """Count a task in; return whether it is a new one."""
        keys = set(_keys(task))
        if keys & self._keys:
            return False
        self._keys |= keys
        return True


def _keys(task: Task) -> Iterator[tuple[str, str, str]]:
    yield "task", "", task.id
    if task.remote_id:
        yield "remote", task.provider, task.remote_id
    if task.external_id:
        yield "external", task.provider, task.external_id


def from_backup(task: Task, now: datetime) -> Task:
    """Return a task as it may come into the ledger: what was not known to be sent is now looked for."""
    if task.status not in (Status.WAITING, Status.SUBMITTING):
        return task
    event = TaskEvent(at=now, what="imported", words=recorded("it was not sent when the backup was made"))
    return replace(
        task,
        status=Status.UNCONFIRMED,
        sent_at=task.sent_at or task.created_at,
        failure=_UNSENT,
        trouble=Trouble(failure=_UNSENT, since=now, count=0, next_try=now),
        events=(*task.events, event),
        updated_at=now,
    )


def from_list(
    snapshot: Snapshot, account: Account, operation: Operation, taken: Collection[str], now: datetime
) -> Task:
    """Return the task that a provider's list tells of; nobody knows its request."""
    status = snapshot.status or Status.QUEUED
    endpoint = operation.codec.create(operation.model.model_construct(), None).path
    event = TaskEvent(
        at=now,
        what="imported",
        words=recorded("from the list of {provider}").format(provider=account.provider.title),
    )
    return Task(
        id=new_task_id(taken),
        account=account.name,
        provider=account.provider.name,
        operation=operation.name,
        origin=Origin(
            base_url=account.base_url, endpoint=endpoint, codec_version=operation.codec.codec_version
        ),
        request={},
        created_at=snapshot.finished_at or now,
        updated_at=now,
        status=status,
        model=snapshot.model or "",
        external_id=snapshot.external_id,
        remote_id=snapshot.remote_id,
        status_words=snapshot.status_words,
        progress=snapshot.progress,
        sent_at=snapshot.finished_at or now,
        finished_at=(snapshot.finished_at or now) if status.is_final else None,
        failure=snapshot.failure if status.is_final else None,
        artifacts=tuple(Artifact(remote=file) for file in snapshot.files) if status.is_final else (),
        charges=snapshot.charges,
        events=(event,),
    )


_UNSENT = Failure(
    kind=FailureKind.TRANSIENT,
    meaning=N_("It comes from a backup that was made before it was sent; it may have been sent since."),
    money=N_("If it was sent after the backup was made, it may be charged."),
    next_step=N_(
        "It is looked for by itself, where the provider has a way; send it again if it was not sent."
    ),
    creation=Creation.MAY_EXIST,
)
