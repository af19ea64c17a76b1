"""The engine as a whole: which machines run, who hears of what, and what is left over from a crash."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from backend.clock import Clock
from backend.download_progress import Progress
from backend.downloads import DownloadRules
from backend.engine import changes, sightings
from backend.engine.board import Board
from backend.engine.downloader import Downloader
from backend.engine.finder import Finder
from backend.engine.lane import Lane
from backend.engine.leftovers import keep_tidy
from backend.engine.poller import Poller
from backend.engine.submitter import Submitter
from backend.engine.waiting import Alarm
from backend.errors import StoreError
from backend.language import N_
from backend.ledger.store import TaskStore
from backend.models import AccountHealth, Failure, FailureKind, Status, Task, Trouble
from backend.pauses import Pauses
from backend.pictures import PictureStore
from backend.transport import Connection

_RESTART_SECONDS = 5.0
"""Pause before a machine that failed in an unforeseen way runs again."""
_GRACE_SECONDS = 10.0
"""Real seconds that create requests under way are given at the end, so that their answers are kept."""


@dataclass(frozen=True, slots=True)
class _Machines:
    lane: Lane
    submitter: Submitter
    poller: Poller


class Engine:
    """Submits, asks, looks for and fetches, while this process leads.

    `connections` are by account name; `downloads` is the folder for result files, `rules` how they are kept
    there; `on_health` is called with an account's name when trouble of the account as a whole begins,
    changes or ends, `on_progress` with a task's id while its files come in; `chance` gives numbers from 0 to
    1 for jitter; `typical` says how many seconds such a task usually takes, if that is known; `pauses`
    which accounts are to send nothing; `disabled` are accounts that are configured, but not to be used.
    """

    def __init__(
        self,
        store: TaskStore,
        connections: Mapping[str, Connection],
        clock: Clock,
        downloads: Path,
        *,
        on_health: Callable[[str], None] | None = None,
        chance: Callable[[], float] = random.random,
        pictures: PictureStore | None = None,
        rules: DownloadRules | None = None,
        on_progress: Callable[[str], None] | None = None,
        typical: Callable[[Task], float | None] = lambda task: None,
        pauses: Pauses | None = None,
        disabled: Collection[str] = (),
    ) -> None:
        self._store = store
        self._disabled = frozenset(disabled)
        self._clock = clock
        self._downloads = downloads
        self._board = Board(store, typical)
        self._alarm = Alarm(clock)
        health = on_health or (lambda account: None)
        self._machines = {
            name: self._make(Lane(connection, store, clock, chance, health, pictures, typical, pauses))
            for name, connection in connections.items()
        }
        lanes = {name: machines.lane for name, machines in self._machines.items()}
        self._downloader = Downloader(lanes, store, self._board, clock, downloads, chance, rules, on_progress)
        self._board.rebuild()

    def _make(self, lane: Lane) -> _Machines:
        return _Machines(lane, Submitter(lane, self._board), Poller(lane, self._board, Finder(lane)))

    # -- what others ask of it ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Work for as long as this process leads, wait while it does not; ends only by cancellation."""
        unsubscribe = self._store.subscribe(self._hear)
        self._board.rebuild()
        try:
            while True:
                if self._store.leads:
                    await self._lead()
                else:
                    await self._alarm.wait(None)
        finally:
            unsubscribe()
            await self._finish_creates()
            await self._downloader.close()

    def nudge(self, ids: Iterable[str] = ()) -> None:
        """Try again now: whatever waits for an account to recover, and questions about these tasks."""
        wanted = frozenset(ids)
        for machines in self._machines.values():
            machines.lane.retry_now()
            machines.poller.ask_now(wanted)
            machines.submitter.send_now()

    def focus(self, ids: Iterable[str]) -> None:
        """Ask more often about these tasks, for as long as they are open before somebody."""
        for machines in self._machines.values():
            machines.poller.focus(frozenset(ids))

    def health(self, account: str) -> AccountHealth:
        """Return how an account is doing. In a process that does not lead, trouble is as its tasks tell."""
        waiting, machines = self._board.count_waiting(account), self._machines.get(account)
        now = self._clock.now()
        health = AccountHealth(
            waiting=waiting,
            unfinished=self._board.slots(account, now),
            unwatched=len(self._board.going_on(account, now)),
            trouble=self._trouble(account, waiting=waiting > 0),
            paused=machines is not None and machines.lane.is_paused(),
            disabled=account in self._disabled,
        )
        if machines is None or not self._store.leads:
            return health
        traffic = machines.lane.traffic
        requests, errors = traffic.last_minute()
        return replace(health, requests=requests, errors=errors, latencies=tuple(traffic.latencies))

    def note_request(self, account: str, seconds: float, answered: bool) -> None:
        """Count a request that was not the engine's own among those of an account."""
        if machines := self._machines.get(account):
            machines.lane.traffic.note(seconds, answered=answered)

    def look_at_queue(self, account: str) -> None:
        """Have an account's submitter look whether it may send: the user paused it or let it go on."""
        if machines := self._machines.get(account):
            machines.submitter.alarm.ring()

    async def download(self, task_id: str, directory: Path | None = None) -> Task:
        """Fetch a task's files now, whoever leads; return when each is here or has failed.

        With a `directory`, put copies there as well. Raises UsageError if there is nothing to fetch.
        """
        return await self._downloader.download(task_id, directory)

    def download_progress(self, task_id: str) -> Mapping[int, Progress]:
        """Return how far a task's files have come that this process brings in, by their place in it."""
        return self._downloader.progress(task_id)

    def is_settled(self, task: Task) -> bool:
        """Whether nothing more happens to a task by itself: final, with its files here or given up for
        now; or unconfirmed, with no way left to look for it."""
        if changes.is_resting(task):
            return True
        machines = self._machines.get(task.account)
        fetches = machines is not None and machines.lane.account.auto_download
        return task.status.is_final and not (fetches and changes.is_arriving(task))

    # -- the work -----------------------------------------------------------------------------------------

    async def _lead(self) -> None:
        try:
            await self._recover()
        except StoreError:
            await self._clock.sleep(_RESTART_SECONDS)
            return
        self._board.rebuild()
        works = [self._downloader.run, lambda: keep_tidy(self._store, self._downloads, self._clock)]
        for machines in self._machines.values():
            works += [machines.submitter.run, machines.poller.run]
        running = [asyncio.ensure_future(self._keep_going(work)) for work in works]
        try:
            while self._store.leads:
                await self._alarm.wait(None)
        finally:
            for work in running:
                work.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _keep_going(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                context = {
                    "message": "A machine of the engine failed and is started again",
                    "exception": error,
                }
                asyncio.get_running_loop().call_exception_handler(context)
            await self._clock.sleep(_RESTART_SECONDS)

    async def _recover(self) -> None:
        """Say of open tasks whose account is gone or disabled that it is; what is known of them stays."""
        now = self._clock.now()
        for task in list(self._store.tasks.values()):
            if task.account in self._machines or task.status.is_final:
                continue
            if task.status is Status.SUBMITTING:
                await self._store.update(task.id, changes.crashed(now, None))
            elif task.status is not Status.UNCONFIRMED and task.trouble is None:
                why = _DISABLED if task.account in self._disabled else _NO_ACCOUNT
                change = sightings.troubled(why, None, now)
                await self._store.update(task.id, change, durable=False)

    async def _finish_creates(self) -> None:
        creates = {job for machines in self._machines.values() for job in machines.lane.creating}
        if creates:
            _, late = await asyncio.wait(creates, timeout=_GRACE_SECONDS)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _hear(self, ids: frozenset[str]) -> None:
        """Pass on what changed in the store to the machines that it concerns."""
        if not ids:
            self._alarm.ring()
            return
        moved = self._board.refresh(ids)
        if not moved or not self._store.leads:
            return
        by_account: dict[str, list[str]] = {}
        for task in moved:
            by_account.setdefault(task.account, []).append(task.id)
        for account, own in by_account.items():
            if machines := self._machines.get(account):
                machines.submitter.alarm.ring()
                machines.poller.notice(own)
        self._downloader.alarm.ring()

    def _trouble(self, account: str, *, waiting: bool) -> Trouble | None:
        machines = self._machines.get(account)
        if machines is None:
            return None
        if self._store.leads:
            lane = machines.lane
            return (lane.sending.trouble if waiting else None) or lane.asking.trouble
        tasks = (*self._board.waiting(account), *self._board.open(account))
        troubles = [task.trouble for task in tasks if task.trouble and task.status is not Status.UNCONFIRMED]
        return max(troubles, key=lambda trouble: trouble.since, default=None)


_NO_ACCOUNT = Failure(
    kind=FailureKind.AUTH,
    meaning=N_("The account of this task is not configured."),
    money=N_("What was sent before may be charged."),
    next_step=N_("Configure the account again to go on with its tasks."),
)
_DISABLED = Failure(
    kind=FailureKind.AUTH,
    meaning=N_("The account of this task is disabled."),
    money=N_("What was sent before may be charged."),
    next_step=N_("Enable the account to go on with its tasks."),
)
