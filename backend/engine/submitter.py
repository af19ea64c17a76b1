"""Sends what waits, one account's tasks in order and one at a time (DESIGN rules 1 and 2).

A slot is held from sending until the task is final, so that a queue of any length never exceeds the
account's concurrency. Trouble that concerns the account (credential, balance, limits, network) puts the
task back and holds the queue: nothing is lost, and no second task runs into the same wall.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend.engine import changes, sightings
from backend.engine.board import Board
from backend.engine.lane import Lane, mishap
from backend.engine.schedule import LOOKS, retry_delay
from backend.engine.uploader import Uploader
from backend.engine.waiting import Alarm
from backend.errors import Issue, RequestError, StoreError, TransitionError
from backend.language import N_, _
from backend.ledger.store import Change
from backend.models import Creation, Failure, FailureKind, Origin, Status, Submission, Task
from backend.pictures import local_files
from backend.providers.contract import HttpRequest
from backend.request_log import About, Purpose

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel

_HOLDS = frozenset(
    {
        FailureKind.AUTH,
        FailureKind.QUOTA,
        FailureKind.RATE_LIMIT,
        FailureKind.TRANSIENT,
        FailureKind.PROTOCOL,
    }
)
"""Refusals that time or the user can cure: the task goes back to the queue."""
_LONGEST_WAIT = 900.0
"""Seconds that a task is put back at most: longer than the queue is held, so that a task which alone is
refused again and again does not block those behind it."""
_PATIENCE = 5
"""Tries after which a task's own waits outgrow those of its queue."""
_PAUSE_LOOK = 1.0
"""Seconds between looks whether a pause is over that another process may have ended."""
_STORE_PAUSE = 5.0
"""Seconds between tries to write the outcome of a create into a store that cannot be written."""


class Submitter:
    """The sending machine of one account."""

    def __init__(self, lane: Lane, board: Board) -> None:
        self.alarm = Alarm(lane.clock)
        self._lane = lane
        self._board = board
        self._uploader = Uploader(lane)
        self._impatient: set[str] = set()
        """Tasks that a person wants to be tried at once."""

    def send_now(self) -> None:
        """Try the waiting tasks again at once, whatever their trouble says."""
        self._impatient = {task.id for task in self._board.waiting(self._lane.account.name)}
        self.alarm.ring()

    async def run(self) -> None:
        """Send what may be sent, for ever."""
        await self._recover()
        while True:
            task = self._next()
            if task is None:
                await self.alarm.wait(self._pause())
                continue
            if self._lane.is_paused():
                await self.alarm.wait(_PAUSE_LOOK)
                continue
            if not await self._provide(task.id):
                continue
            # A create once begun is finished even if the engine stops: its answer is worth money.
            job = asyncio.ensure_future(self._create(task.id))
            self._lane.creating.add(job)
            job.add_done_callback(self._lane.creating.discard)
            await asyncio.shield(job)

    async def _recover(self) -> None:
        """Take stock: what was being sent when the engine ended may exist (DESIGN rule 2)."""
        lane = self._lane
        async with lane.books:
            for task in list(lane.store.tasks.values()):
                if task.account == lane.account.name and task.status is Status.SUBMITTING:
                    now = lane.clock.now()
                    await self._write(task.id, changes.crashed(now, now))

    def _next(self) -> Task | None:
        lane, now = self._lane, self._lane.clock.now()
        if not lane.sending.room(1):
            return None
        if self._board.slots(lane.account.name, now) >= lane.limits.concurrency:
            return None
        return self._board.next_waiting(lane.account.name, now, self._impatient)

    def _pause(self) -> float | None:
        """Return the seconds until something may have become possible by time alone."""
        lane, now = self._lane, self._lane.clock.now()
        name = lane.account.name
        if not self._board.count_waiting(name):
            return None
        if self._board.slots(name, now) >= lane.limits.concurrency:
            moments: list[datetime | None] = [*self._board.frees_at(name, now)]
        else:
            moments = [task.trouble.next_try for task in self._board.waiting(name) if task.trouble]
        pauses = [(moment - now).total_seconds() for moment in moments if moment and moment > now]
        if lane.sending.delay:
            pauses.append(lane.sending.delay)
        return min(pauses, default=None)

    async def _provide(self, task_id: str) -> bool:
        """Upload the pictures that a task names, if its provider wants that; False: it cannot be sent now.

        Nothing of this makes a task, so it may be broken off at any time.
        """
        lane, task = self._lane, self._lane.store.tasks[task_id]
        if lane.obstacle(task) or lane.codec(task).uploads is None:
            return True
        try:
            failure = await self._upload(task)
        except Exception as error:
            self._impatient.discard(task_id)
            await self._postpone(task, mishap(error, lane.connection.redact))
            return False
        if failure is None:
            return True
        self._impatient.discard(task_id)
        if failure.kind in _HOLDS:
            if failure.kind is FailureKind.AUTH:
                lane.connection.forget_credentials()
            lane.sending.failed(failure)
            await self._postpone(lane.store.tasks[task_id], failure)
        else:
            await self._write(task_id, changes.refused(failure, "", lane.clock.now()))
        return False

    async def _upload(self, task: Task) -> Failure | None:
        uploads, operation = self._lane.codec(task).uploads, self._lane.operation(task)
        try:
            request = operation.model.parse(task.request)
            if uploads is None or not any(local_files(request)):
                return None
            return await self._uploader.provide(request, uploads, task.origin.base_url, task.id)
        except RequestError as error:
            return _unusable(error)

    async def _create(self, task_id: str) -> None:
        lane = self._lane
        self._impatient.discard(task_id)
        async with lane.books:
            task = lane.store.tasks[task_id]
            if task.status is not Status.WAITING or lane.is_paused():
                return
            if obstacle := lane.obstacle(task):
                await self._postpone(task, obstacle)
                return
            try:
                request = await self._compose(task)
            except Exception as error:
                await self._postpone(task, mishap(error, lane.connection.redact))
                return
            if isinstance(request, Failure):
                await self._write(task.id, changes.refused(request, "", lane.clock.now()))
            elif await self._mark(task, request):
                await self._send(task.id, request)

    async def _compose(self, task: Task) -> HttpRequest | Failure:
        operation = self._lane.operation(task)
        try:
            request = operation.model.parse(task.request)
            named = [found.field for found in local_files(request)]
            if named and self._lane.pictures is None:
                raise RequestError([Issue(field, _("this process keeps no pictures")) for field in named])
            if named and self._lane.pictures is not None:
                request = await asyncio.to_thread(self._filled, task, request)
            return operation.codec.create(request, task.external_id)
        except RequestError as error:
            return _unusable(error)

    def _filled(self, task: Task, request: RequestModel) -> RequestModel:
        """Return `request` with its local pictures as the provider takes them. Raises RequestError."""
        pictures = self._lane.pictures
        assert pictures is not None  # noqa: S101  asked before
        if self._lane.codec(task).uploads is None:
            return pictures.embed(request)
        return pictures.link(request, self._uploader.addresses(task.origin.base_url))

    async def _postpone(self, task: Task, failure: Failure) -> None:
        """Put aside a task that cannot be sent as things are; those behind it go on."""
        count = task.trouble.count + 1 if task.trouble else 1
        delay = retry_delay(failure, count, self._lane.chance(), most=_LONGEST_WAIT)
        now = self._lane.clock.now()
        await self._write(task.id, sightings.troubled(failure, now + timedelta(seconds=delay), now))

    async def _mark(self, task: Task, request: HttpRequest) -> bool:
        """Put on disk, before anything leaves, that the task is about to be sent (rule 1)."""
        lane, now = self._lane, self._lane.clock.now()
        origin = Origin(
            base_url=task.origin.base_url,
            endpoint=request.path,
            codec_version=lane.codec(task).codec_version,
        )
        try:
            marked = await lane.store.update(task.id, changes.sending(now, lane.deadline(now), origin, task))
        except StoreError as error:
            lane.sending.failed(_unwritten(error))
            return False
        return marked.status is Status.SUBMITTING

    async def _send(self, task_id: str, request: HttpRequest) -> None:
        lane = self._lane
        text = ""
        try:
            task = lane.store.tasks[task_id]
            answer = await lane.send(
                request, task.origin.base_url, About(Purpose.CREATE, (task_id,)), fresh=True
            )
            if isinstance(answer, Failure):
                outcome: Submission | Failure = answer
            else:
                text = lane.connection.remember(answer)
                outcome = lane.codec(task).read_created(answer)
        except Exception as error:
            outcome = mishap(error, lane.connection.redact, sent=True)
        await self._record(task_id, outcome, text)

    async def _record(self, task_id: str, outcome: Submission | Failure, text: str) -> None:
        lane, now = self._lane, self._lane.clock.now()
        task = lane.store.tasks[task_id]
        if isinstance(outcome, Submission):
            lane.sending.worked()
            await self._write(task_id, changes.accepted(outcome, text, now))
        elif _is_ours(task, outcome):
            lane.sending.worked()
            await self._write(task_id, changes.unconfirmed(outcome, text, now, now))
        elif outcome.creation is Creation.MAY_EXIST:
            # What left one task in doubt would leave the next in doubt as well.
            lane.sending.failed(outcome)
            look = now + timedelta(seconds=LOOKS[0])
            await self._write(task_id, changes.unconfirmed(outcome, text, look, now))
        elif outcome.kind in _HOLDS:
            await self._write(task_id, self._put_back(task, outcome, text))
        else:
            lane.sending.worked()
            await self._write(task_id, changes.refused(outcome, text, now))

    def _put_back(self, task: Task, failure: Failure, text: str) -> Change:
        lane = self._lane
        if failure.kind is FailureKind.AUTH:
            lane.connection.forget_credentials()
        held = lane.sending.failed(failure)
        count = task.trouble.count + 1 if task.trouble else 1
        delay = held
        if count > _PATIENCE:
            delay = max(held, retry_delay(failure, count, lane.chance(), most=_LONGEST_WAIT))
        now = lane.clock.now()
        return changes.put_back(failure, text, now + timedelta(seconds=delay), now)

    async def _write(self, task_id: str, change: Change) -> None:
        """Record an outcome, however long it takes until the store can be written: nothing else is sent
        meanwhile."""
        while True:
            try:
                await self._lane.store.update(task_id, change)
            except TransitionError:
                raise
            except StoreError as error:
                self._lane.sending.failed(_unwritten(error))
                await self._lane.clock.sleep(_STORE_PAUSE)
            else:
                return


def _is_ours(task: Task, failure: Failure) -> bool:
    """Whether a refused duplicate can only be the task itself: sent before, or by an id that we made up."""
    if failure.kind is not FailureKind.DUPLICATE or not task.external_id:
        return False
    return changes.sends(task) > 1 or task.external_id not in _leaves(task.request)


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for nested in value.values() for leaf in _leaves(nested)]
    if isinstance(value, (list, tuple)):
        return [leaf for nested in value for leaf in _leaves(nested)]
    return [value]


def _unusable(error: RequestError) -> Failure:
    return Failure(
        kind=FailureKind.INVALID,
        words=str(error),
        meaning=N_("The request breaks a rule of its operation."),
        money=N_("Nothing was sent, nothing is charged."),
        next_step=N_("Correct the request and submit it anew."),
    )


def _unwritten(error: StoreError) -> Failure:
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=str(error),
        meaning=N_("The ledger cannot be written."),
        money=N_("Nothing is sent before it is on disk."),
        next_step=N_("Make room on the disk; it is tried again by itself."),
    )
