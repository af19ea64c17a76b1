"""Unconfirmed tasks, settled by what the user found out. Nothing here sends anything (DESIGN rule 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from backend.accounts import find_account
from backend.engine.changes import looked_for_again, said_not_created, said_to_exist
from backend.errors import UsageError
from backend.language import _
from backend.models import Status, Task

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.ledger.store import TaskStore

_REMOTE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,199}")


class Doubts:
    """Of one service."""

    def __init__(self, store: TaskStore, accounts: Mapping[str, Account], clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def exists(self, task_id: str, remote_id: str) -> Task:
        """Record under which id the provider has a task: from now on it is asked about by that.

        Raises UsageError for a task that is not unconfirmed, for what is no id, for another task's id.
        """
        task = self._unconfirmed(task_id)
        if not _REMOTE_ID.fullmatch(remote_id):
            raise UsageError(_("{remote_id!r} is no provider's id of a task").format(remote_id=remote_id))
        for other in self._store.tasks.values():
            if other.remote_id == remote_id and other.account == task.account:
                raise UsageError(
                    _("{remote_id} is task {other} already").format(remote_id=remote_id, other=other.id)
                )
        now = self._clock.now()
        seconds = find_account(self._accounts, task.account).limits.deadline
        return await self._store.update(
            task.id, said_to_exist(remote_id, now + timedelta(seconds=seconds), now)
        )

    async def not_created(self, task_ids: Iterable[str]) -> list[Task]:
        """Record that the provider made nothing of these tasks: they end as cancelled. Raises UsageError."""
        tasks = [self._unconfirmed(task_id) for task_id in task_ids]
        return [await self._store.update(task.id, said_not_created(self._clock.now())) for task in tasks]

    async def look_again(self, task_ids: Iterable[str]) -> list[Task]:
        """Have tasks looked for once more by the reeltop that is at work. Raises UsageError."""
        tasks = [self._unconfirmed(task_id) for task_id in task_ids]
        change = looked_for_again(self._clock.now())
        return [await self._store.update(task.id, change) for task in tasks]

    def _unconfirmed(self, task_id: str) -> Task:
        task = self._store.tasks[task_id]
        if task.status is not Status.UNCONFIRMED:
            raise UsageError(
                _("task {task} is {status}: only an unconfirmed one is in doubt").format(
                    task=task.id, status=task.status.word
                )
            )
        return task
