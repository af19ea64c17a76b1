"""The façade: the only thing that front ends call.

Front ends hear from it through one stream, :meth:`Service.changes`; they never poll it, and never touch a
store or a socket. :mod:`backend.opening` makes one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from backend import costs, ui_state
from backend.accounts import Account, find_account
from backend.checking import Checks
from backend.costs import CostEstimate, Costs
from backend.doubts import Doubts
from backend.drafts import Draft, DraftShelf
from backend.engine.changes import Change, resent, resumed, stopped
from backend.errors import StoreError, UsageError
from backend.feed import Changes, Feed
from backend.history import History
from backend.intake import Intake
from backend.labels import Labels
from backend.language import _, in_english
from backend.media.media import Media
from backend.models import AccountHealth, Status, Task
from backend.news import News, NewsDesk
from backend.notify import AS_USUAL, Notify
from backend.preparing import Prepared
from backend.preview import Preview
from backend.queue import Queue
from backend.remote import Remote
from backend.request_log import RequestLog
from backend.requests import Requests
from backend.shelf import Shelf
from backend.track_records import TrackRecord, TrackRecords
from backend.ui_state import UiState
from backend.views import AccountCheck, AccountView, CredentialView, account_view

if TYPE_CHECKING:
    from backend.account_book import AccountBook
    from backend.batches.drafts import DraftBatches
    from backend.batches.recording import Batches
    from backend.clock import Clock
    from backend.desk import Desk
    from backend.download_progress import Progress
    from backend.engine.engine import Engine
    from backend.engine.leftovers import Partial
    from backend.former import Former
    from backend.hook import Hook
    from backend.ledger.store import TaskStore
    from backend.own_commands import OwnCommand
    from backend.pasted import Pasted
    from backend.paths import Paths
    from backend.picture_files import PictureFiles
    from backend.providers.contract import Operation, Provider
    from backend.providers.fields import FieldSpec, RequestModel
    from backend.templates import Templates
    from backend.transport import Connection

__all__ = [
    "AccountCheck",
    "AccountHealth",
    "AccountView",
    "Changes",
    "CostEstimate",
    "CredentialView",
    "Draft",
    "News",
    "Notify",
    "Prepared",
    "Preview",
    "Service",
    "UiState",
]

_DEADLINE_SECONDS = 1800.0
"""For a task whose account is no longer configured."""


class Service:
    """An async context manager: entering it starts the work, leaving it ends the work and keeps the tasks."""

    is_read_only = False
    """Whether nothing can be changed from here: see :mod:`backend.read_only`."""

    def __init__(
        self,
        *,
        accounts: Mapping[str, Account],
        connections: Mapping[str, Connection],
        store: TaskStore,
        engine: Engine,
        feed: Feed,
        paths: Paths,
        clock: Clock,
        resources: AsyncExitStack,
        is_sandbox: bool = False,
        is_configured: bool = True,
        works: bool = True,
        archive_after: timedelta | None = None,
        history: History | None = None,
        notify: Notify = AS_USUAL,
        views: Mapping[str, str] | None = None,
        own_commands: Sequence[OwnCommand] = (),
        requests: Requests | None = None,
    ) -> None:
        """`works`: whether to submit, poll and download if no other reeltop does; `resources` are closed
        with the service."""
        self._accounts = accounts
        self._connections = connections
        self._store = store
        self._engine = engine
        self._paths = paths
        self._clock = clock
        self._resources = resources
        self._is_sandbox = is_sandbox
        self.is_configured = is_configured
        """Whether the user has any account, whatever is in use."""
        self._works = works
        self._feed = feed
        self._history = history or History()
        self._costs = Costs()
        self._intake = Intake(store, accounts, self._costs, paths, clock)
        self._records = TrackRecords()
        self._checks = Checks(accounts, connections, clock, engine.note_request)
        self.remote = Remote(store, accounts, connections, clock)
        """The providers' own lists, and deleting there."""
        self.shelf = Shelf(store, accounts, self.remote, clock)
        """Archive, export and import."""
        self.labels = Labels(store)
        """Tags and notes."""
        self.queue = Queue(store, accounts, paths, clock, self._on_pause)
        """Pausing accounts, and changing what waits."""
        self.doubts = Doubts(store, accounts, clock)
        """Unconfirmed tasks, settled by the user."""
        self.media = Media()
        """Pictures of result files and of what is sent along."""
        self.requests = requests or Requests(RequestLog(), paths.requests)
        """The log of what was asked of the providers."""
        self._archive_after = archive_after
        self.notify = notify
        """How the user wants to be told of news."""
        self._news: NewsDesk | None = None
        self._hook: Hook | None = None
        self._views = dict(views or {})
        self.own_commands = tuple(own_commands)
        """Programs of the user's that take tasks."""
        self._running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._history.learn(self._store.tasks.values())
        self._costs.learn(self._store.tasks.values())
        self._records.learn(self._store.tasks.values())
        self._news = NewsDesk(self._store.tasks, self.is_settled, self._health)
        self._news.open(self._clock.now())
        self._resources.callback(self._store.subscribe(self._on_change))
        if self._works and self.notify.on_finished:
            from backend.hook import Hook

            self._hook = Hook(self.notify.on_finished, self._complain)
            self._resources.push_async_callback(self._hook.close)
        if self._works:
            with in_english():  # what the engine says is recorded
                self._running.append(asyncio.create_task(self._engine.run(), name="engine"))
        if self._works and self._archive_after is not None:
            tidying = self.shelf.keep_tidy(self._archive_after)
            self._running.append(asyncio.create_task(tidying, name="archive"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        for running in self._running:
            running.cancel()
        for running in self._running:
            with suppress(asyncio.CancelledError):
                await running
        await self._resources.aclose()

    @cached_property
    def batches(self) -> Batches:
        """Many requests from one file."""
        from backend.batches.recording import Batches

        return Batches(self._store, self._accounts, self._costs, self._paths, self._clock)

    @cached_property
    def account_book(self) -> AccountBook:
        """The accounts as they are configured. What changes there is taken up by the next service."""
        from backend.account_book import AccountBook

        return AccountBook(self._paths.config)

    @cached_property
    def templates(self) -> Templates:
        """Requests kept to be used again."""
        from backend.templates import Templates

        return Templates(self._paths.templates)

    @cached_property
    def desk(self) -> Desk:
        """Drafts that are open in the builder."""
        from backend.desk import Desk

        return Desk(self._paths.drafts, self._paths.draft)

    @cached_property
    def drafts(self) -> DraftShelf:
        """Drafts that were put aside."""
        return DraftShelf(self._paths.drafts)

    @cached_property
    def picture_files(self) -> PictureFiles:
        """Where pictures were chosen last."""
        from backend.picture_files import PictureFiles

        return PictureFiles(self._paths.picture_folder)

    @cached_property
    def draft_batches(self) -> DraftBatches:
        """Drafts that make many tasks: with variables, or for several accounts."""
        from backend.batches.drafts import DraftBatches

        return DraftBatches(self.batches, self._accounts, self._paths.data, self._clock)

    # -- what is there ----------------------------------------------------------------------------

    @property
    def is_sandbox(self) -> bool:
        """Whether everything here is the sandbox and nothing costs money."""
        return self._is_sandbox

    @property
    def leads(self) -> bool:
        """Whether this process submits, polls and downloads; otherwise another one does."""
        return self._store.leads

    @property
    def paths(self) -> Paths:
        """Where the ledger and the results of this service are."""
        return self._paths

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user must know about the store."""
        return self._store.notices

    def accounts(self) -> Sequence[AccountView]:
        """Return the accounts in the order of the configuration."""
        return [account_view(account) for account in self._accounts.values()]

    def account(self, name: str) -> AccountView:
        """Return one account. Raises UsageError that names the known ones."""
        return account_view(self._account(name))

    def health(self, account: str) -> AccountHealth:
        """Return how an account is doing."""
        return self._engine.health(self._account(account).name)

    async def check_account(self, name: str) -> AccountCheck:
        """Prove an account's credential with a free call, and ask what is left to spend where the provider
        tells it. Raises UsageError, AccountError."""
        return await self._checks.check(name)

    def track_record(self, account: str) -> TrackRecord:
        """Return what came of an account's last tasks, and what went wrong last."""
        return self._records.of(account)

    def provider(self, name: str) -> Provider:
        """Return a provider. Raises UsageError."""
        from backend.providers import registry

        return registry.provider(name)

    # -- making a request -------------------------------------------------------------------------

    def operation(self, account: str, name: str | None = None) -> Operation:
        """Return an operation of an account; without a name the only one. Raises UsageError."""
        return self._intake.operation(account, name)

    def prepare(self, draft: Draft) -> Prepared:
        """Check a draft as typed: pure and quick, for every key press.

        Raises UsageError only for an unknown account or operation.
        """
        return self._intake.prepare(draft)

    def read_pasted(self, text: str, draft: Draft) -> Pasted:
        """Return the draft that a curl command or a JSON body describes. Raises UsageError."""
        from backend.pasted import read_pasted

        return read_pasted(text, self._accounts.values(), draft)

    def prepare_request(self, account: str, operation: str, request: RequestModel) -> Prepared:
        """Check a finished request against what sending needs. Raises UsageError for unknown names."""
        return self._intake.prepare_request(account, operation, request)

    async def submit(
        self, account: str, operation: str, request: RequestModel, *, tags: Iterable[str] = ()
    ) -> Task:
        """Put a task on disk, fsynced, as ``waiting``; the submitter of the leading process sends it.

        Raises RequestError, AccountError, StoreError, UsageError for a tag: then nothing was recorded or
        sent.
        """
        return await self._intake.submit(account, operation, request, tags=tags)

    @property
    def views(self) -> Mapping[str, str]:
        """The user's own filters for the dashboard, by name."""
        return self._views

    def load_ui_state(self) -> UiState:
        """Return how the dashboard was left."""
        return ui_state.load_ui_state(self._paths.ui_state)

    async def save_ui_state(self, state: UiState) -> None:
        """Keep how the dashboard is left. Raises OSError."""
        await asyncio.to_thread(ui_state.save_ui_state, self._paths.ui_state, state)

    def unsent_drafts(self) -> list[Draft]:
        """Return the drafts that the builder opens with, and unsent changes of tasks. Blocks."""
        found: list[Draft] = []
        with suppress(OSError, StoreError):
            found += self.desk.unsent()
        with suppress(OSError):
            found += self.drafts.changes()
        return found

    async def former_values(self, account: str, specs: Iterable[FieldSpec]) -> Mapping[str, Sequence[Former]]:
        """Return what fields of an account held before, in tasks and drafts put aside: the newest first, by
        field."""
        from backend.former import former_values

        tasks, wanted = list(self.tasks.values()), list(specs)

        def collect() -> Mapping[str, Sequence[Former]]:
            with suppress(OSError):
                return former_values(tasks, self.drafts.all(), account, wanted)
            return former_values(tasks, [], account, wanted)

        return await asyncio.to_thread(collect)

    # -- tasks ------------------------------------------------------------------------------------

    @property
    def tasks(self) -> Mapping[str, Task]:
        """All tasks by id, oldest first: a live, read-only view."""
        return self._store.tasks

    def find(self, handle: str) -> Task:
        """Return the task with this id, or the only one whose id starts with it. Raises UsageError."""
        if handle in self.tasks:
            return self.tasks[handle]
        found = [task for task_id, task in self.tasks.items() if handle and task_id.startswith(handle)]
        if len(found) != 1:
            said = (
                _("{count} tasks with an id that starts with {start!r}")
                if found
                else _("no task with an id that starts with {start!r}")
            )
            raise UsageError(said.format(count=len(found), start=handle))
        return found[0]

    def changes(self) -> AsyncIterator[Changes]:
        """Yield what changes from now on, merged while the reader is busy."""
        return self._feed.subscribe()

    async def wait(self, ids: Iterable[str]) -> list[Task]:
        """Return when each task is settled: ended with its files saved or given up, or resting where only
        the user can say how to go on."""
        wanted = list(ids)
        changes = self.changes()
        while not all(self.is_settled(self.tasks[task_id]) for task_id in wanted):
            await anext(changes)
        return [self.tasks[task_id] for task_id in wanted]

    def is_settled(self, task: Task) -> bool:
        """Whether nothing more will happen to `task` by itself for now."""
        return self._engine.is_settled(task)

    def charged(self, tasks: Iterable[Task]) -> dict[str, Decimal]:
        """Return what providers reported as charged for `tasks`, by unit."""
        return costs.charged(tasks)

    def past_runs(self, task: Task) -> int:
        """Return from how many past runs :meth:`typical_seconds` speaks."""
        return self._history.runs(task)

    def typical_seconds(self, task: Task) -> float | None:
        """Return the median time that tasks of the same operation and model took, from three up."""
        return self._history.typical_seconds(task)

    async def stop(self, ids: Iterable[str]) -> list[Task]:
        """Stop watching (``lost``), or withdraw what is still waiting (``cancelled``).

        The provider goes on with what was sent, and may charge. Returns those that changed.
        """
        return await self._change(ids, lambda _: stopped(self._clock.now()))

    async def resume(self, ids: Iterable[str]) -> list[Task]:
        """Watch tasks again that are ``lost``. Returns those that changed."""

        def change(task: Task) -> Change:
            account = self._accounts.get(task.account)
            seconds = account.limits.deadline if account else _DEADLINE_SECONDS
            now = self._clock.now()
            return resumed(now, now + timedelta(seconds=seconds))

        return await self._change(ids, change)

    async def resend(self, task_id: str) -> Task:
        """Send an unconfirmed task again, on the user's word that it may be paid twice. Raises UsageError."""
        task = self.find(task_id)
        if task.status is not Status.UNCONFIRMED:
            said = _("task {task} is {status}: only an unconfirmed one can be sent again")
            raise UsageError(said.format(task=task.id, status=task.status.word))
        return await self._store.update(task.id, resent(self._clock.now()))

    def retry_now(self, ids: Iterable[str] = ()) -> None:
        """Try again at once what waits for an account to recover, and ask about these tasks.

        Only the process that leads can; elsewhere it does nothing.
        """
        self._engine.nudge([self.find(task_id).id for task_id in ids])

    def focus(self, ids: Iterable[str]) -> None:
        """Say which tasks are open before somebody: they are asked about more often, until the next call.

        Only the process that leads can; elsewhere it does nothing.
        """
        self._engine.focus(task_id for task_id in ids if task_id in self.tasks)

    async def download(self, task_id: str, directory: Path | None = None) -> Task:
        """Fetch a task's files now and return when that is done or has failed.

        With a directory, put copies there as well; the task returned names those. Raises UsageError if
        there is nothing to fetch.
        """
        return await self._engine.download(self.find(task_id).id, directory)

    def download_progress(self, task_id: str) -> Mapping[int, Progress]:
        """Return how far a task's files have come that are on their way here, by their place among its
        files; nothing of those that another reeltop fetches. Changes are told while they last."""
        return self._engine.download_progress(task_id)

    async def partial_files(self) -> Sequence[Partial]:
        """Return the files in the downloads folder that are not whole."""
        from backend.engine.leftovers import find_partial

        tasks = tuple(self.tasks.values())
        return await asyncio.to_thread(find_partial, self.paths.downloads, tasks)

    # -- inside -----------------------------------------------------------------------------------

    def _account(self, name: str) -> Account:
        return find_account(self._accounts, name)

    def _on_pause(self, account: str) -> None:
        self._engine.look_at_queue(account)
        self._feed.publish(Changes(accounts=True))

    async def _change(self, handles: Iterable[str], change: Callable[[Task], Change]) -> list[Task]:
        changed = []
        for before in [self.find(handle) for handle in handles]:
            after = await self._store.update(before.id, change(before))
            if after.status is not before.status:
                changed.append(after)
        return changed

    def _on_change(self, ids: frozenset[str]) -> None:
        changed = [self.tasks[task_id] for task_id in ids if task_id in self.tasks]
        self._history.learn(changed)
        self._costs.learn(changed)
        self._records.learn(changed)
        news = self._news.hear(ids, self._clock.now()) if self._news else ()
        if news and self._hook is not None and self.leads:
            self._hook.tell(news)
        self._feed.publish(Changes(tasks=ids, lead=not ids, news=news))

    def _health(self, account: str) -> AccountHealth | None:
        return self._engine.health(account) if account in self._accounts else None

    def _complain(self, words: str) -> None:
        self._feed.publish(Changes(notices=(words,)))
