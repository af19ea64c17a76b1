"""From a draft, or a finished request, to a task on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from backend import preparing
from backend.accounts import Account, find_account
from backend.errors import Issue, RequestError, UsageError
from backend.labels import tidy_tag
from backend.language import _

if TYPE_CHECKING:
    from backend.clock import Clock
    from backend.costs import Costs
    from backend.drafts import Draft
    from backend.ledger.store import TaskStore
    from backend.models import Task
    from backend.paths import Paths
    from backend.preparing import Prepared
    from backend.providers.contract import Operation
    from backend.providers.fields import RequestModel


class Intake:
    """Of one service, for the accounts that it has."""

    def __init__(
        self, store: TaskStore, accounts: Mapping[str, Account], costs: Costs, paths: Paths, clock: Clock
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._costs = costs
        self._paths = paths
        self._clock = clock

    def operation(self, account: str, name: str | None = None) -> Operation:
        """Return an operation of an account; without a name the only one. Raises UsageError."""
        return self._target(account, name)[1]

    def prepare(self, draft: Draft) -> Prepared:
        """Check a draft as typed. Raises UsageError only for an unknown account or operation."""
        account, operation = self._target(draft.account, draft.operation)
        return preparing.prepare_texts(account, operation, draft.texts, self._costs.estimate)

    def prepare_request(self, account: str, operation: str, request: RequestModel) -> Prepared:
        """Check a finished request against what sending needs. Raises UsageError for unknown names."""
        return preparing.prepare_request(*self._target(account, operation), request, self._costs.estimate)

    async def submit(
        self, account: str, operation: str, request: RequestModel, *, tags: Iterable[str] = ()
    ) -> Task:
        """Put a task on disk, fsynced, as ``waiting``.

        Raises RequestError, AccountError, StoreError, UsageError for a tag: then nothing was recorded.
        """
        words = tuple(sorted({tidy_tag(tag) for tag in tags}))
        target, found = self._target(account, operation)
        prepared = preparing.prepare_request(target, found, request, self._costs.estimate)
        if prepared.issues:
            raise RequestError(prepared.issues)
        target.require(found)
        await asyncio.to_thread(target.resolve)
        request = await keep_pictures(request, self._paths.pictures)
        task = preparing.new_task(
            target, found, request, self._store.tasks.keys(), self._clock.now(), tags=words
        )
        self._refuse_repeated(task)
        await self._store.add([task])
        return task

    def _target(self, account: str, operation: str | None) -> tuple[Account, Operation]:
        found = find_account(self._accounts, account)
        operations = found.provider.operations
        if operation is None and len(operations) == 1:
            return found, next(iter(operations.values()))
        if operation is None or operation not in operations:
            said = _("account {account} needs an operation; known: {names}")
            if operation is not None:
                said = _("account {account} has no operation {operation!r}; known: {names}")
            raise UsageError(said.format(account=account, operation=operation, names=", ".join(operations)))
        return found, operations[operation]

    def _refuse_repeated(self, new: Task) -> None:
        for task in self._store.tasks.values():
            if new.external_id and task.external_id == new.external_id and task.account == new.account:
                message = _("already used by task {task}: it must be unique in an account").format(
                    task=task.id
                )
                raise RequestError([Issue("external_task_id", message)])


async def keep_pictures(request: RequestModel, folder: Path) -> RequestModel:
    """Take local pictures into `folder` and return the request that names them there. Raises RequestError."""
    from backend.pictures import PictureStore, local_files

    if not any(local_files(request)):
        return request
    return await asyncio.to_thread(PictureStore(folder).keep, request)
