"""Hours in minutes: ``python -m tests.harness.soak --hours 8``.

The real service with its ledger, engine and network works against a real sandbox in another process, both by
one clock that runs fast. Tasks come all the time, about every minute some request meets a fault, finished
tasks are archived. At the end the faults are lifted, what was given up at its deadline is watched again, and
when nothing more happens by itself the ledger, read anew from the disk, is held against the sandbox's own
books.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from urllib.request import Request, urlopen

from backend.ledger.tinydb_store import open_store
from backend.models import Status, Task
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.providers import registry
from backend.sandbox.jobs import Job
from backend.sandbox.server import SandboxServer
from backend.service import Service
from tests.harness.life import REQUESTS
from tests.harness.submit import CREATES, Verdict, compare

FAULTS = (
    "drop-before", "drop-after", "500-before", "500-after", "429;retry-after=3", "html", "bad-json",
    "truncate", "wrong-types", "unknown-status", "expired-link", "short-file", "latency;seconds=0.2",
)  # fmt: skip
_BETWEEN_TASKS, _BETWEEN_FAULTS = 30.0, 60.0
"""Seconds, on average."""
_KEPT = timedelta(minutes=20)
"""How long finished tasks stay out of the archive."""
_WARM_UP = 0.3
"""Part of the time after which memory is to stay as it is."""
_SETTLE_SECONDS = 120.0
"""Real seconds until a task that is not settled counts as stuck."""
MOST_GROWTH = 1.10


@dataclass(frozen=True, slots=True)
class FastClock:
    """Runs so many times faster than the machine's; the same in every process that has the same values."""

    speed: float
    began: float
    """By the machine's monotonic clock."""
    epoch: float
    """The Unix time at that moment."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch + self.monotonic(), UTC)

    def monotonic(self) -> float:
        return (time.monotonic() - self.began) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


@dataclass(slots=True)
class Story:
    """What came of it."""

    hours: float
    verdicts: dict[str, Verdict]
    stuck: list[str] = field(default_factory=list)
    contrary: list[str] = field(default_factory=list)
    """Tasks of which the sandbox's books say something else."""
    lost: list[str] = field(default_factory=list)
    """Tasks that were acknowledged and are nowhere, or whose last state is not the one on the disk."""
    resumed: int = 0
    """Tasks past their deadline that were watched again, as a user would have it."""
    statuses: Counter[Status] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    """MiB of this process, once a twentieth of the time."""
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """Memory at the end by memory after warming up."""
        after = self.memory[int(len(self.memory) * _WARM_UP) :]
        quarter = max(1, len(after) // 4)
        return max(after[-quarter:]) / max(after[:quarter]) if after else 1.0

    @property
    def is_clean(self) -> bool:
        """Whether every promise held; of memory, where there was time to tell."""
        flat = self.hours < 2 or self.growth <= MOST_GROWTH
        judged = all(verdict.is_clean for verdict in self.verdicts.values())
        return judged and flat and not (self.stuck or self.contrary or self.lost)


def _sandbox(clock: FastClock, books: Path, told: Connection) -> None:
    async def work() -> None:
        async with SandboxServer(books=books, clock=clock, concurrency=5) as server:
            told.send(server.base_url)
            await asyncio.to_thread(told.recv)
            told.send(list(server.crashes))

    asyncio.run(work())


@contextlib.asynccontextmanager
async def _at_sandbox(clock: FastClock, folder: Path) -> AsyncIterator[str]:
    """Run a sandbox in a process of its own; in the end nothing in it may have gone wrong."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_sandbox, args=(clock, folder / "books.jsonl", theirs), daemon=True)
    child.start()
    try:
        yield await asyncio.to_thread(ours.recv)
        ours.send(None)
        crashes = await asyncio.to_thread(ours.recv)
        assert crashes == [], crashes
    finally:
        child.kill()
        child.join()


async def run(folder: Path, hours: float, speed: float, seed: int) -> Story:
    """Live through so many hours, `speed` times as fast."""
    started = time.monotonic()
    clock = FastClock(speed, started, time.time())
    story = Story(hours, {account: Verdict() for account in CREATES})
    chance, paths = (
        Random(seed),
        Paths(config=folder / "no.toml", data=folder, downloads=folder / "films", downloads_given=True),
    )
    async with _at_sandbox(clock, folder) as url:
        service = await open_service(Options(paths=paths, sandbox_url=url), clock=clock)
        async with service:
            end = clock.monotonic() + hours * 3600
            works = (
                _submitting(service, clock, chance, end, story),
                _troubling(url, clock, chance, end, story),
                _measuring(service, clock, end, story),
            )
            acknowledged, _, _ = await asyncio.gather(*works)
            await _order(url, "DELETE", None)
            await _settle(service, story)
            # An answer that does not come takes real seconds, and so hours of theirs: past any deadline.
            given_up = [task.id for task in service.tasks.values() if task.status is Status.LOST]
            story.resumed = len(await service.resume(given_up))
            await _settle(service, story)
            shown = dict(service.tasks)
            archived, damage = await service.shelf.archived()
            assert not damage
            ledger = service.paths.ledger
    store = await open_store(ledger, lead=False)
    on_disk = dict(store.tasks)
    await store.close()
    story.lost += [task_id for task_id, task in shown.items() if on_disk.get(task_id) != task]
    tasks = {**{entry.id: entry.task() for entry in archived}, **on_disk}
    story.lost += sorted(set(acknowledged) - set(tasks))
    lines = (folder / "books.jsonl").read_text().splitlines()
    _judge(story, list(tasks.values()), [Job.from_json(json.loads(line)) for line in lines if line])
    story.seconds = time.monotonic() - started
    return story


async def _submitting(
    service: Service, clock: FastClock, chance: Random, end: float, story: Story
) -> list[str]:
    ids: list[str] = []
    kinds = list(REQUESTS)
    while clock.monotonic() < end:
        provider, operation = kinds[len(ids) % len(kinds)]
        model = registry.operation(provider, operation).model
        prompt = f"number {len(ids)} {chance.choice(('[ok]', '[ok]', '[fail]', '[slow] [ok]'))}"
        field = "ref_prompt" if provider == "chanjing" else "prompt"
        request = model.parse({**REQUESTS[provider, operation], field: prompt})
        ids.append((await service.submit(provider, operation, request)).id)
        await clock.sleep(chance.expovariate(1 / _BETWEEN_TASKS))
    return ids


async def _troubling(url: str, clock: FastClock, chance: Random, end: float, story: Story) -> None:
    while clock.monotonic() < end:
        account, fault = chance.choice(list(CREATES)), chance.choice(FAULTS)
        match = chance.choice((CREATES[account], "GET /", ""))
        times = chance.choice((1, 1, 1, 2, 5))
        await _order(url, "POST", {"account": account, "fault": fault, "match": match, "times": times})
        story.faults[fault] += 1
        await clock.sleep(chance.expovariate(1 / _BETWEEN_FAULTS))


async def _order(url: str, method: str, body: object) -> None:
    data = json.dumps(body).encode() if body is not None else None
    wanted = Request(f"{url}/faults", data, {"Content-Type": "application/json"}, method=method)

    def send() -> None:
        with urlopen(wanted, timeout=10):
            pass

    await asyncio.to_thread(send)


async def _measuring(service: Service, clock: FastClock, end: float, story: Story) -> None:
    step = (end - clock.monotonic()) / 20
    while clock.monotonic() < end:
        await clock.sleep(step)
        await service.shelf.archive(_KEPT)
        story.memory.append(_resident())


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def _settle(service: Service, story: Story) -> None:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        story.stuck = [task.id for task in service.tasks.values() if not service.is_settled(task)]
        if not story.stuck:
            return
        await asyncio.sleep(0.1)


def _judge(story: Story, tasks: list[Task], jobs: list[Job]) -> None:
    by_id = {(job.account, job.id): job for job in jobs}
    for account, verdict in story.verdicts.items():
        own = [task for task in tasks if task.account == account]
        compare(verdict, own, [job for job in jobs if job.account == account])
    for task in tasks:
        story.statuses[task.status] += 1
        job = by_id.get((task.account, task.remote_id or ""))
        if job is not None and task.status is not Status.LOST:
            said = Status.FAILED if job.failure else Status.SUCCEEDED
            if task.status is not said:
                story.contrary.append(f"{task.id} is {task.status}, its job {said}")
        elif task.status not in (Status.UNCONFIRMED, Status.LOST):
            story.contrary.append(f"{task.id} is {task.status} and has no job")
        elif task.status is Status.LOST:
            story.contrary.append(f"{task.id} was given up: {task.events[-1].words}")


def print_story(story: Story) -> None:
    """Print what happened."""
    print(f"{story.hours:g} hours in {story.seconds:.0f} s, {sum(story.faults.values())} faults")
    for account, verdict in story.verdicts.items():
        broken = verdict.duplicates, verdict.unknown, verdict.mixed_up, verdict.lost, verdict.unsettled
        print(
            f"{account:14} {verdict.tasks:6} tasks {verdict.jobs:6} jobs, resting {verdict.resting},", end=""
        )
        print(" duplicates {}, unknown {}, mixed up {}, lost {}, open {}".format(*broken))
    print(f"watched again after their deadline: {story.resumed}")
    print("states: " + ", ".join(f"{status} {count}" for status, count in story.statuses.most_common()))
    for what in ("stuck", "contrary", "lost"):
        found = getattr(story, what)
        print(f"{what}: {len(found)} {found[:5] if found else ''}")
    sizes = " ".join(f"{size:.0f}" for size in story.memory)
    print(f"memory, MiB: {sizes}; growth after warming up ×{story.growth:.2f}, goal ≤ {MOST_GROWTH}")
    print("ok" if story.is_clean else "BROKEN")


def main() -> int:
    """Try it and print; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--speed", type=float, default=120.0, help="times faster than real")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reeltop-soak-") as name:
        story = asyncio.run(run(Path(name), args.hours, args.speed, args.seed))
    print_story(story)
    return 0 if story.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
