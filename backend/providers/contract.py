"""What a provider is: its operations, its codec, its way of signing. Pure translation, no I/O.

Adding a provider means one module with a :class:`Provider` and one line in :mod:`.registry`; the form, the
command line, the help and the sandbox's checks follow from its request models.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from backend.models import Failure, Quota, Snapshot, Submission

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request before it is signed; `path` hangs below the account's base URL."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    """Sent as JSON."""

    def with_header(self, name: str, value: str) -> HttpRequest:
        """Return a copy that carries one more header."""
        return replace(self, headers={**self.headers, name: value})


def _exact(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


_DECODER = json.JSONDecoder(parse_float=_exact, parse_constant=lambda _: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """Whatever came back; header names are lower case, the body is bounded by the transport."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Return the decoded body, or None if it is no JSON.

        Numbers with a fraction or exponent come as Decimal, so that no id or amount is rounded; NaN and
        infinities as None.
        """
        try:
            return _DECODER.decode(self.body.decode(json.detect_encoding(self.body), "surrogatepass"))
        except (ValueError, RecursionError):
            return None

    def text(self) -> str:
        """Return the body as text, undecodable bytes replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential with an end, made or fetched from the account's own."""

    value: str
    expires_at: datetime
    """When to renew it: minutes before its real end, as the provider's protocol advises."""


class Auth(ABC):
    """Signs an account's requests. Made by :meth:`Provider.auth` from resolved credentials."""

    def token(self, now: datetime) -> Token | HttpRequest | None:
        """Return a token made here, the request that fetches one, or None if none is needed."""
        return None

    def read_token(self, answer: HttpAnswer) -> Token | Failure:
        """Decode the answer to the request that :meth:`token` returned."""
        raise NotImplementedError  # only asked of those whose token() returns a request

    @abstractmethod
    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        """Return `request` with the credential on it."""

    def is_stale(self, answer: HttpAnswer) -> bool:
        """Whether `answer` says that the token is out of date: a fresh one, then one replay.

        A token made here is dropped by that, so that :meth:`token` makes another.
        """
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRef:
    """What a codec may need in order to ask about a task."""

    task_id: str
    """Ours."""
    remote_id: str | None
    external_id: str | None
    endpoint: str
    """Path of the create request, frozen with the task."""
    request: Mapping[str, Any]
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSlot:
    """A place that a provider gives for one local picture."""

    put_url: str
    """Where the bytes go, without a credential."""
    media_type: str
    address: str
    """What stands in the request instead of the file."""
    file_id: str


class Uploads(ABC):
    """How local pictures reach a provider that takes addresses alone: ask for a place, put the bytes there,
    ask until the file is ready. Decoders never raise."""

    patience: ClassVar[float] = 90.0
    """Seconds until a file that is not ready is given up for now."""
    step: ClassVar[float] = 2.0
    """Seconds between two looks."""
    keeps: ClassVar[timedelta] = timedelta(hours=12)
    """How long an uploaded file is used again for the same picture."""

    @abstractmethod
    def ask(self, name: str) -> HttpRequest:
        """Return the request for a place for a file with this name."""

    @abstractmethod
    def read_slot(self, answer: HttpAnswer) -> UploadSlot | Failure:
        """Decode the answer to :meth:`ask`."""

    @abstractmethod
    def look(self, slot: UploadSlot) -> HttpRequest:
        """Return the request that asks whether the file is ready."""

    @abstractmethod
    def read_ready(self, answer: HttpAnswer) -> bool | Failure:
        """Decode the answer to :meth:`look`; False: not yet."""


QueryResult = Mapping[str, Snapshot | Failure]
"""By :attr:`TaskRef.task_id`."""


class Codec(ABC):
    """Translates one operation. Decoders never raise, whatever the bytes: they return a Failure."""

    batch_size: ClassVar[int] = 1
    """How many tasks one query may ask about."""
    codec_version: ClassVar[int] = 1
    uploads: Uploads | None = None
    """How pictures on the user's disk get to the provider; without it they stand in the request as Base64."""

    @abstractmethod
    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request. `external_id` is ours, used where the protocol has such a field and
        the request sets none."""

    @abstractmethod
    def read_created(self, answer: HttpAnswer) -> Submission | Failure:
        """Decode the answer to :meth:`create`; a Failure says whether a task may exist."""

    @abstractmethod
    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        """Return the request that asks about `refs`: one to :attr:`batch_size`, all with a remote id."""

    @abstractmethod
    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        """Decode the answer to :meth:`query`, an entry for each of `refs`."""

    def find(self, ref: TaskRef) -> HttpRequest | None:
        """Return the request that looks for a task whose create went unanswered, if there is a way."""
        return None

    def read_found(
        self, answer: HttpAnswer, ref: TaskRef, taken: frozenset[str]
    ) -> Snapshot | Failure | None:
        """Decode the answer to :meth:`find`; None: the provider does not know it.

        None proves that nothing was created only where the provider refuses duplicates. A Failure:
        it could not be told, as when several tasks fit.
        `taken` are remote ids that other tasks of ours have, never to be matched again.
        """
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a provider can make."""

    name: str
    title: str
    summary: str
    source: str
    """The page that documents it."""
    model: type[RequestModel]
    codec: Codec
    needs: tuple[str, ...] = ()
    """Credential keys without which the operation cannot be used, whatever else signs the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard a provider may be asked; each can be set per account in the configuration (FACTS 7)."""

    concurrency: int
    """Unfinished tasks at a time."""
    min_spacing: float
    """Seconds between two requests of an account."""
    poll_first: float
    """Seconds between polls of a young task."""
    poll_max: float
    """Seconds between polls of an old one."""
    deadline: float = 1800.0
    """Seconds after sending until a task is no longer watched."""
    per_minute: int | None = None
    """Requests a minute, ten seconds' worth of them at once; None: as many as the spacing lets through."""


@dataclass(frozen=True, slots=True)
class CredentialSpec:
    """One value that an account needs."""

    key: str
    title: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """A setting of an account beyond what every account has: a key of ``[accounts.NAME.options]``."""

    key: str
    title: str
    help: str
    choices: tuple[str, ...] = ()
    """The only values; any text if there are none."""
    many: bool = False
    """Whether it takes a list of texts instead of one."""
    pattern: str = ".+"
    """What a text must look like as a whole."""


class Provider(ABC):
    """Software that speaks one family of protocols."""

    name: ClassVar[str]
    title: ClassVar[str]
    base_urls: ClassVar[Mapping[str, str]] = {}
    """Known hosts by a short label, the default first; empty where the user must say."""
    regions: ClassVar[Mapping[str, str]] = {}
    """What people call these hosts, by label, where there are several."""
    credentials: ClassVar[tuple[CredentialSpec, ...]]
    credential_sets: ClassVar[tuple[tuple[str, ...], ...]]
    """Alternative sets of credential keys, any one of which is enough."""
    limits: ClassVar[Limits]
    options: ClassVar[tuple[OptionSpec, ...]] = ()
    refuses_duplicates: ClassVar[bool] = False
    """Whether a repeated external id is surely refused, so that resending with the same id is safe."""
    retention: ClassVar[timedelta | None] = None
    """How long result files live, where the provider says so."""

    @property
    @abstractmethod
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""

    def configured(self, options: Mapping[str, Any]) -> Provider:
        """Return the provider as an account has it that sets some of :attr:`options`."""
        return self

    @abstractmethod
    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs requests with these resolved credentials (one of the sets)."""

    @abstractmethod
    def check(self) -> HttpRequest:
        """Return a free request that proves the credential."""

    @abstractmethod
    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves, in one sentence, or why not."""

    def quota(self, now: datetime) -> HttpRequest | None:
        """Return the free request for what is left to spend, if the provider tells it. It may be sent once a
        second."""
        return None

    def read_quota(self, answer: HttpAnswer) -> tuple[Quota, ...] | Failure:
        """Decode the answer to :meth:`quota`."""
        return ()

    def list_tasks(self, operation: str, page: int, size: int) -> HttpRequest | None:
        """Return the request for a page (from 1) of the provider's own task list, if it has one."""
        return None

    def next_page(self, operation: str, answer: HttpAnswer, size: int) -> HttpRequest | None:
        """Return the request for the page after that in `answer`, for a list that is read by cursor: then
        :meth:`list_tasks` knows the first page alone. None: that was the last one."""
        return None

    def read_list(self, operation: str, answer: HttpAnswer) -> Sequence[Snapshot] | Failure:
        """Decode the answer to :meth:`list_tasks`."""
        return ()

    def operation_of(self, snapshot: Snapshot, listed: str) -> str:
        """Return the operation that made a task in the list of operation `listed`, which may tell of more."""
        return listed

    def delete_task(self, remote_id: str) -> HttpRequest | None:
        """Return the request that removes a finished task and its files at the provider, if it has one."""
        return None

    def read_deleted(self, answer: HttpAnswer) -> Failure | None:
        """Decode the answer to :meth:`delete_task`; None: it is gone."""
        return None
