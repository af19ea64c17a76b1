"""Breaks submissions: ``python -m tests.harness.submit [--tasks 3000]``.

Real reeltops, one after the other, submit tasks to a sandbox whose answers get lost, come late, or say that
something went wrong, and are killed: in each named step of a submission, and at random. The last one is left
alone until nothing more happens by itself. Then the sandbox's books, which no fault touches, are held against
the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from os import read
from pathlib import Path
from random import Random
from signal import SIGKILL

from backend.engine.changes import is_resting
from backend.ledger.tinydb_store import open_store
from backend.models import Status, Task
from backend.sandbox.jobs import Job
from backend.sandbox.server import HOST, SandboxServer
from tests.harness.life import STEPS, Plan, live

FAULTS = (
    "drop-before",
    "drop-after",
    "500-before",
    "500-after",
    "500-before;status=503",
    "500-after;status=502",
    "429;retry-after=0",
    "latency;seconds=0.7",
    "html",
    "bad-json",
    "truncate",
    "wrong-types",
)
"""``latency`` is longer than a reeltop under test waits for an answer: the job is made, the answer lost."""
CREATES = {"kling": "POST /", "kling-relay": "POST /", "openai-video": "POST /", "chanjing": "/submit"}
SENT = frozenset({Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.LOST})
_A_LIFE = 25
"""Tasks of one life."""
_LONGEST_LIFE = 1.2
_PREPARED = get_context("forkserver")
_PREPARED.set_forkserver_preload(["tests.harness.life", "backend.transport_clients", "uvicorn"])


@dataclass(slots=True)
class Verdict:
    """What came of the tasks of one account."""

    tasks: int = 0
    jobs: int = 0
    duplicates: int = 0
    """Tasks for which there is more than one job."""
    unknown: int = 0
    """Jobs that the ledger knows nothing of."""
    mixed_up: int = 0
    """Tasks that have another's job, or one that does not exist."""
    lost: int = 0
    """Tasks that were acknowledged and are not in the ledger."""
    unsettled: int = 0
    """Tasks about which nothing more is done, without being shown as such."""
    confirmed: int = 0
    resting: int = 0
    """Unconfirmed tasks that are shown to the user, who can send them again."""

    @property
    def is_clean(self) -> bool:
        """Whether every promise held."""
        return not (self.duplicates or self.unknown or self.mixed_up or self.lost or self.unsettled)


@dataclass(slots=True)
class Story:
    """What happened."""

    verdicts: dict[str, Verdict]
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether every promise held."""
        return all(verdict.is_clean for verdict in self.verdicts.values())


async def run(folder: Path, tasks: int, seed: int) -> Story:
    """Submit at least `tasks` tasks and compare."""
    started = time.monotonic()
    chance, acknowledged = Random(seed), set[str]()
    kills: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    async with SandboxServer(speed=60.0, concurrency=50) as server:
        troubling = asyncio.ensure_future(_trouble(server, chance, faults))
        steps = cycle([*STEPS, "", ""])
        first = 0
        while len(acknowledged) < tasks:
            step = next(steps)
            plan = Plan(
                data=folder,
                sandbox_url=server.base_url,
                seed=chance.randrange(10**6),
                first=first,
                tasks=_A_LIFE,
                step=step,
                nth=chance.randrange(1, 20),
            )
            seconds = _LONGEST_LIFE if step else chance.uniform(0.1, _LONGEST_LIFE)
            died_there, ids = await asyncio.to_thread(_one_life, plan, seconds)
            kills[step if died_there and step else "at random"] += 1
            acknowledged |= ids
            first += _A_LIFE
        troubling.cancel()
        server.faults.clear()
        last = Plan(folder, server.base_url, 0, first=0, tasks=0, settle=True)
        await asyncio.to_thread(_one_life, last, 600.0)
        assert list(server.crashes) == []
        ledger = folder / f"sandbox-{HOST}-{server.port}" / "ledger"
        verdicts = await _judge(ledger, list(server.books), acknowledged)
    return Story(verdicts, kills, faults, time.monotonic() - started)


def _one_life(plan: Plan, seconds: float) -> tuple[bool, set[str]]:
    """Start a reeltop and kill it after `seconds`; return whether it ended before, and what it told."""
    ours, theirs = _PREPARED.Pipe(duplex=False)
    child: BaseProcess = _PREPARED.Process(target=live, args=(plan, theirs))
    child.start()
    theirs.close()
    child.join(seconds)
    ended = not child.is_alive()
    if child.exitcode not in ((0,) if plan.settle else (None, -SIGKILL)):
        raise RuntimeError(f"a reeltop ended by itself, with exit code {child.exitcode}: {plan}")
    child.kill()
    child.join()
    said = b"".join(iter(partial(read, ours.fileno(), 1 << 16), b""))
    ours.close()
    return ended, {line.decode() for line in said.split(b"\n")[:-1]}


async def _trouble(server: SandboxServer, chance: Random, faults: Counter[str]) -> None:
    """See to it that about a third of the creates, and some questions, meet a fault."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            for account, create in CREATES.items():
                armed = [entry for entry in server.faults.listed() if entry["account"] == account]
                if not armed and chance.random() < 0.35:
                    fault, match = chance.choice(FAULTS), create if chance.random() < 0.8 else "GET /"
                    server.faults.set(account, fault, match=match)
                    faults[fault] += 1
            await asyncio.sleep(0.03)


async def _judge(ledger: Path, jobs: list[Job], acknowledged: set[str]) -> dict[str, Verdict]:
    store = await open_store(ledger, lead=False)
    tasks = list(store.tasks.values())
    assert store.notices == ()
    await store.close()
    verdicts = {account: Verdict() for account in CREATES}
    for account, verdict in verdicts.items():
        own = [task for task in tasks if task.account == account]
        compare(verdict, own, [job for job in jobs if job.account == account])
    missing = acknowledged - {task.id for task in tasks}
    verdicts["kling"].lost += len(missing)
    return verdicts


def compare(verdict: Verdict, tasks: list[Task], jobs: list[Job]) -> None:
    """Hold the tasks of an account against the jobs of the sandbox's books."""
    verdict.tasks, verdict.jobs = len(tasks), len(jobs)
    by_id = {job.id: job for job in jobs}
    own = Counter(task.remote_id for task in tasks if task.remote_id)
    for task in tasks:
        job = by_id.get(task.remote_id or "")
        if task.remote_id:
            verdict.mixed_up += job is None or job.prompt != task.prompt or own[task.remote_id] > 1
        verdict.confirmed += task.status in SENT
        verdict.resting += is_resting(task)
        verdict.unsettled += not (task.status.is_final or is_resting(task))
    for prompt, same in _by_prompt(tasks):
        made = [job for job in jobs if job.prompt == prompt]
        verdict.duplicates += max(0, len(made) - len(same))
        strays = [job for job in made if job.id not in own]
        open_ends = [task for task in same if task.status is Status.UNCONFIRMED]
        verdict.unknown += max(0, len(strays) - len(open_ends))
    known = {task.prompt for task in tasks}
    verdict.unknown += sum(job.prompt not in known for job in jobs)


def _by_prompt(tasks: list[Task]) -> Iterator[tuple[str, list[Task]]]:
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.prompt, []).append(task)
    yield from groups.items()


def print_story(story: Story) -> None:
    """Print what happened, an account a row."""
    heads = ("tasks", "jobs", "confirmed", "unconfirmed", "duplicates", "unknown", "mixed up", "lost", "open")
    print(f"{'account':14}" + "".join(f"{head:>12}" for head in heads))
    totals = [0] * len(heads)
    for account, verdict in story.verdicts.items():
        values = [
            verdict.tasks,
            verdict.jobs,
            verdict.confirmed,
            verdict.resting,
            verdict.duplicates,
            verdict.unknown,
            verdict.mixed_up,
            verdict.lost,
            verdict.unsettled,
        ]
        totals = [total + value for total, value in zip(totals, values, strict=True)]
        print(f"{account:14}" + "".join(f"{value:12,}" for value in values))
    print(f"{'all':14}" + "".join(f"{value:12,}" for value in totals))
    kills = ", ".join(f"{step} {times}" for step, times in sorted(story.kills.items()))
    faults = ", ".join(f"{name} {times}" for name, times in sorted(story.faults.items()))
    print(f"killed {sum(story.kills.values())} times: {kills}")
    print(f"{sum(story.faults.values())} faults: {faults}")
    print(f"{story.seconds:.0f} s")


def main() -> int:
    """Try it and print; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.submit", description=__doc__)
    parser.add_argument("--tasks", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reeltop-submit-") as name:
        story = asyncio.run(run(Path(name), args.tasks, args.seed))
    print_story(story)
    return 0 if story.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
