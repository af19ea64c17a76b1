"""Stays with a batch's tasks until they have ended, and takes back what waits when a limit is reached."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from backend.batches.limits import MaxCost
from backend.errors import UsageError
from backend.language import ngettext
from backend.models import Failure, Status, Task

if TYPE_CHECKING:
    from backend.service import Changes, Service

_TICK = 2.0
"""Seconds between two looks at what no change tells: accounts on hold, the end of patience."""
_FAILED = frozenset({Status.FAILED, Status.REJECTED})


@dataclass(slots=True)
class Progress:
    """How far the tasks are."""

    total: int
    statuses: Counter[Status] = field(default_factory=Counter)
    spent: dict[str, Decimal] = field(default_factory=dict)
    """What was charged so far, by unit."""
    held: dict[str, Failure] = field(default_factory=dict)
    """Accounts that send nothing until the user does something, and why."""
    stopped: str = ""
    """Why no more is sent."""
    is_complete: bool = False
    """Whether every task is settled."""


class Follower:
    """Follows tasks that are recorded."""

    def __init__(
        self,
        service: Service,
        ids: Iterable[str],
        *,
        max_cost: MaxCost | None = None,
        stop_after: int | None = None,
        before: Mapping[str, Decimal] | None = None,
    ) -> None:
        """`stop_after`: how many failures of tasks that have not ended yet are borne; `before`: what was
        charged for other tasks that count, by unit."""
        self._service = service
        self._known: dict[str, Task] = {}
        self._open: set[str] = set()
        self._max_cost = max_cost
        self._stop_after = stop_after
        self._before = before or {}
        self._failures = 0
        self._started = datetime.now(UTC)
        ids = list(ids)
        self.progress = Progress(total=len(ids))
        for task_id in ids:
            if task_id in service.tasks:  # else it is put away: it has ended long ago
                self._learn(service.tasks[task_id])

    async def run(
        self, tell: Callable[[Progress], None], patience: float | None = None, *, holds_end_it: bool = True
    ) -> Progress:
        """Return when nothing more will happen by itself, or `patience` seconds are over.

        `holds_end_it`: whether that is so, too, when all that is left waits for the user to cure an account.
        `tell` is called whenever something has changed, and now and then. Raises StoreError.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + patience if patience is not None else None
        changes = self._service.changes()
        coming = asyncio.ensure_future(_next(changes))
        try:
            self._look(list(self._open))
            await self._obey()
            tell(self.progress)
            tick = loop.time() + _TICK
            while self._open and (end is None or loop.time() < end):
                until = tick if end is None else min(tick, end)
                done, _ = await asyncio.wait({coming}, timeout=max(0.0, until - loop.time()))
                if loop.time() >= tick:
                    tick = loop.time() + _TICK
                    if self._on_hold() == self._open and holds_end_it:
                        break
                if done:
                    self._look(self._open & coming.result().tasks)
                    coming = asyncio.ensure_future(_next(changes))
                    await self._obey()
                tell(self.progress)
        finally:
            coming.cancel()
        self.progress.is_complete = not self._open
        tell(self.progress)
        return self.progress

    def _look(self, ids: Iterable[str]) -> None:
        for task_id in ids:
            if task_id in self._service.tasks:
                self._learn(self._service.tasks[task_id])
            else:  # put away meanwhile
                self._open.discard(task_id)

    def _learn(self, task: Task) -> None:
        before, progress = self._known.get(task.id), self.progress
        self._known[task.id] = task
        progress.statuses[task.status] += 1
        _add(progress.spent, task, 1)
        if before is not None:
            progress.statuses[before.status] -= 1
            _add(progress.spent, before, -1)
        if before is not None and task.status in _FAILED and before.status not in _FAILED:
            self._failures += 1
        if self._service.is_settled(task):
            self._open.discard(task.id)
        else:
            self._open.add(task.id)

    async def _obey(self) -> None:
        """Take back what waits if a limit is reached."""
        if not self.progress.stopped:
            self.progress.stopped = self._reached()
        if not self.progress.stopped:
            return
        waiting = [task_id for task_id in self._open if self._known[task_id].status is Status.WAITING]
        if waiting:
            self._look([task.id for task in await self._service.batches.withdraw(waiting)])

    def _reached(self) -> str:
        if self._stop_after is not None and self._failures >= self._stop_after:
            count = self._failures
            return ngettext("{count} tasks failed", "{count} tasks failed", count).format(count=count)
        if self._max_cost is None:
            return ""
        units = self._before.keys() | self.progress.spent.keys()
        nothing, spent = Decimal(0), self.progress.spent
        return self._max_cost.exceeded(
            {unit: self._before.get(unit, nothing) + spent.get(unit, nothing) for unit in units}
        )

    def _on_hold(self) -> set[str]:
        """Return the open tasks that nothing can happen to until the user cures their account."""
        held: set[str] = set()
        by_account: dict[str, list[Task]] = {}
        for task_id in self._open:
            by_account.setdefault(self._known[task_id].account, []).append(self._known[task_id])
        self.progress.held.clear()
        for account, tasks in by_account.items():
            failure = obstacle(self._service, account, tasks, self._started)
            if failure is not None:
                self.progress.held[account] = failure
                held.update(task.id for task in tasks)
        return held


def obstacle(service: Service, account: str, tasks: Iterable[Task], since: datetime) -> Failure | None:
    """Return why none of these tasks of an account will be sent until the user does something, if so.

    Of what was tried before `since` the cause may be gone.
    """
    tasks = list(tasks)
    if any(task.status is not Status.WAITING for task in tasks):
        return None
    try:
        trouble = service.health(account).trouble
    except UsageError:  # not configured any more
        return None
    if trouble is None:  # where another reeltop sends, its tasks tell
        tried = (task for task in tasks if task.trouble and task.updated_at > since)
        trouble = next((task.trouble for task in tried), None)
    return trouble.failure if trouble is not None and trouble.failure.kind.is_of_account else None


async def _next(changes: AsyncIterator[Changes]) -> Changes:
    return await anext(changes)


def _add(sums: dict[str, Decimal], task: Task, times: int) -> None:
    for charge in task.charges:
        sums[charge.unit] = sums.get(charge.unit, Decimal(0)) + charge.amount * times
