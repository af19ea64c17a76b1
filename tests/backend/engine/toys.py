"""A provider of toys, the world that serves it, and a workshop that puts an engine in between."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from backend.accounts import Account
from backend.downloads import DownloadRules
from backend.engine.engine import Engine
from backend.models import (
    Creation,
    Failure,
    FailureKind,
    Origin,
    RemoteFile,
    Snapshot,
    Status,
    Submission,
    Task,
    TaskEvent,
)
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
from backend.providers.fields import RequestModel
from backend.providers.fields import field as request_field
from backend.secrets import SecretRef
from backend.tokens import TokenCache
from backend.transport import Connection, Timeouts, Transport
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.memory import MemoryStore

BASE = "https://toys.test"
SECRET = "sk-very-secret-toy-key"
FILMS = "https://films.test"


def box(kind: bytes, body: bytes) -> bytes:
    """Return one box of an MP4."""
    return (len(body) + 8).to_bytes(4) + kind + body


def numbers(*values: int) -> bytes:
    """Return numbers as an MP4's tables hold them."""
    return b"".join(value.to_bytes(4) for value in values)


def index(offset: int, samples: int, size: int) -> bytes:
    """Return a ``moov`` of one track: one chunk of equal samples at `offset`."""
    tables = (
        box(b"stsz", numbers(0, size, samples))
        + box(b"stsc", numbers(0, 1, 1, samples, 1))
        + box(b"stco", numbers(0, 1, offset))
    )
    body = box(b"stbl", tables)
    for kind in (b"minf", b"mdia", b"trak", b"moov"):
        body = box(kind, body)
    return body


def film(size: int = 300_000) -> bytes:
    """Return bytes with the structure of an MP4."""
    ftyp = box(b"ftyp", b"isom\0\0\2\0isom")
    start = len(ftyp) + len(index(0, 1, 0)) + 8
    head = ftyp + index(start, 1, size - start)
    return head + box(b"mdat", bytes(index % 251 for index in range(size - start)))


class ToyRequest(RequestModel):
    """What a toy is made of."""

    prompt: str = request_field(title="Prompt")
    tag: str = request_field("", title="Own id")


class ToyAuth(Auth):
    """A bearer key; with an ``app`` credential, a token that must be fetched."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self._credentials = credentials

    def token(self, now: Any) -> HttpRequest | None:
        if "app" not in self._credentials:
            return None
        return HttpRequest(method="POST", path="/token", body={"app": self._credentials["app"]})

    def read_token(self, answer: HttpAnswer) -> Token | Failure:
        data = answer.json()
        if answer.status != 200 or not isinstance(data, dict):
            return Failure(kind=FailureKind.AUTH, words="no token", http_status=answer.status)
        return Token(value=data["token"], expires_at=datetime.fromtimestamp(data["ends"], UTC))

    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        key = token.value if token else self._credentials["key"]
        return request.with_header("Authorization", f"Bearer {key}")

    def is_stale(self, answer: HttpAnswer) -> bool:
        return answer.status == 401 and b"stale" in answer.body


class ToyCodec(Codec):
    """Speaks a small protocol in which every refusal names its class."""

    batch_size = 10

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        if "unspeakable" in request.values()["prompt"]:
            raise RuntimeError("the codec has a mistake")
        values = request.values()
        body = {"prompt": values["prompt"], "external_id": values.get("tag") or external_id}
        return HttpRequest(method="POST", path="/jobs", body=body)

    def read_created(self, answer: HttpAnswer) -> Submission | Failure:
        data = answer.json()
        if answer.status == 200 and isinstance(data, dict) and "id" in data:
            return Submission(remote_id=data["id"], status_words="queued")
        return toy_failure(answer)

    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        ids = ",".join(ref.remote_id or "" for ref in refs)
        return HttpRequest(method="GET", path="/jobs", query=(("ids", ids),))

    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        data = answer.json()
        if answer.status != 200 or not isinstance(data, dict):
            return dict.fromkeys((ref.task_id for ref in refs), toy_failure(answer))
        jobs = {job["id"]: job for job in data["jobs"]}
        gone = Failure(kind=FailureKind.NOT_FOUND, words="unknown job")
        return {
            ref.task_id: toy_snapshot(jobs[ref.remote_id]) if ref.remote_id in jobs else gone for ref in refs
        }

    def find(self, ref: TaskRef) -> HttpRequest | None:
        if not ref.external_id:
            return None
        return HttpRequest(method="GET", path="/find", query=(("external_id", ref.external_id),))

    def read_found(
        self, answer: HttpAnswer, ref: TaskRef, taken: frozenset[str]
    ) -> Snapshot | Failure | None:
        if answer.status == 404:
            return None
        data = answer.json()
        return toy_snapshot(data) if answer.status == 200 and data else toy_failure(answer)


class MuteCodec(ToyCodec):
    """The same without a way to look for a lost job, and one job a query."""

    batch_size = 1

    def find(self, ref: TaskRef) -> HttpRequest | None:
        return None


def toy_failure(answer: HttpAnswer) -> Failure:
    data = answer.json()
    if not isinstance(data, dict) or "error" not in data:
        return Failure(
            kind=FailureKind.PROTOCOL,
            words="what is this",
            creation=Creation.MAY_EXIST,
            http_status=answer.status,
        )
    wait = answer.headers.get("retry-after")
    return Failure(
        kind=FailureKind(data["error"]),
        words=f"said {data['error']}",
        http_status=answer.status,
        creation=Creation(data.get("creation", "not_created")),
        retry_after=float(wait) if wait else None,
    )


def toy_snapshot(job: Mapping[str, Any]) -> Snapshot:
    words = {"queued", "running", "succeeded", "failed"}
    status = Status(job["status"]) if job["status"] in words else None
    files = tuple(RemoteFile(url=url) for url in job.get("urls", ())) if status is Status.SUCCEEDED else ()
    return Snapshot(
        remote_id=job["id"],
        status=status,
        status_words=job["status"],
        progress=job.get("progress"),
        files=files,
        failure=Failure(kind=FailureKind.POLICY, words="not nice") if status is Status.FAILED else None,
    )


class ToyProvider(Provider):
    """Toys."""

    name = "toys"
    title = "Toys"
    credentials = (CredentialSpec("key", "Key"), CredentialSpec("app", "App"))
    credential_sets = (("app",), ("key",))
    limits = Limits(concurrency=3, min_spacing=0.5, poll_first=5.0, poll_max=20.0)
    refuses_duplicates = True

    @property
    def operations(self) -> Mapping[str, Operation]:
        def operation(name: str, codec: Codec) -> Operation:
            return Operation(name, name, name, "page", ToyRequest, codec)

        return {"make": operation("make", ToyCodec()), "mute": operation("mute", MuteCodec())}

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        return ToyAuth(credentials)

    def check(self) -> HttpRequest:
        return HttpRequest(method="GET", path="/jobs", query=(("ids", ""),))

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        return "fine" if answer.status == 200 else toy_failure(answer)


class CarelessProvider(ToyProvider):
    """Takes the same external id twice."""

    refuses_duplicates = False


def account(name: str = "toys", **changes: Any) -> Account:
    provider = changes.pop("provider", ToyProvider())
    values: dict[str, Any] = {
        "base_url": BASE,
        "credentials": {"key": SecretRef("literal", SECRET)},
        "limits": provider.limits,
    }
    return Account(name=name, provider=provider, **{**values, **changes})


_numbers = count(1)


def task(clock: FakeClock, **changes: Any) -> Task:
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"t{number:05}",
        "account": "toys",
        "provider": "toys",
        "operation": "make",
        "origin": Origin(base_url=BASE, endpoint="/jobs"),
        "prompt": f"toy {number}",
        "request": {"prompt": changes.get("prompt", f"toy {number}")},
        "created_at": clock.now(),
        "updated_at": clock.now(),
        "external_id": f"x{number:05}",
        "events": (TaskEvent(at=clock.now(), what="created"),),
    }
    return Task(**{**values, **changes})


Answer = httpx.Response | Exception
Script = Answer | Callable[[httpx.Request], Answer]


def refusal(kind: str, status: int = 400, creation: str = "not_created", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": kind, "creation": creation}, headers=headers)


@dataclass
class Job:
    """A job in the toy provider's books."""

    id: str
    prompt: str
    external_id: str | None
    made_at: float
    status: str = "running"
    urls: list[str] = field(default_factory=list)
    progress: float | None = None

    def json(self) -> dict[str, Any]:
        return {"id": self.id, "status": self.status, "urls": self.urls, "progress": self.progress}


class Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces, as from a network."""

    def __init__(self, body: bytes, size: int = 65536) -> None:
        self._body = body
        self._size = size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), self._size):
            await asyncio.sleep(0)
            yield self._body[start : start + self._size]


class World:
    """Every server there is, in memory. Scripts come first, then good behaviour."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.jobs: dict[str, Job] = {}
        self.lasts = 30.0
        """Seconds that a job takes."""
        self.scripts: dict[str, deque[Script]] = {name: deque() for name in ("create", "query", "find")}
        self.after_create: Script | None = None
        """What becomes of the answer to a create that was carried out."""
        self.down = False
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.on_create: Callable[[httpx.Request], None] = lambda request: None
        self.files: dict[str, Callable[[httpx.Request], Answer]] = {}
        self.most_open = 0
        self.in_flight = 0
        self.most_in_flight = 0

    def script(self, kind: str, *answers: Script) -> None:
        self.scripts[kind].extend(answers)

    def count(self, kind: str) -> int:
        return Counter(_kind(request) for request in self.requests)[kind]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self.clock.seconds)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            answer = self._answer(request)
        finally:
            self.in_flight -= 1
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=Pieces(answer.content))

    def _answer(self, request: httpx.Request) -> Answer:
        if self.down:
            return httpx.ConnectError("connection refused")
        if request.url.host != "toys.test":
            return self.files[request.url.path](request)
        kind = _kind(request)
        if kind == "create":
            self.on_create(request)
        if self.scripts.get(kind):
            script = self.scripts[kind].popleft()
            return script(request) if callable(script) else script
        match kind:
            case "create":
                return self._create(request)
            case "query":
                ids = request.url.params["ids"].split(",")
                jobs = [self._now(self.jobs[job_id]).json() for job_id in ids if job_id in self.jobs]
                return httpx.Response(200, json={"jobs": jobs})
            case "find":
                wanted = request.url.params["external_id"]
                found = [job for job in self.jobs.values() if job.external_id == wanted]
                return (
                    httpx.Response(200, json=self._now(found[0]).json())
                    if found
                    else refusal("not_found", 404)
                )
        return httpx.Response(404)

    def _create(self, request: httpx.Request) -> Answer:
        body = json.loads(request.content)
        if any(job.external_id == body["external_id"] for job in self.jobs.values()):
            return refusal("duplicate")
        job = self.make(body["prompt"], body["external_id"])
        self.most_open = max(
            self.most_open, sum(self._now(each).status == "running" for each in self.jobs.values())
        )
        after = self.after_create
        if after is not None:
            self.after_create = None
            return after(request) if callable(after) else after
        return httpx.Response(200, json={"id": job.id})

    def make(self, prompt: str, external_id: str | None) -> Job:
        job = Job(f"j{len(self.jobs) + 1}", prompt, external_id, self.clock.seconds)
        self.jobs[job.id] = job
        return job

    def _now(self, job: Job) -> Job:
        if job.status == "running" and self.clock.seconds - job.made_at >= self.lasts:
            job.status = "succeeded"
            job.urls = job.urls or [f"{FILMS}/{job.id}.mp4"]
            self.files.setdefault(f"/{job.id}.mp4", lambda request: httpx.Response(200, content=film()))
        return job


def _kind(request: httpx.Request) -> str:
    if request.url.host != "toys.test":
        return "file"
    if request.url.path == "/jobs":
        return "create" if request.method == "POST" else "query"
    return request.url.path.strip("/")


class Workshop:
    """An engine over a store in memory, a toy world and a clock to wind."""

    def __init__(
        self, clock: FakeClock, downloads: Path, *accounts: Account, rules: DownloadRules | None = None
    ) -> None:
        self.clock = clock
        self.rules = rules
        self.progress: list[str] = []
        self.store = MemoryStore()
        self.world = World(clock)
        self.downloads = downloads
        tokens = TokenCache(downloads.parent / "tokens", clock)
        self.transport = Transport(
            clock, tokens, network=httpx.MockTransport(self.world.handle), timeouts=Timeouts()
        )
        self.accounts = accounts or (account(),)
        self.health: list[str] = []
        self.engine = self.new_engine()
        self._running: asyncio.Task[None] | None = None

    def new_engine(self) -> Engine:
        connections: dict[str, Connection] = {
            each.name: self.transport.connect(each) for each in self.accounts
        }
        return Engine(
            self.store,
            connections,
            self.clock,
            self.downloads,
            on_health=self.health.append,
            chance=lambda: 0.5,
            rules=self.rules,
            on_progress=self.progress.append,
        )

    async def start(self) -> None:
        self._running = asyncio.ensure_future(self.engine.run())
        await self.clock.settle()

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def add(self, *tasks: Task) -> None:
        await self.store.add(tasks)

    async def submit(self, number: int = 1, **changes: Any) -> list[Task]:
        tasks = [task(self.clock, **changes) for _ in range(number)]
        await self.add(*tasks)
        return tasks

    def __getitem__(self, which: Task | str) -> Task:
        return self.store.tasks[which if isinstance(which, str) else which.id]

    def statuses(self) -> Counter[Status]:
        return Counter(each.status for each in self.store.tasks.values())

    async def until(self, *which: Task, status: Status, limit: float = 7200.0) -> None:
        await self.clock.until(lambda: all(self[each].status is status for each in which), limit)

    def events(self, which: Task) -> list[str]:
        return [event.what for event in self[which].events]


@asynccontextmanager
async def workshop(
    clock: FakeClock, downloads: Path, *accounts: Account, rules: DownloadRules | None = None
) -> AsyncIterator[Workshop]:
    shop = Workshop(clock, downloads, *accounts, rules=rules)
    try:
        yield shop
    finally:
        await shop.stop()
        await shop.transport.close()


def limited(shop_account: Account, **limits: float) -> Account:
    """Return the account with other limits."""
    return replace(shop_account, limits=replace(shop_account.limits, **limits))  # type: ignore[arg-type]
