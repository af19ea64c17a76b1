"""One life of a reeltop under the submit harness: the real service, engine, ledger and network in a process
of its own, impatient, and killed by its own hand in a named step of a submission where that is asked for.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from backend import opening, sandbox_client, transport
from backend.accounts import Account
from backend.engine import changes, finder, poller, schedule, submitter
from backend.engine.lane import Lane
from backend.ledger.disk import Disk
from backend.ledger.store import Change
from backend.ledger.tinydb_store import TinyTaskStore
from backend.models import Failure, Status, Task
from backend.paths import Paths
from backend.providers import registry
from backend.providers.contract import HttpAnswer, HttpRequest, Limits
from backend.request_log import About
from backend.service import Service
from backend.transport import Timeouts

REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("kling", "text2video"): {"model_name": "kling-v1"},
    ("kling", "image2video"): {"model_name": "kling-v1", "image": "https://cdn.test/a.jpg"},
    ("kling-relay", "text2video"): {"model_name": "kling-v2-5-turbo"},
    ("kling-relay", "turbo-image2video"): {"first_frame": "https://cdn.test/a.jpg"},
    ("openai-video", "generate"): {"model": "kling-2.6"},
    ("chanjing", "tx-kling2.5"): {},
}
STEPS = (
    "add:before",
    "add:after",
    "mark:before",
    "mark:after",
    "send:before",
    "send:after",
    "outcome:before",
    "outcome:after",
    "find:before",
    "find:after",
    "sync:before",
    "sync:after",
)
"""Of a submission: recorded, marked as leaving, sent, its outcome recorded, looked for; and each sync of the
disk below."""

_UPDATES = {Status.WAITING: "mark", Status.SUBMITTING: "outcome", Status.UNCONFIRMED: "find"}
"""What a change is about, by the status that it changes."""
_LIMITS = Limits(concurrency=8, min_spacing=0.0, poll_first=0.1, poll_max=0.3, deadline=8.0)
_TIMEOUTS = Timeouts(connect=1.0, read=0.4, whole=0.8)
_LOOK_SECONDS = 0.1
_TIMES_QUICKER = 50
_SAME_PROMPT = 5
"""Every so manyth task looks like others, and can be matched by nothing but an id."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one life is for."""

    data: Path
    sandbox_url: str
    seed: int
    first: int
    """Number of its first task."""
    tasks: int
    step: str = ""
    """The step to die in, empty for none …"""
    nth: int = 1
    """… when it comes for the nth time."""
    settle: bool = False
    """Whether to stay until nothing more happens by itself."""


def live(plan: Plan, told: Connection) -> None:
    """Submit the tasks of a plan, telling each id once it is acknowledged."""
    _be_impatient()
    _prepare_death(plan)
    asyncio.run(_live(plan, told))


def prompt_of(number: int) -> str:
    """Return the prompt of a task: of most tasks it is theirs alone."""
    return "the same [ok]" if number % _SAME_PROMPT == 0 else f"number {number} [ok]"


async def _live(plan: Plan, told: Connection) -> None:
    paths = Paths(config=plan.data / "no.toml", data=plan.data, downloads=plan.data, downloads_given=True)
    chance = Random(plan.seed)
    service = await opening.open_service(opening.Options(paths=paths, sandbox_url=plan.sandbox_url))
    async with service:
        kinds = list(REQUESTS)
        for number in range(plan.first, plan.first + plan.tasks):
            provider, operation = kinds[number % len(kinds)]
            model = registry.operation(provider, operation).model
            values = {**REQUESTS[provider, operation], _prompt_field(provider): prompt_of(number)}
            task = await service.submit(provider, operation, model.parse(values))
            os.write(told.fileno(), f"{task.id}\n".encode())
            await asyncio.sleep(chance.random() * 0.01)
        if plan.settle:
            await _settle(service)
        else:
            await asyncio.sleep(60)


async def _settle(service: Service) -> None:
    while True:
        await service.wait(list(service.tasks))
        # A task that rests may hold a job that another one looks for.
        if all(task.status.is_final or changes.is_resting(task) for task in service.tasks.values()):
            return


def _prompt_field(provider: str) -> str:
    return "ref_prompt" if provider == "chanjing" else "prompt"


def _be_impatient() -> None:
    """Take the patience out of the machines, and the limits off the accounts, of this process."""
    looks = (_LOOK_SECONDS,) * len(schedule.LOOKS)
    for module in (schedule, finder, submitter, poller):
        setattr(module, "LOOKS", looks)  # noqa: B010  not theirs to type
    finder._RESEND_DELAY = _LOOK_SECONDS
    submitter._STORE_PAUSE = _LOOK_SECONDS
    usual_back_off, usual_accounts = schedule.back_off, sandbox_client.sandbox_accounts
    usual_transport = transport.Transport

    def back_off(*args: Any, **options: Any) -> float:
        return usual_back_off(*args, **options) / _TIMES_QUICKER

    async def accounts(*args: Any) -> tuple[Account, ...]:
        found = await usual_accounts(*args)
        return tuple(replace(account, limits=_LIMITS, auto_download=False) for account in found)

    def make_transport(*args: Any, **options: Any) -> transport.Transport:
        return usual_transport(*args, **options, timeouts=_TIMEOUTS)

    setattr(schedule, "back_off", back_off)  # noqa: B010
    setattr(sandbox_client, "sandbox_accounts", accounts)  # noqa: B010
    setattr(transport, "Transport", make_transport)  # noqa: B010


def _prepare_death(plan: Plan) -> None:
    """Have this process kill itself in the step of `plan`."""
    left = plan.nth

    def at(step: str) -> None:
        nonlocal left
        if not plan.step or step != plan.step:
            return
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    add, update, send, sync = TinyTaskStore.add, TinyTaskStore.update, Lane.send, Disk.sync

    async def add_or_die(self: TinyTaskStore, tasks: Iterable[Task]) -> None:
        at("add:before")
        await add(self, tasks)
        at("add:after")

    async def update_or_die(
        self: TinyTaskStore, task_id: str, change: Change, *, durable: bool = True
    ) -> Task:
        what = _UPDATES.get(self.tasks[task_id].status, "other")
        at(f"{what}:before")
        task = await update(self, task_id, change, durable=durable)
        at(f"{what}:after")
        return task

    async def send_or_die(
        self: Lane, request: HttpRequest, base_url: str, about: About, *, fresh: bool = False
    ) -> HttpAnswer | Failure:
        at("send:before" if fresh else "")
        answer = await send(self, request, base_url, about, fresh=fresh)
        at("send:after" if fresh else "")
        return answer

    def sync_or_die(self: Disk, descriptor: int) -> None:
        at("sync:before")
        sync(self, descriptor)
        at("sync:after")

    for owner, name, replacement in (
        (TinyTaskStore, "add", add_or_die),
        (TinyTaskStore, "update", update_or_die),
        (Lane, "send", send_or_die),
        (Disk, "sync", sync_or_die),
    ):
        setattr(owner, name, replacement)
