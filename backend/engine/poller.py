"""Asks how tasks stand: what is due, in batches where the protocol has them, a few requests at a time.

Polling never invents a failure: trouble is recorded as trouble, and what cannot be known ends as ``lost``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence

from backend.engine import changes, sightings
from backend.engine.agenda import Agenda
from backend.engine.asker import WORTH_A_LIST, Asker, Heard
from backend.engine.board import Board
from backend.engine.finder import Finder
from backend.engine.lane import Lane, mishap
from backend.engine.schedule import LOOKS, poll_delay, retry_delay, slow_delay
from backend.engine.waiting import TICK, Alarm
from backend.errors import StoreError
from backend.language import N_
from backend.models import Failure, FailureKind, Status, Task

_AT_A_TIME = 8
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
_BREATH = 25
"""Answers that are recorded before the loop may do something else."""


class Poller:
    """The asking machine of one account."""

    def __init__(self, lane: Lane, board: Board, finder: Finder) -> None:
        self.alarm = Alarm(lane.clock)
        self._lane = lane
        self._board = board
        self._finder = finder
        self._asker = Asker(lane)
        self._agenda = Agenda()
        self._busy: set[str] = set()
        self._unlisted: set[str] = set()
        """Tasks that their provider's list did not mention."""
        self._focused: frozenset[str] = frozenset()
        self._requests = 0
        self._wakes_at = 0.0

    async def run(self) -> None:
        """Ask about every open task of the account whenever it is due, for ever."""
        for task in self._board.open(self._lane.account.name):
            # Not all at once: they would come at once for ever after.
            self._schedule(task, share=self._lane.chance())
        async with asyncio.TaskGroup() as group:
            while True:
                self._start(group)
                pause = self._pause()
                self._wakes_at = math.inf if pause is None else self._lane.clock.monotonic() + pause
                await self.alarm.wait(pause)

    def notice(self, ids: Iterable[str]) -> None:
        """Take up tasks that have come to be watched, and forget those that no longer are."""
        self._take_up(ids)
        self._wake_in_time()

    def ask_now(self, ids: Iterable[str]) -> None:
        """Ask about these tasks, or look for them, and about all in trouble, as soon as the pace allows."""
        for task_id in ids:
            if task_id not in self._busy and self._watches(task_id):
                self._plan(task_id, 0.0)
        for task_id in self._agenda:
            task = self._lane.store.tasks.get(task_id)
            if task and task.trouble and task.status is not Status.UNCONFIRMED:
                self._plan(task_id, 0.0)
        self.alarm.ring()

    def focus(self, ids: frozenset[str]) -> None:
        """Ask more often about these tasks, and no longer about those of the last call."""
        for task_id in ids - self._focused:
            task = self._lane.store.tasks.get(task_id)
            due = self._agenda.due_at(task_id)
            if task is not None and due is not None and task.trouble is None:
                soon = self._lane.limits.poll_first / 2
                self._plan(task_id, min(due - self._lane.clock.monotonic(), soon))
        self._focused = ids
        self._wake_in_time()

    # -- when ---------------------------------------------------------------------------------------------

    def _watches(self, task_id: str) -> bool:
        task = self._lane.store.tasks.get(task_id)
        return task is not None and task.status.is_watched and task.account == self._lane.account.name

    def _take_up(self, ids: Iterable[str]) -> None:
        for task_id in ids:
            if not self._watches(task_id):
                self._agenda.forget(task_id)
                self._unlisted.discard(task_id)
            elif task_id not in self._agenda and task_id not in self._busy:
                self._schedule(self._lane.store.tasks[task_id])

    def _schedule(self, task: Task, *, share: float = 1.0) -> None:
        """Plan the next question about a task by what is recorded of it, after a `share` of its time."""
        if changes.is_resting(task):
            return
        if task.trouble and task.trouble.next_try:
            delay = (task.trouble.next_try - self._lane.clock.now()).total_seconds()
        elif task.status is Status.UNCONFIRMED:
            delay = 0.0
        else:
            delay = share * self._delay(task)
        self._plan(task.id, self._not_past_deadline(task, delay))

    def _delay(self, task: Task) -> float:
        lane, now = self._lane, self._lane.clock.now()
        delay = poll_delay(
            (now - (task.sent_at or task.created_at)).total_seconds(),
            lane.limits,
            lane.chance(),
            typical=lane.typical(task),
            focused=task.id in self._focused,
        )
        return delay - TICK / 2  # it comes with the tick after that: half of one later on average

    def _not_past_deadline(self, task: Task, delay: float) -> float:
        """Cut `delay` so that the last question comes when the deadline does."""
        if task.deadline is None:
            return delay
        left = (task.deadline - self._lane.clock.now()).total_seconds()
        return min(delay, left) if left > 0 else delay

    def _plan(self, task_id: str, delay: float) -> None:
        self._agenda.plan(task_id, self._lane.clock.monotonic() + max(delay, 0.0))

    def _pause(self) -> float | None:
        """Return the seconds to the tick in which something may be asked."""
        if self._requests >= self._room():
            # A request that ends looks for the next one itself; without any, the breaker says when.
            return self._lane.asking.delay if not self._requests else None
        due = self._agenda.next_due()
        if due is None:
            return None
        now = self._lane.clock.monotonic()
        return max(math.ceil(due / TICK) * TICK - now, self._lane.asking.delay, 0.0)

    def _wake_in_time(self) -> None:
        pause = self._pause()
        if pause is not None and self._lane.clock.monotonic() + pause < self._wakes_at - TICK / 2:
            self.alarm.ring()

    def _room(self) -> int:
        return self._lane.asking.room(_AT_A_TIME)

    # -- what ---------------------------------------------------------------------------------------------

    def _start(self, group: asyncio.TaskGroup) -> None:
        while self._requests < self._room() and (batch := self._take()):
            self._requests += 1
            self._busy.update(batch)
            group.create_task(self._work(batch, group))

    def _take(self) -> list[str]:
        """Take the task that is due, and with it those its question can ask about as well."""
        # A tick may come a rounding error before what is due in it.
        now = self._lane.clock.monotonic() + TICK / 10
        first = self._pop(now)
        if first is None:
            return []
        task = self._lane.store.tasks[first]
        if task.status is Status.UNCONFIRMED and self._is_looking():
            # A look may wait for a create to end; more of them would only keep questions from being asked.
            self._plan(first, _LOOK_PAUSE)
            return self._take()
        if not _is_sociable(task) or self._lane.obstacle(task):
            return [first]
        size = self._lane.codec(task).batch_size
        return self._listed_with(task, now) if size == 1 else self._batched_with(task, now, size)

    def _batched_with(self, task: Task, now: float, size: int) -> list[str]:
        batch, aside = [task.id], list[str]()
        while len(batch) < size and (other := self._pop(now + self._lane.limits.poll_first / 2)):
            (batch if self._fits(task, self._lane.store.tasks[other]) else aside).append(other)
        for other in aside:
            self._plan(other, 0.0)
        return batch

    def _listed_with(self, task: Task, now: float) -> list[str]:
        """Take all tasks that the provider's list tells of as well, if they are many."""
        if task.id in self._unlisted or len(self._agenda) < WORTH_A_LIST or not self._asker.lists(task):
            return [task.id]
        tasks, soon = self._lane.store.tasks, now + self._lane.limits.poll_max / 2
        family = [
            other
            for other in self._agenda
            if other in tasks
            and other not in self._unlisted
            and tasks[other].operation == task.operation
            and self._fits(task, tasks[other])
        ]
        if sum((self._agenda.due_at(other) or 0.0) <= soon for other in family) + 1 < WORTH_A_LIST:
            return [task.id]
        for other in family:
            self._agenda.forget(other)
        return [task.id, *family]

    def _is_looking(self) -> bool:
        tasks = self._lane.store.tasks
        return any(tasks[task_id].status is Status.UNCONFIRMED for task_id in self._busy)

    def _pop(self, until: float) -> str | None:
        while (task_id := self._agenda.pop(until)) is not None:
            if task_id in self._lane.store.tasks:
                return task_id
        return None

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

    async def _work(self, batch: list[str], group: asyncio.TaskGroup) -> None:
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
            self._take_up(batch)
        self._start(group)
        self._wake_in_time()

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
        elif len(tasks) > max(lane.codec(tasks[0]).batch_size, 1):
            await self._ask_by_list(tasks)
        else:
            heard = await self._asker.by_id(tasks)
            self._judge_account(heard)
            await self._record_all(tasks, heard)

    async def _ask_by_list(self, tasks: list[Task]) -> None:
        """Read the list page by page for as long as pages tell of these tasks; the rest is asked by id."""
        page, more = 1, True
        while tasks and more:
            heard, more = await self._asker.by_page(tasks, page)
            if not heard.results or _is_refused(heard):
                break
            self._judge_account(heard)
            told = [task for task in tasks if task.id in heard.results]
            tasks = [task for task in tasks if task.id not in heard.results]
            await self._record_all(told, heard)
            page += 1
        for task in tasks:
            self._unlisted.add(task.id)
            self._plan(task.id, 0.0)

    def _judge_account(self, heard: Heard) -> None:
        """Tell from an answer whether the account works: one task in trouble is that task's own."""
        results = heard.results
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

    async def _record_all(self, tasks: Sequence[Task], heard: Heard) -> None:
        for number, task in enumerate(tasks, 1):
            await self._record(task, heard)
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    async def _record(self, task: Task, heard: Heard) -> None:
        result = heard.results.get(task.id, _UNSAID)
        if isinstance(result, Failure):
            await self._trouble(task.id, result)
            return
        lane, now = self._lane, self._lane.clock.now()
        change = sightings.seen(result, lambda: heard.text(task), now)
        old = lane.store.tasks[task.id]
        new = change(old)
        if new is not old:
            made = new
            new = await lane.store.update(
                task.id,
                lambda task: made if task is old else change(task),
                durable=new.status is not old.status,
            )
        if new.status.is_watched:
            if result.status is None:
                unknown_for = (now - new.updated_at).total_seconds()
                delay = slow_delay(unknown_for, lane.limits, lane.chance())
            else:
                delay = self._delay(new)
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


def _is_refused(heard: Heard) -> bool:
    """Whether an answer is about the question itself: the tasks may well be asked about in another way."""
    results = heard.results.values()
    return all(isinstance(result, Failure) and result.kind not in _OF_THE_ACCOUNT for result in results)


_UNSAID = Failure(
    kind=FailureKind.PROTOCOL,
    meaning=N_("The answer says nothing of this task."),
    next_step=N_("It is asked again by itself."),
)
