"""Asks how tasks stand: what is due, in batches where the protocol has them, a few requests at a time.

Polling never invents a failure: trouble is recorded as trouble, and what cannot be known ends as ``lost``.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Sequence

from backend.engine import changes, sightings
from backend.engine.board import Board
from backend.engine.excerpt import excerpt
from backend.engine.finder import Finder
from backend.engine.lane import Lane, mishap, ref
from backend.engine.schedule import LOOKS, poll_delay, retry_delay
from backend.engine.waiting import Alarm
from backend.errors import StoreError
from backend.models import Failure, FailureKind, Snapshot, Status, Task
from backend.providers.contract import HttpAnswer, QueryResult

_AT_A_TIME = 3
"""Requests of one account under way at most."""
_OF_THE_ACCOUNT = frozenset(
    {FailureKind.AUTH, FailureKind.QUOTA, FailureKind.RATE_LIMIT, FailureKind.TRANSIENT}
)
_LOOK_PAUSE = 1.0
"""Seconds until a look is due again that finds another one under way."""
_STORE_PAUSE = 5.0
"""Seconds until a task is asked about again whose state could not be written."""
_LONGEST_WAIT = 300.0
"""Seconds between polls of a task that bring nothing but trouble."""


class Poller:
    """The asking machine of one account."""

    def __init__(self, lane: Lane, board: Board, finder: Finder) -> None:
        self.alarm = Alarm(lane.clock)
        self._lane = lane
        self._board = board
        self._finder = finder
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        """The valid entries of the heap."""
        self._busy: set[str] = set()
        self._requests = 0

    async def run(self) -> None:
        """Ask about every open task of the account whenever it is due, for ever."""
        for task in self._board.open(self._lane.account.name):
            self._schedule(task)
        async with asyncio.TaskGroup() as group:
            while True:
                self._start(group)
                await self.alarm.wait(self._pause())

    def notice(self, ids: Iterable[str]) -> None:
        """Take up tasks that have come to be watched, and forget those that no longer are."""
        for task_id in ids:
            task = self._lane.store.tasks.get(task_id)
            if task is None or not task.status.is_watched or task.account != self._lane.account.name:
                self._due.pop(task_id, None)
            elif task_id not in self._due and task_id not in self._busy:
                self._schedule(task)
        self.alarm.ring()

    def ask_now(self, ids: Iterable[str]) -> None:
        """Ask about these tasks, or look for them, and about all in trouble, as soon as the pace allows."""
        for task_id in ids:
            task = self._lane.store.tasks.get(task_id)
            mine = task and task.status.is_watched and task.account == self._lane.account.name
            if mine and task_id not in self._busy:
                self._plan(task_id, 0.0)
        for task_id in list(self._due):
            task = self._lane.store.tasks.get(task_id)
            if task and task.trouble and task.status is not Status.UNCONFIRMED:
                self._plan(task_id, 0.0)
        self.alarm.ring()

    # -- when ---------------------------------------------------------------------------------------------

    def _schedule(self, task: Task) -> None:
        """Plan the next question about a task by what is recorded of it."""
        if changes.is_resting(task):
            return
        now = self._lane.clock.now()
        if task.trouble and task.trouble.next_try:
            delay = (task.trouble.next_try - now).total_seconds()
        elif task.status is Status.UNCONFIRMED:
            delay = 0.0
        else:
            age = (now - (task.sent_at or task.created_at)).total_seconds()
            delay = poll_delay(age, self._lane.limits, self._lane.chance())
        self._plan(task.id, self._not_past_deadline(task, delay))

    def _not_past_deadline(self, task: Task, delay: float) -> float:
        """Cut `delay` so that the last question comes when the deadline does."""
        if task.deadline is None:
            return delay
        left = (task.deadline - self._lane.clock.now()).total_seconds()
        return min(delay, left) if left > 0 else delay

    def _plan(self, task_id: str, delay: float) -> None:
        due = self._lane.clock.monotonic() + max(delay, 0.0)
        self._due[task_id] = due
        heapq.heappush(self._heap, (due, task_id))

    def _pause(self) -> float | None:
        if self._requests >= self._room() > 0:
            return None  # a request that ends rings the alarm
        while self._heap and not self._is_valid(self._heap[0]):
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        if self._requests and not self._room():
            return None
        return max(self._heap[0][0] - self._lane.clock.monotonic(), self._lane.asking.delay)

    def _room(self) -> int:
        return self._lane.asking.room(_AT_A_TIME)

    def _is_valid(self, entry: tuple[float, str]) -> bool:
        return self._due.get(entry[1]) == entry[0]

    # -- what ---------------------------------------------------------------------------------------------

    def _start(self, group: asyncio.TaskGroup) -> None:
        while self._requests < self._room() and (batch := self._take()):
            self._requests += 1
            self._busy.update(batch)
            group.create_task(self._work(batch))

    def _take(self) -> list[str]:
        """Take the task that is due, and with it those its query can ask about as well."""
        now = self._lane.clock.monotonic()
        first = self._pop(now)
        if first is None:
            return []
        task = self._lane.store.tasks[first]
        if task.status is Status.UNCONFIRMED and self._is_looking():
            # A look may wait for a create to end; more of them would only keep questions from being asked.
            self._plan(first, _LOOK_PAUSE)
            return self._take()
        size = self._batch_size(task)
        batch, aside = [first], list[str]()
        while len(batch) < size and (other := self._pop(now + self._lane.limits.poll_first / 2)):
            (batch if self._fits(task, self._lane.store.tasks[other]) else aside).append(other)
        for other in aside:
            self._plan(other, 0.0)
        return batch

    def _is_looking(self) -> bool:
        tasks = self._lane.store.tasks
        return any(tasks[task_id].status is Status.UNCONFIRMED for task_id in self._busy)

    def _pop(self, until: float) -> str | None:
        while self._heap:
            if not self._is_valid(self._heap[0]):
                heapq.heappop(self._heap)
            elif self._heap[0][0] > until:
                return None
            else:
                _, task_id = heapq.heappop(self._heap)
                del self._due[task_id]
                if task_id in self._lane.store.tasks:
                    return task_id
        return None

    def _batch_size(self, task: Task) -> int:
        if not _is_sociable(task) or self._lane.obstacle(task):
            return 1
        return self._lane.codec(task).batch_size

    def _fits(self, first: Task, other: Task) -> bool:
        return (
            _is_sociable(other)
            and other.provider == first.provider
            and other.origin.base_url == first.origin.base_url
            and self._speak_alike(first, other)
        )

    def _speak_alike(self, first: Task, other: Task) -> bool:
        """Whether one codec speaks for both, as for models that differ in what they take alone."""
        lane = self._lane
        if other.operation == first.operation:
            return True
        return lane.obstacle(other) is None and lane.codec(other) is lane.codec(first)

    async def _work(self, batch: list[str]) -> None:
        try:
            if self._lane.store.tasks[batch[0]].status is Status.UNCONFIRMED:
                await self._finder.look(batch[0])
            else:
                await self._ask(batch)
        except StoreError:
            # The ledger's own trouble: what was heard is asked for again.
            self._postpone(batch)
        except Exception as error:
            await self._bear(batch, mishap(error, self._lane.connection.redact))
        finally:
            self._requests -= 1
            self._busy.difference_update(batch)
            self.notice(batch)

    async def _bear(self, batch: Sequence[str], failure: Failure) -> None:
        try:
            for task_id in batch:
                await self._trouble(task_id, failure)
        except StoreError:
            self._postpone(batch)

    def _postpone(self, batch: Sequence[str]) -> None:
        for task_id in batch:
            self._plan(task_id, _STORE_PAUSE)

    # -- asking -------------------------------------------------------------------------------------------

    async def _ask(self, batch: Sequence[str]) -> None:
        lane = self._lane
        tasks = [task for task in map(lane.store.tasks.get, batch) if task and task.status.is_watched]
        if not tasks:
            return
        if obstacle := lane.obstacle(tasks[0]):
            await self._trouble(tasks[0].id, obstacle)
            return
        codec, refs = lane.codec(tasks[0]), [ref(task) for task in tasks]
        answer = await lane.send(codec.query(refs), tasks[0].origin.base_url)
        if isinstance(answer, Failure):
            lane.asking.failed(answer)
            results: QueryResult = dict.fromkeys((task.id for task in tasks), answer)
        else:
            results = codec.read_query(answer, refs)
            self._judge_account(results)
        for task in tasks:
            await self._record(task, results.get(task.id, _UNSAID), answer, len(tasks))

    def _judge_account(self, results: QueryResult) -> None:
        """Tell from an answer whether the account works: one task in trouble is that task's own."""
        failures = [result for result in results.values() if isinstance(result, Failure)]
        own = [failure for failure in failures if failure.kind is not FailureKind.NOT_FOUND]
        if not results or len(own) < len(results):
            recovered = self._lane.asking.trouble is not None
            self._lane.asking.worked()
            if recovered:
                self.ask_now(())
            return
        self._lane.asking.failed(own[0])
        if own[0].kind is FailureKind.AUTH:
            self._lane.connection.forget_credentials()

    async def _record(
        self, task: Task, result: Snapshot | Failure, answer: HttpAnswer | Failure, asked: int
    ) -> None:
        if isinstance(result, Failure):
            await self._trouble(task.id, result)
            return
        lane, now = self._lane, self._lane.clock.now()
        if isinstance(answer, HttpAnswer):
            text = lane.connection.remember(excerpt(answer, task.remote_id or "") if asked > 1 else answer)
        else:
            text = ""
        change = sightings.seen(result, text, now)
        new = change(lane.store.tasks[task.id])
        if new is not lane.store.tasks[task.id]:
            new = await lane.store.update(task.id, change, durable=new.status is not task.status)
        if new.status.is_watched:
            age = (now - (new.sent_at or new.created_at)).total_seconds()
            # A word that nobody knows is asked about slowly.
            age = age if result.status else float("inf")
            delay = poll_delay(age, lane.limits, lane.chance())
            self._plan(new.id, self._not_past_deadline(new, delay))

    async def _trouble(self, task_id: str, failure: Failure) -> None:
        lane, now = self._lane, self._lane.clock.now()
        task = lane.store.tasks[task_id]
        if task.status is Status.UNCONFIRMED:
            looks = task.trouble.count + 1 if task.trouble else 1
            look_at = lane.after(LOOKS[looks]) if looks < len(LOOKS) else None
            change = sightings.not_seen(failure, looks, look_at, failure.words, now)
        else:
            change = sightings.troubled(failure, lane.after(self._trouble_delay(task, failure)), now)
        new = change(task)
        if new is not task:
            await lane.store.update(task_id, change, durable=new.status is not task.status)

    def _trouble_delay(self, task: Task, failure: Failure) -> float:
        count = task.trouble.count + 1 if task.trouble else 1
        seconds = retry_delay(failure, count, self._lane.chance(), most=_LONGEST_WAIT)
        if failure.kind is FailureKind.NOT_FOUND:
            seconds = max(seconds, sightings.NOT_FOUND_SECONDS / (sightings.NOT_FOUND_TRIES - 1))
        return max(seconds, self._lane.asking.delay)


def _is_sociable(task: Task) -> bool:
    """Whether a task may share a question: not one that may be what a shared one stumbles over."""
    if task.status is Status.UNCONFIRMED:
        return False
    return task.trouble is None or task.trouble.failure.kind in _OF_THE_ACCOUNT


_UNSAID = Failure(
    kind=FailureKind.PROTOCOL,
    meaning="The answer says nothing of this task.",
    next_step="It is asked again by itself.",
)
