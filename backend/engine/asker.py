"""Puts one question about one or many tasks: by id, by a batch, or by the provider's own list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from backend.engine.excerpt import Excerpts
from backend.engine.lane import Lane, ref
from backend.engine.waiting import in_thread
from backend.models import Failure, Snapshot, Task
from backend.providers.contract import HttpAnswer
from backend.request_log import About, Purpose

PAGE = 500
"""Tasks on a page of a provider's list."""
LARGE = 64 * 1024
"""Bytes of an answer above which it is read in a thread: the loop serves a screen, too."""
WORTH_A_LIST = 10
"""Tasks of one family from which on their provider's list is asked for."""

_Result = TypeVar("_Result")


@dataclass(slots=True)
class Heard:
    """What one question brought."""

    results: dict[str, Snapshot | Failure]
    """By task id; a task that was asked about and is not in here was not spoken of."""
    text: Callable[[Task], str] = field(default=lambda task: "")
    """Returns what a task is to remember of the answer."""


class Asker:
    """Asks for one account."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    def lists(self, task: Task) -> bool:
        """Whether tasks of this kind can be asked about by numbered pages of a list."""
        if self._lane.codec(task).batch_size > 1:
            return False
        return self._lane.account.provider.list_tasks(task.operation, 2, PAGE) is not None

    async def by_id(self, tasks: Sequence[Task]) -> Heard:
        """Ask about tasks that one query of their codec can ask about."""
        lane = self._lane
        codec, refs = lane.codec(tasks[0]), [ref(task) for task in tasks]
        about = About(Purpose.QUERY, tuple(task.id for task in tasks))
        answer = await lane.send(codec.query(refs), tasks[0].origin.base_url, about)
        if isinstance(answer, Failure):
            return Heard({task.id: answer for task in tasks})
        if len(tasks) == 1:
            results = dict(codec.read_query(answer, refs))
            return Heard(results, lambda task: lane.connection.remember(answer))
        results, excerpts = await _read(
            lambda: (dict(codec.read_query(answer, refs)), Excerpts(answer)), answer
        )
        return Heard(results, self._cut(excerpts))

    async def by_page(self, tasks: Sequence[Task], page: int) -> tuple[Heard, bool]:
        """Ask for a page of the list that these tasks are on; return whether there may be another page."""
        lane, first = self._lane, tasks[0]
        provider = lane.account.provider
        request = provider.list_tasks(first.operation, page, PAGE)
        if request is None:
            return Heard({}), False
        about = About(Purpose.LIST, tuple(task.id for task in tasks))
        answer = await lane.send(request, first.origin.base_url, about)
        if isinstance(answer, Failure):
            return Heard({task.id: answer for task in tasks}), False
        listed, excerpts = await _read(
            lambda: (provider.read_list(first.operation, answer), Excerpts(answer)), answer
        )
        if isinstance(listed, Failure):
            return Heard({task.id: listed for task in tasks}), False
        by_remote_id = {snapshot.remote_id: snapshot for snapshot in listed}
        results: dict[str, Snapshot | Failure] = {
            task.id: by_remote_id[task.remote_id] for task in tasks if task.remote_id in by_remote_id
        }
        return Heard(results, self._cut(excerpts)), len(listed) >= PAGE

    def _cut(self, excerpts: Excerpts) -> Callable[[Task], str]:
        return lambda task: self._lane.connection.remember(excerpts.of(task.remote_id or ""))


async def _read(work: Callable[[], _Result], answer: HttpAnswer) -> _Result:
    return work() if len(answer.body) < LARGE else await in_thread(work)
