"""What the machines of one account share: its connection, its pace, its breakers, its books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from backend.clock import Clock
from backend.engine.circuit import Circuit
from backend.engine.traffic import Traffic
from backend.engine.waiting import Pace
from backend.language import N_, recorded
from backend.ledger.store import TaskStore
from backend.models import Creation, Failure, FailureKind, Task, Trouble
from backend.pauses import Pauses
from backend.pictures import PictureStore
from backend.providers.contract import Codec, HttpAnswer, HttpRequest, Operation, TaskRef
from backend.request_log import About
from backend.transport import Connection

_ASKING_THRESHOLD = 3
"""Unanswered questions in a row, of whatever tasks, that open the breaker."""


class Lane:
    """One account at work. Its trouble never slows another's."""

    def __init__(
        self,
        connection: Connection,
        store: TaskStore,
        clock: Clock,
        chance: Callable[[], float],
        on_health: Callable[[str], None],
        pictures: PictureStore | None = None,
        typical: Callable[[Task], float | None] = lambda task: None,
        pauses: Pauses | None = None,
    ) -> None:
        self.connection = connection
        self.account = connection.account
        self.limits = connection.account.limits
        self.store = store
        self.clock = clock
        self.chance = chance
        self.pictures = pictures
        """Where the pictures are that tasks name by path."""
        self.typical = typical
        """How many seconds such a task usually takes, if that is known."""
        self.traffic = Traffic(clock)
        self._pauses = pauses
        self.books = asyncio.Lock()
        """Held from a create request, or a look for a lost one, until its outcome is in the ledger: a look
        must not take the job that a create is just making for the one it seeks."""
        self.creating: set[asyncio.Task[None]] = set()
        """Create requests under way."""
        self._pace = Pace(clock, self.limits.min_spacing, self.limits.per_minute)

        def changed() -> None:
            on_health(self.account.name)

        self.sending = Circuit(clock, chance, changed, threshold=1)
        self.asking = Circuit(clock, chance, changed, threshold=_ASKING_THRESHOLD, most=300.0)

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with the account as a whole."""
        return self.sending.trouble or self.asking.trouble

    def is_paused(self) -> bool:
        """Whether the user wants nothing of this account to be sent."""
        return self._pauses is not None and self._pauses.has(self.account.name)

    async def send(
        self, request: HttpRequest, base_url: str, about: About, *, fresh: bool = False
    ) -> HttpAnswer | Failure:
        """Send in turn."""
        await self._pace.turn()
        start = self.clock.monotonic()
        answer = await self.connection.send(request, base_url=base_url, fresh=fresh, about=about)
        self.traffic.note(self.clock.monotonic() - start, answered=isinstance(answer, HttpAnswer))
        return answer

    def operation(self, task: Task) -> Operation:
        """Return the task's operation. Raises KeyError for one that this version does not know."""
        return self.account.provider.operations[task.operation]

    def codec(self, task: Task) -> Codec:
        """Return what speaks the task's operation. Raises KeyError."""
        return self.operation(task).codec

    def obstacle(self, task: Task) -> Failure | None:
        """Return why this task, of all the account's, cannot be spoken of with its provider."""
        if task.provider != self.account.provider.name:
            return _obstacle(
                recorded("account {account} now speaks {provider}").format(
                    account=self.account.name, provider=self.account.provider.name
                )
            )
        if task.operation not in self.account.provider.operations:
            return _obstacle(
                recorded("operation {operation} is unknown to this version").format(operation=task.operation)
            )
        if not self.account.trusts(task.origin.base_url):
            return _obstacle(
                recorded("{base_url} is not an address of account {account}").format(
                    base_url=task.origin.base_url, account=self.account.name
                )
            )
        return None

    def deadline(self, since: datetime) -> datetime:
        """Return until when a task is watched that was sent, or found, at `since`."""
        return since + timedelta(seconds=self.limits.deadline)

    def after(self, seconds: float) -> datetime:
        """Return the time of day in `seconds`."""
        return self.clock.now() + timedelta(seconds=seconds)

    def retry_now(self) -> None:
        """Try again at once whatever waits for a cure."""
        self.sending.retry_now()
        self.asking.retry_now()

    def taken(self, but: Task) -> frozenset[str]:
        """Return the remote ids that other tasks have."""
        tasks = self.store.tasks.values()
        return frozenset(task.remote_id for task in tasks if task.remote_id and task.id != but.id)


def ref(task: Task) -> TaskRef:
    """Return what a codec needs in order to ask about a task."""
    return TaskRef(
        task_id=task.id,
        remote_id=task.remote_id,
        external_id=task.external_id,
        endpoint=task.origin.endpoint,
        request=task.request,
        sent_at=task.sent_at,
    )


def mishap(error: Exception, redact: Callable[[str], str], *, sent: bool = False) -> Failure:
    """Return the Failure for an exception that nobody expected, so that one task bears it alone."""
    return Failure(
        kind=FailureKind.PROTOCOL,
        words=redact(f"{type(error).__name__}: {error}"),
        meaning=N_("reeltop could not handle this; that is a fault of reeltop, not of the job."),
        money=N_("It may have been created and charged.") if sent else "",
        next_step=N_("Please report it."),
        creation=Creation.MAY_EXIST if sent else Creation.NOT_CREATED,
    )


def _obstacle(words: str) -> Failure:
    return Failure(
        kind=FailureKind.INVALID,
        words=words,
        meaning=N_("The account as configured today does not reach this task's provider."),
        money=N_("Nothing more is sent; what was sent before may be charged."),
        next_step=N_("Restore the account's provider, or add the address to its former_base_urls."),
    )
