"""The façade: the only thing that front ends call.

Front ends hear from it through one stream, :meth:`Service.changes`; they never poll it, and never touch a
store or a socket.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import Issue
from backend.models import Failure, Snapshot, Task, Trouble

if TYPE_CHECKING:
    from backend.providers.contract import Operation, Provider
    from backend.providers.fields import RequestModel


@dataclass(frozen=True, slots=True)
class CredentialView:
    """Where an account's secret comes from; never the secret."""

    key: str
    source: str
    """``env:KLING_KEY``, ``file:…``, ``config.toml``, ``sandbox``."""
    problem: str = ""
    """Why it cannot be read, empty if it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as screens and commands show it."""

    name: str
    provider: str
    base_url: str
    credentials: tuple[CredentialView, ...]
    concurrency: int
    sandbox: bool = False

    @property
    def problem(self) -> str:
        """What keeps it from being used, empty if nothing."""
        return next((view.problem for view in self.credentials if view.problem), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How an account is doing just now."""

    waiting: int = 0
    unfinished: int = 0
    """Sent and not final: what counts against the concurrency."""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What a free call proved."""

    account: str
    ok: bool
    words: str
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The exact create request, secrets replaced by ``$NAMES``."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    def json(self) -> str:
        """Return the body as indented JSON."""

    def curl(self) -> str:
        """Return a shell command that sends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request being made: texts as typed, by dotted field name."""

    account: str = ""
    operation: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft, checked. With no issues it has a request and a preview."""

    request: RequestModel | None
    preview: Preview | None
    issues: tuple[Issue, ...]
    warnings: tuple[Issue, ...]
    cost: str
    """What is known of its cost before sending, as one honest sentence."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the last one, merged."""

    tasks: frozenset[str] = frozenset()
    accounts: bool = False
    lead: bool = False
    notices: tuple[str, ...] = ()


class Service:
    """Made by :func:`open_service`. An async context manager: entering it starts the work."""

    # -- what is there ------------------------------------------------------------------------------------

    @property
    def is_sandbox(self) -> bool:
        """Whether everything here is the sandbox and nothing costs money."""

    @property
    def leads(self) -> bool:
        """Whether this process submits, polls and downloads; otherwise another one does."""

    @property
    def downloads(self) -> Path:
        """Folder where results are saved."""

    def accounts(self) -> Sequence[AccountView]:
        """Return the accounts in the order of the configuration."""

    def account(self, name: str) -> AccountView:
        """Return one account. Raises UsageError that names the known ones."""

    def health(self, account: str) -> AccountHealth:
        """Return how an account is doing."""

    async def check_account(self, name: str) -> AccountCheck:
        """Prove an account's credential with a free call. Raises UsageError."""

    def provider(self, name: str) -> Provider:
        """Return a provider. Raises UsageError."""

    def operation(self, account: str, name: str | None = None) -> Operation:
        """Return an operation of an account; without a name the only one. Raises UsageError."""

    # -- making a request ---------------------------------------------------------------------------------

    def prepare(self, draft: Draft) -> Prepared:
        """Check a draft as typed: pure and quick, for every key press. Raises UsageError only for an
        unknown account or operation."""

    def prepare_request(self, account: str, operation: str, request: RequestModel) -> Prepared:
        """Check a finished request against what sending needs: no blanks left, a usable account."""

    async def submit(self, account: str, operation: str, request: RequestModel) -> Task:
        """Put a task on disk, fsynced, as ``waiting``; the submitter of the leading process sends it.

        Raises RequestError, AccountError, StoreError: then nothing was recorded or sent.
        """

    def load_draft(self) -> Draft:
        """Return the draft last saved, or an empty one."""

    async def save_draft(self, draft: Draft) -> None:
        """Keep a draft on disk, so that nothing typed is lost."""

    # -- tasks --------------------------------------------------------------------------------------------

    @property
    def tasks(self) -> Mapping[str, Task]:
        """All tasks by id, oldest first: a live, read-only view."""

    def find(self, handle: str) -> Task:
        """Return the task with this id, or the only one whose id starts with it. Raises UsageError."""

    def changes(self) -> AsyncIterator[Changes]:
        """Yield what changes from now on, merged while the reader is busy."""

    async def wait(self, ids: Iterable[str]) -> list[Task]:
        """Return when each task is settled: final with its files saved or given up, or unconfirmed with no
        way left to look for it."""

    def typical_seconds(self, task: Task) -> float | None:
        """Return the median time that tasks of the same operation and model took, from three up."""

    async def stop(self, ids: Iterable[str]) -> list[Task]:
        """Stop watching (``lost``), or withdraw what is still waiting (``cancelled``). The provider goes on
        and may charge. Returns those that changed."""

    async def resume(self, ids: Iterable[str]) -> list[Task]:
        """Watch tasks again that are ``lost``. Returns those that changed."""

    async def resend(self, task_id: str) -> Task:
        """Send an unconfirmed task again, on the user's word that it may be paid twice. Raises UsageError."""

    async def download(self, task_id: str, directory: Path | None = None) -> Task:
        """Fetch a task's files now and return when it is done or failed; with a directory, put them there
        as well. Raises UsageError if there is nothing to fetch."""

    async def remote_tasks(self, account: str, operation: str, page: int, size: int) -> Sequence[Snapshot]:
        """Return a page of the provider's own task list. Raises UsageError, ProviderError."""
