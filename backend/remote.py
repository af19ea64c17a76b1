"""What a provider itself keeps of an account's tasks: its lists, and deleting a film there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from backend.accounts import find_account
from backend.engine.changes import deleted
from backend.errors import ProviderError, UsageError
from backend.language import _
from backend.models import Failure, Snapshot, Task
from backend.request_log import About, Purpose

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.ledger.store import TaskStore
    from backend.providers.contract import HttpRequest, Operation
    from backend.transport import Connection

_MOST_PAGES = 1000


class Remote:
    """The providers' side of one service."""

    def __init__(
        self,
        store: TaskStore,
        accounts: Mapping[str, Account],
        connections: Mapping[str, Connection],
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._connections = connections
        self._clock = clock

    def lists(self, name: str, operation: str | None = None) -> Sequence[Operation]:
        """Return the operations by which an account's lists are asked for, each list once.

        Raises UsageError for unknown names, and where there is no list.
        """
        account = find_account(self._accounts, name)
        operations = account.provider.operations
        if operation is not None and operation not in operations:
            raise UsageError(
                _("account {name} has no operation {operation!r}; known: {names}").format(
                    name=name, operation=operation, names=", ".join(operations)
                )
            )
        found: list[tuple[HttpRequest, Operation]] = []
        for each in operations.values() if operation is None else [operations[operation]]:
            request = account.provider.list_tasks(each.name, 1, 1)
            if request is not None and all(request != other for other, _ in found):
                found.append((request, each))
        if not found:
            raise UsageError(_("{provider} has no list of tasks").format(provider=account.provider.title))
        return [each for _, each in found]

    async def page(self, name: str, operation: str | None, page: int, size: int) -> Sequence[Snapshot]:
        """Return a page (from 1) of the provider's own list; the operation may be left out where it has
        only one. Raises UsageError, ProviderError.
        """
        lists = self.lists(name, operation)
        if len(lists) > 1:
            names = ", ".join(each.name for each in lists)
            raise UsageError(
                _("account {name} has several lists: say --operation, one of {names}").format(
                    name=name, names=names
                )
            )
        account, listed = self._accounts[name], lists[0].name
        request, ahead = account.provider.list_tasks(listed, page, size), 0
        if request is None:  # a list that is read by cursor, from its start
            request, ahead = account.provider.list_tasks(listed, 1, size), page - 1
        while request is not None:
            found, request = await self._read(account, listed, request, size)
            if not ahead:
                return found
            ahead -= 1
        return ()

    async def pages(
        self, account: Account, operation: Operation, size: int
    ) -> AsyncIterator[Sequence[Snapshot]]:
        """Yield what the list has, page by page, each task once. Raises ProviderError."""
        provider, name = account.provider, operation.name
        seen: set[str] = set()
        request = provider.list_tasks(name, 1, size)
        for page in range(2, _MOST_PAGES):
            if request is None:
                return
            found, request = await self._read(account, name, request, size)
            new = [snapshot for snapshot in found if snapshot.remote_id not in seen]
            if not new:
                return  # behind the end, or a provider that shows its last page again and again
            seen.update(snapshot.remote_id for snapshot in new)
            yield new
            if request is None and len(found) >= size:
                request = provider.list_tasks(name, page, size)

    def can_delete(self, task: Task) -> bool:
        """Whether the task's provider offers to delete films at all."""
        account = self._accounts.get(task.account)
        return account is not None and account.provider.delete_task(task.remote_id or "") is not None

    async def delete(self, task: Task) -> Task:
        """Have a finished task's film deleted at its provider; what is recorded and saved here stays.

        Raises UsageError where that cannot be asked for, ProviderError if it is refused.
        """
        account = find_account(self._accounts, task.account)
        if account.provider.name != task.provider:
            raise UsageError(
                _("account {account} now speaks {provider}, not {former}").format(
                    account=account.name, provider=account.provider.name, former=task.provider
                )
            )
        if task.remote_id is None or not task.status.is_final:
            raise UsageError(
                _("task {task} is {status}: only a finished film can be deleted").format(
                    task=task.id, status=task.status.word
                )
            )
        request = account.provider.delete_task(task.remote_id)
        if request is None:
            raise UsageError(_("{provider} offers no deleting").format(provider=account.provider.title))
        answer = await self._connections[account.name].send(
            request, base_url=task.origin.base_url, about=About(Purpose.DELETE, (task.id,))
        )
        failure = answer if isinstance(answer, Failure) else account.provider.read_deleted(answer)
        if failure is not None:
            raise ProviderError(failure)
        return await self._store.update(task.id, deleted(self._clock.now()))

    async def _read(
        self, account: Account, operation: str, request: HttpRequest, size: int
    ) -> tuple[Sequence[Snapshot], HttpRequest | None]:
        """Return a page and the request for what follows it, where that is told."""
        answer = await self._connections[account.name].send(request, about=About(Purpose.LIST))
        if isinstance(answer, Failure):
            raise ProviderError(answer)
        found = account.provider.read_list(operation, answer)
        if isinstance(found, Failure):
            raise ProviderError(found)
        return found, account.provider.next_page(operation, answer, size)
