"""All of it together: real ledger, real providers, real sockets, against the sandbox."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from backend.accounts import Account
from backend.clock import SystemClock
from backend.engine import changes, finder, schedule, submitter
from backend.engine.engine import Engine
from backend.engine.mp4 import mp4_problem
from backend.ledger.store import TaskStore
from backend.ledger.tinydb_store import open_store
from backend.models import ArtifactState, Origin, Status, Task
from backend.pictures import PictureStore
from backend.providers import registry
from backend.providers.contract import Limits
from backend.sandbox.jobs import Job
from backend.sandbox.server import SandboxAccount, SandboxServer
from backend.secrets import SecretRef
from backend.tokens import TokenCache
from backend.transport import Timeouts, Transport

OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("kling", "text2video"): {"model_name": "kling-v1", "prompt": "a cat [ok]"},
    ("kling", "image2video"): {
        "model_name": "kling-v1",
        "image": "https://cdn.test/a.jpg",
        "prompt": "it waves [ok]",
    },
    ("kling-relay", "text2video"): {"model_name": "kling-v2-5-turbo", "prompt": "a cat [ok]"},
    ("kling-relay", "turbo-image2video"): {"first_frame": "https://cdn.test/a.jpg", "prompt": "a cat [ok]"},
    ("openai-video", "generate"): {"model": "kling-2.6", "prompt": "a cat [ok]"},
    ("chanjing", "tx-kling2.5"): {"ref_prompt": "a cat [ok]"},
}
QUICK = Limits(concurrency=3, min_spacing=0.0, poll_first=0.03, poll_max=0.05)
ONE_EACH = [
    ("kling", "text2video"),
    ("kling-relay", "text2video"),
    ("openai-video", "generate"),
    ("chanjing", "tx-kling2.5"),
]
_numbers = count(1)


@dataclass
class Studio:
    """An engine at the sandbox."""

    server: SandboxServer | Away
    store: TaskStore
    engine: Engine
    transport: Transport

    async def submit(self, provider: str, operation: str, **values: Any) -> Task:
        wanted = registry.provider(provider).operations[operation]
        request = wanted.model.parse({**OPERATIONS.get((provider, operation), {}), **values})
        now = SystemClock().now()
        number = next(_numbers)
        made = Task(
            id=f"task{number}",
            account=provider,
            provider=provider,
            operation=operation,
            origin=Origin(
                base_url=self.server.account(provider).base_url,
                endpoint=wanted.codec.create(request, None).path,
            ),
            request=request.values(),
            prompt="a cat",
            created_at=now,
            updated_at=now,
            external_id=f"reeltop-{time.time_ns()}-{number}",
        )
        await self.store.add([made])
        return made

    def __getitem__(self, which: Task) -> Task:
        return self.store.tasks[which.id]

    async def until(self, done: Callable[[], object], seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, [
                (each.id, each.operation, each.status, each.trouble and each.trouble.failure.words)
                for each in self.store.tasks.values()
                if not self.engine.is_settled(each)
            ]
            await asyncio.sleep(0.01)

    async def settled(self, *tasks: Task) -> list[Task]:
        await self.until(lambda: all(self.engine.is_settled(self[each]) for each in tasks))
        return [self[each] for each in tasks]

    @property
    def sandbox(self) -> SandboxServer:
        assert isinstance(self.server, SandboxServer)
        return self.server

    def jobs(self) -> int:
        return len(self.sandbox.books)


def accounts(server: SandboxServer | Away) -> list[Account]:
    return [
        Account(
            name=each.name,
            provider=registry.provider(each.provider),
            base_url=each.base_url,
            credentials={key: SecretRef("literal", value) for key, value in each.credentials.items()},
            limits=QUICK,
            sandbox=True,
        )
        for each in server.accounts
    ]


@asynccontextmanager
async def at_work(server: SandboxServer | Away, folder: Path, **limits: Any) -> AsyncIterator[Studio]:
    clock = SystemClock()
    store = await open_store(folder / "ledger")
    transport = Transport(clock, TokenCache(folder / "tokens", clock), timeouts=Timeouts(read=2.0, whole=4.0))
    made = [replace(each, limits=replace(QUICK, **limits)) for each in accounts(server)]
    connections = {each.name: transport.connect(each) for each in made}
    engine = Engine(
        store, connections, clock, folder / "downloads", pictures=PictureStore(folder / "pictures")
    )
    running = asyncio.ensure_future(engine.run())
    try:
        yield Studio(server, store, engine, transport)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()
        await transport.close()


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(speed=100.0) as made:
        yield made
        assert list(made.crashes) == []


@pytest.fixture
async def studio(server: SandboxServer, tmp_path: Path) -> AsyncIterator[Studio]:
    async with at_work(server, tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the patience out of the machines."""
    looks = (0.05, 0.05, 0.05, 0.05, 0.05)
    for module in (schedule, finder, submitter):
        monkeypatch.setattr(module, "LOOKS", looks)
    monkeypatch.setattr(finder, "_RESEND_DELAY", 0.05)
    original = schedule.back_off

    def back_off(*args: Any, **options: Any) -> float:
        return original(*args, **options) / 50

    monkeypatch.setattr(schedule, "back_off", back_off)


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
async def test_from_request_to_file(studio: Studio, provider: str, operation: str) -> None:
    (done,) = await studio.settled(await studio.submit(provider, operation))
    assert done.status is Status.SUCCEEDED, done
    assert [artifact.state for artifact in done.artifacts] == [ArtifactState.SAVED]
    path = Path(done.artifacts[0].path or "")
    assert mp4_problem(path) == ""
    assert studio.jobs() == 1
    whats = [event.what for event in done.events]
    assert whats[:2] == ["sending", "accepted"]
    assert whats[-1] == "saved"


@pytest.mark.parametrize(("provider", "operation"), ONE_EACH)
@pytest.mark.parametrize("fault", ["drop-after", "500-after", "html", "bad-json", "truncate", "wrong-types"])
async def test_a_lost_answer_never_makes_a_second_job(
    studio: Studio, provider: str, operation: str, fault: str
) -> None:
    studio.sandbox.faults.set(provider, fault, match="POST /")
    if provider == "chanjing":  # the first POST is for the token
        studio.sandbox.faults.clear()
        studio.sandbox.faults.set(provider, fault, match="submit")
    (done,) = await studio.settled(await studio.submit(provider, operation))
    assert studio.jobs() == 1
    if registry.provider(provider).refuses_duplicates:
        assert done.status is Status.SUCCEEDED
        assert "found" in [event.what for event in done.events] or fault == "wrong-types"
    else:
        assert done.status in (Status.UNCONFIRMED, Status.SUCCEEDED)


@pytest.mark.parametrize(("provider", "operation"), ONE_EACH)
@pytest.mark.parametrize("fault", ["drop-before", "500-before", "429;retry-after=0"])
async def test_what_made_no_job_is_never_made_twice(
    studio: Studio, provider: str, operation: str, fault: str
) -> None:
    match = "submit" if provider == "chanjing" else "POST /"
    studio.sandbox.faults.set(provider, fault, match=match)
    (done,) = await studio.settled(await studio.submit(provider, operation))
    assert studio.jobs() <= 1
    if fault.startswith("429") or registry.provider(provider).refuses_duplicates:
        assert done.status is Status.SUCCEEDED
        assert studio.jobs() == 1
    else:
        assert done.status is Status.UNCONFIRMED
        assert changes.is_resting(done)
        assert studio.jobs() == 0


@pytest.mark.parametrize(("provider", "operation"), ONE_EACH)
async def test_troubled_polls_do_no_harm(studio: Studio, provider: str, operation: str) -> None:
    task = await studio.submit(provider, operation)
    await studio.until(lambda: studio[task].remote_id)
    for fault in ("drop-before", "html;status=200", "truncate", "unknown-status"):
        studio.sandbox.faults.set(provider, fault)
    (done,) = await studio.settled(task)
    assert done.status is Status.SUCCEEDED
    assert done.trouble is None
    assert studio.jobs() == 1


async def test_thirty_tasks_never_exceed_the_slots(tmp_path: Path) -> None:
    async with (
        SandboxServer(speed=100.0, concurrency=5) as server,
        at_work(server, tmp_path, concurrency=5) as studio,
    ):
        tasks = [await studio.submit("kling", "text2video") for _ in range(30)]
        await studio.until(lambda: all(studio[each].status.is_final for each in tasks), 20)
        assert Counter(studio[each].status for each in tasks) == {Status.SUCCEEDED: 30}
        assert studio.jobs() == 30
        refused = [entry for entry in server.log if entry.status == 429]
        assert refused == []


@dataclass
class Away:
    """A sandbox that runs in another process."""

    accounts: list[SandboxAccount]

    def account(self, name: str) -> SandboxAccount:
        return next(each for each in self.accounts if each.name == name)


def _send_and_hang(away: Away, folder: str) -> None:
    async def work() -> None:
        async with at_work(away, Path(folder)) as studio:
            await studio.submit("kling", "text2video")
            await asyncio.sleep(60)

    asyncio.run(work())


@pytest.mark.parametrize("fault", ["latency;seconds=30", "drop-after", "drop-before", ""])
async def test_killed_while_sending_it_is_made_good(
    server: SandboxServer, tmp_path: Path, fault: str
) -> None:
    """kill -9 as the create request arrives, whatever becomes of it: one job, found or made."""
    if fault:
        server.faults.set("kling", fault, match="POST /")
    context = multiprocessing.get_context("spawn")
    away = Away(list(server.accounts))
    child = context.Process(target=_send_and_hang, args=(away, str(tmp_path)))
    child.start()
    deadline = time.monotonic() + 15
    arrived = (lambda: not server.faults.listed()) if fault else (lambda: server.log)
    while not arrived():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)
    child.kill()
    await asyncio.to_thread(child.join)
    server.faults.clear()
    async with at_work(server, tmp_path) as studio:
        (task,) = studio.store.tasks.values()
        (done,) = await studio.settled(task)
        assert done.status is Status.SUCCEEDED
        assert studio.jobs() == 1


FAULTS = (
    "drop-before", "drop-after", "500-before", "500-after", "html", "bad-json", "truncate",
    "429;retry-after=0", "unknown-status", "wrong-types", "short-file", "expired-link",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
async def test_in_a_storm_no_task_is_paid_twice(server: SandboxServer, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    async with at_work(server, tmp_path, concurrency=10) as studio:
        tasks = []
        for number in range(36):
            provider, operation = list(OPERATIONS)[number % len(OPERATIONS)]
            tasks.append(await studio.submit(provider, operation))
            for name in registry.providers():
                if random.random() < 0.5:
                    server.faults.set(name, random.choice(FAULTS))
            await asyncio.sleep(random.random() * 0.05)
        server.faults.clear()
        studio.engine.nudge()
        done = await studio.settled(*tasks)
    remote_ids = [each.remote_id for each in done if each.remote_id]
    assert len(set(remote_ids)) == len(remote_ids)
    jobs = Counter(job.provider for job in server.books)
    for provider, submitted in Counter(each.provider for each in tasks).items():
        assert jobs[provider] <= submitted
    for each in done:
        assert each.status in (Status.SUCCEEDED, Status.UNCONFIRMED)
        assert each.status is Status.SUCCEEDED or each.provider != "kling"


async def test_a_cut_file_is_not_taken_for_a_film(studio: Studio) -> None:
    studio.sandbox.faults.set("kling", "short-file", times=None)
    (done,) = await studio.settled(await studio.submit("kling", "text2video"))
    assert done.status is Status.SUCCEEDED
    assert [artifact.state for artifact in done.artifacts] == [ArtifactState.FAILED]
    studio.sandbox.faults.clear()
    again = await studio.engine.download(done.id)
    assert [artifact.state for artifact in again.artifacts] == [ArtifactState.SAVED]
    assert studio.jobs() == 1


async def test_an_expired_link_is_renewed(studio: Studio) -> None:
    studio.sandbox.faults.set("kling", "expired-link", match="GET /")
    task = await studio.submit("kling", "text2video")
    await studio.until(lambda: studio[task].status is Status.SUCCEEDED)
    (done,) = await studio.settled(task)
    assert [artifact.state for artifact in done.artifacts] == [ArtifactState.SAVED]


async def test_no_secret_on_disk(studio: Studio, tmp_path: Path) -> None:
    tasks = [await studio.submit(*key) for key in OPERATIONS]
    await studio.settled(*tasks)
    await studio.store.flush()
    for account in studio.server.accounts:
        for secret in account.credentials.values():
            assert not any(
                secret.encode() in path.read_bytes()
                for path in (tmp_path / "ledger").rglob("*")
                if path.is_file()
            )


# -- whatever becomes of a lost answer --------------------------------------------------------------------


async def lose_answers(studio: Studio, provider: str, fault: str, prompts: list[str]) -> list[Task]:
    """Submit a task for each prompt, every create of which meets `fault`, and wait until nothing happens."""
    create = "submit" if provider == "chanjing" else "POST /"
    operation = next(name for account, name in OPERATIONS if account == provider)
    field = "ref_prompt" if provider == "chanjing" else "prompt"
    studio.sandbox.faults.set(provider, fault, times=len(prompts), match=create)
    tasks = [await studio.submit(provider, operation, **{field: prompt}) for prompt in prompts]
    await studio.until(lambda: not studio.sandbox.faults.listed())
    return await studio.settled(*tasks)


def whats(task: Task) -> list[str]:
    return [event.what for event in task.events]


async def test_chanjing_is_asked_for_its_list(studio: Studio) -> None:
    one, other = await lose_answers(studio, "chanjing", "drop-after", ["a cat [ok]", "a dog [ok]"])
    for done in (one, other):
        assert done.status is Status.SUCCEEDED
        assert whats(done)[:3] == ["sending", "unconfirmed", "found"]
    assert one.remote_id != other.remote_id
    prompts = {job.id: job.prompt for job in studio.sandbox.books}
    assert prompts == {one.remote_id: "a cat [ok]", other.remote_id: "a dog [ok]"}


async def test_what_fits_twice_is_left_to_the_user(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else makes the same film at the same account at the same time."""
    books = studio.sandbox.books
    add = books.add

    def add_two(job: Job) -> None:
        add(job)
        add(replace(job, id=f"{job.id}-2", token="0" * 24))

    monkeypatch.setattr(books, "add", add_two)
    (done,) = await lose_answers(studio, "chanjing", "drop-after", ["a cat [ok]"])
    assert done.remote_id is None
    assert changes.is_resting(done)
    assert "only you can go on" in done.events[-1].words


async def test_official_kling_is_asked_for_our_id(studio: Studio) -> None:
    (done,) = await lose_answers(studio, "kling", "drop-after", ["a cat [ok]"])
    assert done.status is Status.SUCCEEDED
    assert whats(done)[:3] == ["sending", "unconfirmed", "found"]
    (job,) = studio.sandbox.books
    assert (job.id, job.external_id) == (done.remote_id, done.external_id)


async def test_official_kling_gets_it_again_under_the_same_id(studio: Studio) -> None:
    (done,) = await lose_answers(studio, "kling", "drop-before", ["a cat [ok]"])
    assert done.status is Status.SUCCEEDED
    assert whats(done).count("sending") == 2
    (job,) = studio.sandbox.books
    assert job.external_id == done.external_id


@pytest.mark.parametrize(("fault", "jobs"), [("drop-after", 2), ("drop-before", 1)])
async def test_a_gateway_cannot_be_asked_so_the_user_decides(studio: Studio, fault: str, jobs: int) -> None:
    (resting,) = await lose_answers(studio, "openai-video", fault, ["a cat [ok]"])
    assert changes.is_resting(resting)
    assert resting.failure is not None
    assert resting.failure.meaning
    assert resting.failure.money
    assert resting.failure.next_step
    assert "only you can go on" in resting.events[-1].words
    await studio.store.update(resting.id, changes.resent(SystemClock().now()))
    (done,) = await studio.settled(resting)
    assert done.status is Status.SUCCEEDED
    assert whats(done).count("sending") == 2
    (resend,) = [event for event in done.events if event.what == "resend"]
    assert "may be paid twice" in resend.words
    assert studio.jobs() == jobs
