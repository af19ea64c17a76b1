"""What goes on with tasks when their work is done: archive, export, import."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from backend import transfer
from backend.engine.board import has_files_to_fetch
from backend.errors import StoreError, UsageError
from backend.files import write_new
from backend.language import _
from backend.models import Task
from backend.records import encode
from backend.transfer import Known

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.ledger.archive import Archived
    from backend.ledger.store import TaskStore
    from backend.remote import Remote

_PAGE = 50
_TIDY_SECONDS = 3600.0
_AT_ONCE = 500
"""Tasks put away or added in one write."""


class Shelf:
    """Of one service."""

    def __init__(
        self,
        store: TaskStore,
        accounts: Mapping[str, Account],
        remote: Remote,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._remote = remote
        self._clock = clock

    # -- archive ----------------------------------------------------------------------------------

    async def archive(self, older_than: timedelta) -> tuple[list[Task], int]:
        """Put away what ended so long ago; return it, and how many stay because files are not fetched.

        Raises StoreError.
        """
        before = self._clock.now() - older_than
        old = [
            task
            for task in self._store.tasks.values()
            if task.status.is_final and (task.finished_at or task.updated_at) <= before
        ]
        away = [task for task in old if not self._has_files_to_come(task)]
        for start in range(0, len(away), _AT_ONCE):
            await self._store.archive(task.id for task in away[start : start + _AT_ONCE])
        return away, len(old) - len(away)

    async def put_away(self, ids: Iterable[str]) -> list[Task]:
        """Archive these tasks; return those that had ended, with no file left to fetch. Raises StoreError."""
        chosen = frozenset(ids)
        tasks = [task for task in self._store.tasks.values() if task.id in chosen]
        away = [task for task in tasks if task.status.is_final and not self._has_files_to_come(task)]
        for start in range(0, len(away), _AT_ONCE):
            await self._store.archive(task.id for task in away[start : start + _AT_ONCE])
        return away

    async def keep_tidy(self, older_than: timedelta) -> None:
        """Archive now and then, for ever, while this process leads."""
        while True:
            if self._store.leads:
                with suppress(StoreError):  # the store's notices say so, and it is tried again
                    await self.archive(older_than)
            await self._clock.sleep(_TIDY_SECONDS)

    async def archived(self) -> tuple[Sequence[Archived], int]:
        """Return what was put away, oldest first, and how many of it cannot be read."""
        return await self._store.archived()

    async def find_archived(self, handle: str) -> Task:
        """Return the only archived task whose id begins so. Raises UsageError."""
        entries, _damage = await self._store.archived()
        found = [entry for entry in entries if handle and entry.id.startswith(handle)]
        exact = [entry for entry in found if entry.id == handle]
        if len(exact or found) != 1:
            said = (
                _("{count} archived tasks with an id that starts with {start!r}")
                if found
                else _("no task with an id that starts with {start!r}")
            )
            raise UsageError(said.format(count=len(found), start=handle))
        return (exact or found)[0].task()

    async def restore(self, handles: Iterable[str]) -> list[Task]:
        """Bring archived tasks back among the others, where they were. Raises UsageError, StoreError."""
        entries, _damage = await self._store.archived()
        by_id = {entry.id: entry for entry in entries}
        tasks = []
        for handle in dict.fromkeys(handles):
            entry = by_id.get(handle)
            tasks.append(entry.task() if entry is not None else await self.find_archived(handle))
        places = {task_id: place for place, task_id in enumerate(by_id)}
        await self._store.add(sorted(tasks, key=lambda task: places.get(task.id, len(places))))
        return tasks

    def _has_files_to_come(self, task: Task) -> bool:
        if not has_files_to_fetch(task):
            return False
        now = self._clock.now()
        ends = [artifact.remote.expires_at for artifact in task.artifacts]
        return any(end is None or end > now for end in ends)

    # -- backup -----------------------------------------------------------------------------------

    async def everything(self) -> list[Task]:
        """Return all tasks, archived ones first."""
        entries, _damage = await self._store.archived()
        put_away = await asyncio.to_thread(lambda: [entry.task() for entry in entries])
        return [*put_away, *self._store.tasks.values()]

    async def export(self) -> bytes:
        """Return all tasks, a record a line."""
        tasks = await self.everything()
        return await asyncio.to_thread(lambda: b"".join(encode(task) + b"\n" for task in tasks))

    async def export_to(self, folder: Path, ids: Iterable[str]) -> Path:
        """Write these tasks to a new file in `folder`, a record a line; return it. Raises OSError."""
        tasks = [self._store.tasks[task_id] for task_id in ids if task_id in self._store.tasks]
        name = f"reeltop-{self._clock.now():%Y%m%d-%H%M%S}"

        def write() -> Path:
            data = b"".join(encode(task) + b"\n" for task in tasks)
            return write_new(folder, name, ".jsonl", data)

        return await asyncio.to_thread(write)

    async def merge(self, tasks: Iterable[Task]) -> list[Task]:
        """Add the tasks of an export that are not here yet, and return them. Raises StoreError."""
        known, now = Known(await self.everything()), self._clock.now()
        new = [transfer.from_backup(task, now) for task in tasks if known.add(task)]
        await self._store.add(new)
        return new

    # -- from a provider's list -------------------------------------------------------------------

    async def import_from(self, name: str, operation: str | None = None) -> list[Task]:
        """Add what an account's provider lists, of one operation or of each that has a list.

        Raises UsageError, ProviderError, StoreError; what was added before stays.
        """
        lists = self._remote.lists(name, operation)
        account = self._accounts[name]
        operations = account.provider.operations
        known, added = Known(await self.everything()), list[Task]()
        for listed in lists:
            async for snapshots in self._remote.pages(account, listed, _PAGE):
                now = self._clock.now()
                deadline = now + timedelta(seconds=account.limits.deadline)
                new = []
                for snapshot in snapshots:
                    made_by = account.provider.operation_of(snapshot, listed.name)
                    if operation not in (None, made_by):
                        continue
                    task = transfer.from_list(
                        snapshot, account, operations[made_by], self._store.tasks.keys(), now
                    )
                    if known.add(task):
                        new.append(task if task.status.is_final else replace(task, deadline=deadline))
                await self._store.add(new)
                added += new
        return added
