"""Batches of one service: checked, planned against the ledger, recorded at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.batches.plan import Plan, State, make_plan
from backend.batches.rows import Checked, Checker, Places, Resolve
from backend.batches.sheet import BatchError, Problem, Sheet
from backend.costs import Costs
from backend.engine.changes import withdrawn
from backend.errors import UsageError
from backend.language import _
from backend.ledger.sharing import FileLock
from backend.models import Status, Task
from backend.paths import Paths, make_private_folder
from backend.pictures import PictureStore
from backend.preparing import new_task
from backend.records import dumps
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.ledger.store import TaskStore
    from backend.providers.contract import Operation

LONGEST_NAME = 80
"""Characters of a batch's name."""


class BusyError(UsageError):
    """Another reeltop has this batch in hand."""


class Batches:
    """Of one service. Whoever plans and records a batch holds its lock, see :func:`only_one`."""

    def __init__(
        self,
        store: TaskStore,
        accounts: Mapping[str, Account],
        costs: Costs,
        paths: Paths,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._costs = costs
        self._paths = paths
        self._clock = clock

    async def check(
        self,
        sheet: Sheet,
        resolve: Resolve,
        *,
        over: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        places: Places | None = None,
    ) -> Checked:
        """Check a whole sheet. `over` are cells that go over it. Raises BatchError with all that is wrong."""
        checker = Checker(
            sheet,
            resolve=resolve,
            place=self._place,
            estimator=self._costs.estimate,
            pictures=PictureStore(self._paths.pictures, base=sheet.folder),
            over=over,
            more_variables=variables,
            places=places,
        )
        return await asyncio.to_thread(checker.check)

    async def plan(
        self, name: str, file: str, checked: Checked, *, changed: bool = False, retry_failed: bool = False
    ) -> Plan:
        """Return what is to be made of `checked` rows.

        Raises BatchError for an external id that is in use, OSError.
        """
        made = await self.made(name)
        plan = make_plan(
            name,
            file,
            checked.rows,
            made,
            warnings=checked.warnings,
            changed=changed,
            retry_failed=retry_failed,
        )
        self._refuse_repeated(plan)
        return plan

    async def made(self, name: str) -> list[Task]:
        """Return the tasks of a batch, oldest first, put away ones too. Raises OSError."""
        await self._store.add(())  # what others have just recorded is seen by that
        here = [task for task in self._store.tasks.values() if task.batch == name]
        archived, _ = await self._store.archived()
        mark = dumps({"batch": name})[1:-1]
        away = (entry.task() for entry in archived if mark in entry.record)
        return [*(task for task in away if task.batch == name), *here]

    async def record(self, plan: Plan) -> list[Task]:
        """Put a task on disk for each row that is to be sent: all of them, fsynced, or none.

        From here on they are sent by whichever reeltop leads. Raises StoreError, RequestError.
        """
        replaced = (entry.task for entry in plan.new if entry.state is State.CHANGED)
        await self.withdraw(task.id for task in replaced if task is not None)
        tasks = await asyncio.to_thread(self._tasks, plan, set(self._store.tasks))
        if tasks:
            await self._store.add(tasks)
        return tasks

    async def withdraw(self, ids: Iterable[str]) -> list[Task]:
        """Take back those that are still waiting, and touch no other; return what was taken back.

        Raises StoreError.
        """
        waiting = [
            task_id
            for task_id in ids
            if task_id in self._store.tasks and self._store.tasks[task_id].status is Status.WAITING
        ]
        change = withdrawn(self._clock.now())
        after = await asyncio.gather(*(self._store.update(task_id, change) for task_id in waiting))
        return [task for task in after if task.status is Status.CANCELLED]

    def _tasks(self, plan: Plan, taken: set[str]) -> list[Task]:
        tasks = []
        for entry in plan.new:
            row, now = entry.row, self._clock.now()
            account, operation = self._place(row.account, row.operation)
            request = operation.model.parse(row.values)
            task = new_task(
                account, operation, request, taken, now, tags=row.tags, batch=plan.name, row=row.key
            )
            taken.add(task.id)
            tasks.append(task)
        return tasks

    def _place(self, account: str, operation: str) -> tuple[Account, Operation]:
        found = self._accounts[account]
        return found, found.provider.operations[operation]

    def _refuse_repeated(self, plan: Plan) -> None:
        users = {
            (task.account, task.external_id): task.id
            for task in self._store.tasks.values()
            if task.external_id
        }
        problems = []
        for row in (entry.row for entry in plan.new if entry.row.external_id):
            user = users.get((row.account, row.external_id))
            if user is not None:
                said = _(
                    "external id {external_id!r} is used by task {user}: it must be unique in an account"
                ).format(external_id=row.external_id, user=user)
                problems.append(Problem(row.line, "", said, row.number))
        if problems:
            raise BatchError(plan.file, problems)


def batch_name(path: Path, given: str | None = None) -> str:
    """Return the name of a batch: as given, or the file's without its ending. Raises UsageError."""
    name = clean_line(given if given is not None else path.stem).strip()
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(
            _("a batch's name has 1 to {most} characters; give one with --name").format(most=LONGEST_NAME)
        )
    return name


@contextmanager
def only_one(data: Path, name: str) -> Iterator[None]:
    """Hold the batch's lock: two at once would both find the same rows missing. Open the service inside, so
    that it sees what the one before has recorded. Raises BusyError, OSError."""
    folder = make_private_folder(data / "batches")
    lock = FileLock(folder / f"{sha256(name.encode()).hexdigest()[:20]}.lock")
    try:
        if not lock.try_acquire():
            raise BusyError(_("another reeltop is at work on batch {name!r}").format(name=name))
        yield
    finally:
        lock.close()
