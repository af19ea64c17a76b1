"""Looks for tasks whose create went unanswered: they may exist and may be charged (DESIGN rule 2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.engine import changes, sightings
from backend.engine.lane import Lane, ref
from backend.engine.schedule import LOOKS
from backend.language import recorded
from backend.models import Failure, FailureKind, Snapshot, Status, Task
from backend.request_log import About, Purpose

_RESEND_AFTER_LOOKS = 2
"""Looks in vain before a task is sent again, where the provider refuses duplicates."""
_RESEND_DELAY = 5.0
"""Seconds from the last look in vain until it is sent again."""
_MOST_SENDS = 3
"""Times that a task is sent without a person's word, however often its answer is lost."""


class Finder:
    """The looking machine of one account; :class:`~backend.engine.poller.Poller` says when."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def look(self, task_id: str) -> None:
        """Look once for an unconfirmed task, and record what came of it or when to look again."""
        lane = self._lane
        async with lane.books:
            task = lane.store.tasks[task_id]
            if task.status is not Status.UNCONFIRMED:
                return
            if obstacle := lane.obstacle(task):
                await self._rest(task, _looks(task), obstacle.words)
                return
            request = lane.codec(task).find(ref(task))
            if request is None:
                await self._missed(task, recorded("this provider has no way to look for it"))
                return
            answer = await lane.send(request, task.origin.base_url, About(Purpose.FIND, (task.id,)))
            if isinstance(answer, Failure):
                await self._unanswered(task, answer)
                return
            result = lane.codec(task).read_found(answer, ref(task), lane.taken(task))
            text = lane.connection.remember(answer)
            await self._judge(task, result, text)

    async def _judge(self, task: Task, result: Snapshot | Failure | None, text: str) -> None:
        lane, now = self._lane, self._lane.clock.now()
        if isinstance(result, Failure) and result.kind is FailureKind.DUPLICATE:
            # Several fit, and only a person can tell them apart.
            await self._rest(task, _looks(task) + 1, result.words or result.meaning)
            return
        if isinstance(result, Failure) and result.kind is not FailureKind.NOT_FOUND:
            await self._unanswered(task, result)
            return
        lane.asking.worked()
        if isinstance(result, Snapshot) and result.remote_id not in lane.taken(task):
            await lane.store.update(task.id, sightings.found(result, lane.deadline(now), text, now))
        elif isinstance(result, Snapshot):
            await self._rest(
                task,
                _looks(task) + 1,
                recorded("{remote_id} belongs to another task here").format(remote_id=result.remote_id),
            )
        else:
            await self._missed(task, recorded("the provider does not know it"))

    async def _missed(self, task: Task, words: str) -> None:
        """Nothing was found: look again later, send it again where that is safe, or rest."""
        looks = _looks(task) + 1
        lane, now = self._lane, self._lane.clock.now()
        can_look = lane.codec(task).find(ref(task)) is not None
        if self._may_send_again(task) and (looks >= _RESEND_AFTER_LOOKS or not can_look):
            next_try = now + timedelta(seconds=_RESEND_DELAY)
            await lane.store.update(task.id, sightings.sent_again(next_try, now))
        elif can_look and looks < len(LOOKS):
            await self._again(task, looks, words, now + timedelta(seconds=LOOKS[looks]))
        else:
            await self._rest(task, looks, words)

    def _may_send_again(self, task: Task) -> bool:
        """Whether sending it once more cannot create it twice."""
        return (
            self._lane.account.provider.refuses_duplicates
            and task.external_id is not None
            and changes.sends(task) < _MOST_SENDS
            # Said to be there and yet not to be found: sending it again would only be refused again.
            and not (task.failure and task.failure.kind is FailureKind.DUPLICATE)
        )

    async def _unanswered(self, task: Task, failure: Failure) -> None:
        """The look itself failed: that does not count, but it goes on no longer than the deadline."""
        lane, now = self._lane, self._lane.clock.now()
        delay = max(lane.asking.failed(failure), LOOKS[0])
        if task.deadline and now >= task.deadline:
            await self._rest(task, _looks(task), recorded("it could not be looked for before its deadline"))
        else:
            words = recorded("cannot be looked for just now: {words}").format(
                words=failure.words or failure.meaning
            )
            await self._again(task, _looks(task), words, now + timedelta(seconds=delay))

    async def _rest(self, task: Task, looks: int, why: str) -> None:
        words = recorded("{why}; it may exist and may be charged, and only you can go on").format(why=why)
        await self._again(task, looks, words, None)

    async def _again(self, task: Task, looks: int, words: str, next_try: datetime | None) -> None:
        now = self._lane.clock.now()
        reason = task.failure or (task.trouble.failure if task.trouble else None)
        if reason is None:
            reason = Failure(kind=FailureKind.TRANSIENT, words=words)
        await self._lane.store.update(task.id, sightings.not_seen(reason, looks, next_try, words, now))


def _looks(task: Task) -> int:
    return task.trouble.count if task.trouble else 0
