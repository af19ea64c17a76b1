"""Tasks that fail in the same way, or are in the same trouble, told as one. Pure.

Alike is what the same account says with the same code of the same kind, about tasks that stand alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from backend.models import Failure, FailureKind, Status, Task
from backend.query import quoted


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What tasks of a group have in common."""

    account: str
    kind: FailureKind
    code: str
    """The provider's; empty where it gives none."""
    status: Status | None
    """None: still under way, and in trouble."""

    @property
    def filter(self) -> str:
        """The tasks of the group in the filter language."""
        stands = f"status:{self.status}" if self.status else "is:active has:trouble -status:unconfirmed"
        code = f"code={quoted(self.code)}" if self.code else "-has:code"
        return f"account={quoted(self.account)} {code} kind:{self.kind} {stands}"


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """One way to fail, and how many tasks it met."""

    key: GroupKey
    count: int
    failure: Failure
    """As the task tells it that was heard of last."""
    next_try: datetime | None
    """The first of them; None where nothing is tried again by itself."""


class FailureGroups:
    """Sorts tasks into groups, at the cost of those that changed."""

    def __init__(self) -> None:
        self._keys: dict[str, GroupKey] = {}
        self._members: dict[GroupKey, dict[str, Failure]] = {}
        self._due: dict[str, datetime] = {}
        self._tries: dict[GroupKey, list[tuple[datetime, str]]] = defaultdict(list)
        """Heaps; what has another try by now, or left the group, is dropped when it comes up."""

    def learn(self, tasks: Mapping[str, Task], ids: Iterable[str]) -> None:
        """Look at these tasks again: they are new, different or gone from `tasks`."""
        for task_id in ids:
            self._forget(task_id)
            task = tasks.get(task_id)
            found = _found(task) if task is not None else None
            if task is None or found is None:
                continue
            key, failure = found
            self._keys[task_id] = key
            self._members.setdefault(key, {})[task_id] = failure
            if task.trouble is not None and task.trouble.next_try is not None:
                self._due[task_id] = task.trouble.next_try
                heappush(self._tries[key], (task.trouble.next_try, task_id))

    def groups(self) -> list[FailureGroup]:
        """Return the groups: what is under way first, then the largest."""
        found = [
            FailureGroup(key, len(members), next(reversed(members.values())), self._next_try(key))
            for key, members in self._members.items()
        ]
        found.sort(
            key=lambda each: (each.key.status is not None, -each.count, each.key.account, each.key.code)
        )
        return found

    def _forget(self, task_id: str) -> None:
        key = self._keys.pop(task_id, None)
        self._due.pop(task_id, None)
        if key is not None:
            members = self._members[key]
            del members[task_id]
            if not members:
                del self._members[key]
                self._tries.pop(key, None)

    def _next_try(self, key: GroupKey) -> datetime | None:
        tries = self._tries.get(key, [])
        while tries and not self._is_planned(key, *tries[0]):
            heappop(tries)
        return tries[0][0] if tries else None

    def _is_planned(self, key: GroupKey, moment: datetime, task_id: str) -> bool:
        return self._keys.get(task_id) == key and self._due.get(task_id) == moment


def _rank(group: FailureGroup) -> tuple[object, ...]:
    return group.key.status is not None, -group.count, group.key.account, group.key.code


def group_failures(tasks: Iterable[Task]) -> list[FailureGroup]:
    """Return the groups of `tasks`."""
    by_id = {task.id: task for task in tasks}
    groups = FailureGroups()
    groups.learn(by_id, by_id)
    return groups.groups()


def _found(task: Task) -> tuple[GroupKey, Failure] | None:
    """Return the group that a task belongs to; None if nothing is wrong with it."""
    failure, status = task.failure, None if _is_under_way(task) else task.status
    if failure is None or status is None:
        failure = task.trouble.failure if task.trouble is not None else failure
    if failure is None and task.status is Status.SUCCEEDED:
        failure = next((each.failure for each in task.artifacts if each.failure is not None), None)
    if failure is None or (status is None and task.trouble is None):
        return None
    return GroupKey(task.account, failure.kind, failure.code or "", status), failure


def _is_under_way(task: Task) -> bool:
    return not task.status.is_final and task.status is not Status.UNCONFIRMED
