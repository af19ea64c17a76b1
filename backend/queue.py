"""What waits to be sent, in the user's hands: pause an account, change a request that has not left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from backend import preparing
from backend.accounts import find_account
from backend.engine import changes
from backend.errors import RequestError, UsageError
from backend.intake import keep_pictures
from backend.language import _
from backend.models import Status, Task
from backend.pauses import Pauses

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.ledger.store import TaskStore
    from backend.paths import Paths
    from backend.providers.fields import RequestModel


class Queue:
    """`on_pause` is called with an account's name when it is paused or goes on here."""

    def __init__(
        self,
        store: TaskStore,
        accounts: Mapping[str, Account],
        paths: Paths,
        clock: Clock,
        on_pause: Callable[[str], None],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._paths = paths
        self._clock = clock
        self._on_pause = on_pause
        self._pauses = Pauses(paths.paused)

    def is_paused(self, account: str) -> bool:
        """Whether the account's waiting tasks are held back."""
        return self._pauses.has(account)

    async def pause(self, account: str) -> None:
        """Send nothing more for an account; what was sent is watched on. Holds for every process, until
        :meth:`go_on`. Raises UsageError, OSError."""
        await asyncio.to_thread(self._pauses.add, self._known(account).name)
        self._on_pause(account)

    async def go_on(self, account: str) -> None:
        """Send again what waits for an account. Raises UsageError, OSError."""
        await asyncio.to_thread(self._pauses.remove, self._known(account).name)
        self._on_pause(account)

    def can_edit(self, task: Task | None) -> bool:
        """Whether the request of a task could still be replaced."""
        return task is not None and changes.is_editable(task)

    async def edit(self, task: Task, request: RequestModel) -> Task:
        """Replace the request of a task that has not been sent; it keeps its place.

        Raises UsageError once it has begun to be sent, RequestError for a request that cannot be sent, and
        StoreError; then nothing was changed.
        """
        account = self._known(task.account)
        operation = account.provider.operations.get(task.operation)
        if operation is None or account.provider.name != task.provider:
            raise UsageError(
                _("task {task}: account {account} no longer speaks its operation").format(
                    task=task.id, account=account.name
                )
            )
        if not changes.is_editable(task):
            raise UsageError(_too_late(task))
        prepared = preparing.prepare_request(account, operation, request, lambda *_: None)
        if prepared.issues:
            raise RequestError(prepared.issues)
        request = await keep_pictures(request, self._paths.pictures)
        made = preparing.new_task(account, operation, request, (), self._clock.now(), task.external_id)
        edited = await self._store.update(task.id, changes.edited(made, self._clock.now()))
        if edited.request != made.request:
            raise UsageError(_too_late(edited))
        return edited

    def _known(self, name: str) -> Account:
        return find_account(self._accounts, name)


def _too_late(task: Task) -> str:
    if task.status is Status.WAITING:
        return _(
            "task {task} may have been made already under its id: its request cannot change any more"
        ).format(task=task.id)
    return _("task {task} is {status}: only a request that still waits can be changed").format(
        task=task.id, status=task.status.word
    )
