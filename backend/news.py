"""What a user wants to be told: a task has come to its end, or cannot go on without a person.

Each is told once, by every process that has the ledger open. What the user did themselves is no news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.attention import attention
from backend.models import AccountHealth, Task


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell."""

    task: Task
    """As it was at that moment."""
    needs: str = ""
    """Why it needs a person, a word from :mod:`backend.attention`; empty for a task that has just ended."""


class NewsDesk:
    """Notices what is new. Its cost goes with what changes, not with what is stored."""

    def __init__(
        self,
        tasks: Mapping[str, Task],
        is_settled: Callable[[Task], bool],
        health: Callable[[str], AccountHealth | None],
    ) -> None:
        """`tasks` is the live view of the ledger; what it holds now is no news. `health` tells how an account
        is doing; None if it is not configured."""
        self._tasks = tasks
        self._is_settled = is_settled
        self._health = health
        self._open = {task_id for task_id, task in tasks.items() if not is_settled(task)}
        self._ended: set[str] = set()
        """Tasks whose end was told; that a file is saved after all is then no news."""
        self._held: dict[tuple[str, str], str] = {}
        """Accounts with the reason that was told, and of which task: trouble of an account is one piece of
        news."""

    def open(self, now: datetime) -> None:
        """Take what stands in the ledger already for told: another process has told it."""
        for task in self._tasks.values():
            if task.trouble is not None and not self._is_settled(task):
                self._look_at_open(task, now)

    def hear(self, ids: Iterable[str], now: datetime) -> tuple[News, ...]:
        """Return what is new about the tasks that changed."""
        self._held = {
            held: task_id for held, task_id in self._held.items() if self._goes_on(held[0], task_id)
        }
        found = (self._look(self._tasks[task_id], now) for task_id in ids if task_id in self._tasks)
        return tuple(news for news in found if news is not None)

    def _look(self, task: Task, now: datetime) -> News | None:
        if not self._is_settled(task):
            self._open.add(task.id)
            if not task.status.is_final:
                self._ended.discard(task.id)
            # An account's trouble shows at its tasks, too: those without any need no closer look.
            return self._look_at_open(task, now) if task.trouble is not None else None
        if task.id not in self._open:
            return None
        self._open.discard(task.id)
        if task.events and task.events[-1].what == "stopped":
            return None
        needs = self._needs(task, now)
        if task.id in self._ended and not needs:
            return None
        if task.status.is_final:
            self._ended.add(task.id)
        return News(task, needs)

    def _look_at_open(self, task: Task, now: datetime) -> News | None:
        needs = self._needs(task, now)
        if not needs or (task.account, needs) in self._held:
            return None
        self._held[task.account, needs] = task.id
        return News(task, needs)

    def _needs(self, task: Task, now: datetime) -> str:
        health = self._health(task.account)
        found = attention(task, now, {} if health is None else {task.account: health})
        return found.reason if found else ""

    def _goes_on(self, account: str, task_id: str) -> bool:
        """Whether the trouble that was told is not over: while something is tried again, or a process has
        just begun, the account itself shows none."""
        health, task = self._health(account), self._tasks.get(task_id)
        lasts = task is not None and task.trouble is not None and not self._is_settled(task)
        return health is None or health.trouble is not None or lasts
