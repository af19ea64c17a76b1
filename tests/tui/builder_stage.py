"""A service in memory and an app around one builder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from textual.app import App

from backend import preparing
from backend.accounts import Account
from backend.batches.drafts import DraftBatches
from backend.batches.recording import Batches
from backend.clock import SystemClock
from backend.costs import Costs
from backend.desk import Desk
from backend.display import Display
from backend.drafts import DraftShelf
from backend.errors import UsageError
from backend.former import Former, former_values
from backend.media.media import Media
from backend.models import Failure, Origin, Submission, Task
from backend.pasted import Pasted, read_pasted
from backend.paths import Paths
from backend.picture_files import PictureFiles
from backend.preparing import Prepared
from backend.providers.chanjing_fields import TxKling25
from backend.providers.contract import (
    Auth,
    Codec,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    Provider,
    QueryResult,
    TaskRef,
    Token,
)
from backend.providers.fields import FieldSpec, RequestModel
from backend.providers.kling_fields import ImageToVideo, TextToVideo
from backend.service import AccountView, CredentialView, Draft
from backend.templates import Templates
from tests.backend.engine.memory import MemoryStore
from tests.tui.fakes import scratch
from tui.painters import Painters
from tui.screens.builder import BuilderScreen
from tui.theme import DARK

LIMITS = Limits(concurrency=3, min_spacing=0.0, poll_first=5.0, poll_max=30.0)


class StageCodec(Codec):
    def __init__(self, path: str) -> None:
        self._path = path

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        return HttpRequest(method="POST", path=self._path, body=request.to_body())

    def read_created(self, answer: HttpAnswer) -> Submission | Failure:
        raise NotImplementedError

    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        raise NotImplementedError

    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        raise NotImplementedError


class StageAuth(Auth):
    def __init__(self, key: str) -> None:
        self._key = key

    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        return request.with_header("Authorization", f"Bearer {self._key}")


class StageProvider(Provider):
    credentials = (CredentialSpec("api_key", "API key"),)
    credential_sets = (("api_key",),)
    limits = LIMITS

    def __init__(self, name: str, *operations: Operation) -> None:
        self.name = self.title = name  # type: ignore[misc]
        self._operations = {operation.name: operation for operation in operations}

    @property
    def operations(self) -> Mapping[str, Operation]:
        return self._operations

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        return StageAuth(credentials["api_key"])

    def check(self) -> HttpRequest:
        raise NotImplementedError

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        raise NotImplementedError


def operation(name: str, title: str, model: type[RequestModel]) -> Operation:
    path = f"/v1/videos/{name}"
    return Operation(name, title, f"{title} as documented.", "the provider's page", model, StageCodec(path))


KLING = StageProvider(
    "kling",
    operation("text2video", "Text to video", TextToVideo),
    operation("image2video", "Image to video", ImageToVideo),
)
CHANJING = StageProvider("chanjing", operation("tx-kling2.5", "Kling 2.5", TxKling25))
CONFIGURED = {"main": KLING, "second": KLING, "team": CHANJING}


class StageDrafts(DraftShelf):
    """In memory."""

    def __init__(self) -> None:
        super().__init__(Path("/nonexistent/drafts"))
        self.aside: list[tuple[datetime, Draft]] = []

    def all(self) -> list[tuple[datetime, Draft]]:
        return self.aside

    def take(self, draft: Draft) -> None:
        self.aside = [pair for pair in self.aside if pair[1] != draft]

    def put(self, draft: Draft) -> None:
        if draft.is_unsent:
            self.aside.insert(0, (datetime.now(UTC), draft))


class StageDesk(Desk):
    """A real one, with the newest draft at hand, and what was saved."""

    def __init__(self, folder: Path, draft: Draft) -> None:
        super().__init__(folder, folder / "none.json")
        self.saves: list[Draft] = []
        self.error: Exception | None = None
        lay_out(self, draft)
        self.saves.clear()

    def save(self, number: int, draft: Draft) -> None:
        if self.error is not None:
            raise self.error
        super().save(number, draft)
        self.saves.append(draft)


def lay_out(desk: Desk, *drafts: Draft) -> None:
    """Have these drafts open, and no others, before a builder is."""
    for number in desk.take():
        desk.drop(number)
    for draft in drafts:
        desk.save(desk.begin(), draft)
    desk.give_back()


def laid_out(desk: Desk) -> list[Draft]:
    """Return what the next builder has open."""
    found = list(desk.take().values())
    desk.give_back()
    return found


class StageService:
    """What the builder asks of the service, without network."""

    def __init__(
        self,
        draft: Draft | None = None,
        *,
        sandbox: bool = False,
        providers: Mapping[str, Provider] = CONFIGURED,
    ) -> None:
        self.is_sandbox = sandbox
        self.is_read_only = False
        self.media = Media()
        self.desk = StageDesk(scratch(self), draft or Draft())
        self.drafts = StageDrafts()
        self.submitted: list[tuple[str, str, RequestModel]] = []
        self.refusal: Exception | None = None
        self.pause = 0.0
        self.problem = ""
        self.tasks: dict[str, Task] = {}
        self.templates = Templates(Path("/nonexistent/templates"))
        self.picture_files = PictureFiles(Path("/nonexistent/picture-folder"))
        self._providers = {provider.name: provider for provider in providers.values()}
        self._accounts = {
            name: Account(
                name=name,
                provider=provider,
                base_url=f"https://api-{name}.example.com",
                credentials={},
                limits=LIMITS,
                sandbox=sandbox,
            )
            for name, provider in providers.items()
        }

    @cached_property
    def draft_batches(self) -> DraftBatches:
        """For counting: its accounts have no credentials, so that none of them could send."""
        nowhere, clock = Path("/nonexistent"), SystemClock()
        paths = Paths(config=nowhere, data=nowhere, downloads=nowhere)
        batches = Batches(MemoryStore(), self._accounts, Costs(), paths, clock)
        return DraftBatches(batches, self._accounts, nowhere, clock)

    def account(self, name: str) -> AccountView:
        return next(view for view in self.accounts() if view.name == name)

    def accounts(self) -> list[AccountView]:
        return [
            AccountView(
                name=account.name,
                provider=account.provider.name,
                base_url=account.base_url,
                credentials=(CredentialView("api_key", "env:STAGE_KEY", self.problem),),
                concurrency=3,
                sandbox=account.sandbox,
            )
            for account in self._accounts.values()
        ]

    def provider(self, name: str) -> Provider:
        return self._providers[name]

    def prepare(self, draft: Draft) -> Prepared:
        account = self._accounts[draft.account]
        operations = account.provider.operations
        if draft.operation not in operations:
            raise UsageError(f"no operation {draft.operation!r}")
        return preparing.prepare_texts(account, operations[draft.operation], draft.texts, Costs().estimate)

    def read_pasted(self, text: str, draft: Draft) -> Pasted:
        return read_pasted(text, self._accounts.values(), draft)

    def operation(self, account: str, name: str) -> Operation:
        if account not in self._accounts:
            raise UsageError(f"no account {account!r}")
        return self._accounts[account].provider.operations[name]

    async def submit(self, account: str, operation: str, request: RequestModel) -> Task:
        await asyncio.sleep(self.pause)
        if self.refusal is not None:
            raise self.refusal
        self.submitted.append((account, operation, request))
        now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        return Task(
            id=f"task-{len(self.submitted)}",
            account=account,
            provider="kling",
            operation=operation,
            origin=Origin(base_url="https://api.example.com", endpoint="/v1"),
            request=request.values(),
            created_at=now,
            updated_at=now,
        )

    async def former_values(self, account: str, specs: Iterable[FieldSpec]) -> Mapping[str, Sequence[Former]]:
        return former_values(list(self.tasks.values()), self.drafts.all(), account, specs)

    @property
    def kept(self) -> Draft:
        """The draft saved last."""
        return self.desk.saves[-1] if self.desk.saves else Draft()


class Stage(App[None]):
    """Opens a builder at once; `results` is what it was dismissed with."""

    def __init__(self, service: StageService, *given: Draft) -> None:
        super().__init__()
        self.service = service
        self.results: list[str | None] = []
        self.said: list[str] = []
        self.copied: list[str] = []
        self.animation_level = "none"
        self.painters = Painters(self, None, Display())
        self.given = given
        self.register_theme(DARK)
        self.theme = DARK.name

    async def on_mount(self) -> None:
        await self.open(*self.given)

    async def open(self, *drafts: Draft) -> None:
        builder = BuilderScreen(self.service, drafts)  # type: ignore[arg-type]
        await self.push_screen(builder, self.results.append)

    def say(self, words: str, severity: str = "information") -> None:
        self.said.append(words)

    @property
    def is_sandbox(self) -> bool:
        return self.service.is_sandbox

    def send_to_clipboard(self, name: str, text: str, by_hand: str = "") -> bool:
        self.copied.append(text)
        return True

    @property
    def builder(self) -> BuilderScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, BuilderScreen))
