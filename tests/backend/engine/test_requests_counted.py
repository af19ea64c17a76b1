"""A thousand running tasks cost requests, not tasks: counted by the sandbox's own log."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.clock import SystemClock
from backend.engine.engine import Engine
from backend.ledger.store import TaskStore
from backend.ledger.tinydb_store import open_store
from backend.models import Origin, Status, Task
from backend.providers import registry
from backend.providers.contract import Limits
from backend.request_log import RequestLog
from backend.sandbox.jobs import Film
from backend.sandbox.kling_v2 import MODEL_KEY
from backend.sandbox.server import SandboxServer
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.backend.engine.test_sandbox import accounts

RUNNING = 1000
ROUND = 1.0
"""Seconds between polls of a task."""
MOST = {"chanjing": 20, "kling-v2": 50, "kling": 2}
"""Requests for a round: 50 ids each, 20 ids each, pages of 500."""
KINDS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "chanjing": ("chanjing", "tx-kling2.5", "tx-kling2.5", {"model_code": "tx_kling-v2-5-turbo"}),
    "kling-v2": ("kling", "turbo-text2video", "turbo-text2video", {MODEL_KEY: "kling-3.0-turbo"}),
    "kling": ("kling", "text2video", "text2video", {"model_name": "kling-v1"}),
}


def running(server: SandboxServer, kind: str, number_of: int = RUNNING) -> list[Task]:
    """Make jobs in the sandbox's books that run for hours, and the tasks that know them."""
    provider, operation, family, body = KINDS[kind]
    face = next(face for face in server._faces if face.name == provider)
    now, wanted = SystemClock().now(), registry.provider(provider).operations[operation]
    endpoint = wanted.codec.create(wanted.model.parse(_least(provider, operation)), None).path
    tasks = []
    for number in range(number_of):
        job = face.make(family, dict(body), f"cat {number} [ok]", Film())
        tasks.append(
            Task(
                id=f"t{number:05}",
                account=provider,
                provider=provider,
                operation=operation,
                origin=Origin(base_url=server.account(provider).base_url, endpoint=endpoint),
                request={"prompt": "a cat"},
                created_at=now,
                updated_at=now,
                sent_at=now,
                status=Status.RUNNING,
                remote_id=job.id,
            )
        )
    return tasks


def _least(provider: str, operation: str) -> dict[str, Any]:
    return {"ref_prompt": "a cat"} if provider == "chanjing" else {"prompt": "a cat"}


@asynccontextmanager
async def at_work(
    server: SandboxServer, tasks: list[Task], limits: Limits, folder: Path, log: RequestLog | None = None
) -> AsyncIterator[TaskStore]:
    clock = SystemClock()
    store = await open_store(folder / "ledger")
    await store.add(tasks)
    transport = Transport(clock, TokenCache(folder / "tokens", clock), log=log)
    made = [replace(account, limits=limits) for account in accounts(server)]
    connections = {each.name: transport.connect(each) for each in made}
    work = asyncio.ensure_future(Engine(store, connections, clock, folder / "downloads").run())
    try:
        yield store
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await store.close()
        await transport.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_round_costs_requests_not_tasks(tmp_path: Path, kind: str) -> None:
    limits = Limits(concurrency=RUNNING, min_spacing=0.0001, poll_first=ROUND, poll_max=ROUND, deadline=3600)
    async with SandboxServer(speed=0.001) as server:
        tasks = running(server, kind)
        async with at_work(server, tasks, limits, tmp_path) as store:
            await asyncio.sleep(2 * ROUND)
            before, began = len(server.log), time.monotonic()
            await _until(lambda: len(server.log) - before >= 2 * MOST[kind])
            rounds = (time.monotonic() - began) / ROUND
            asked = [entry for entry in server.log[before:] if entry.account == tasks[0].account]
            states = Counter(task.status for task in store.tasks.values())
            troubles = [task.trouble for task in store.tasks.values() if task.trouble]
        assert list(server.crashes) == []
    assert {entry.status for entry in asked} == {200}
    assert sum(states[status] for status in (Status.QUEUED, Status.RUNNING)) == RUNNING
    assert troubles == []
    # Rounds come a tenth early or late, and one may have begun before and another not have ended.
    assert len(asked) <= MOST[kind] * (rounds / 0.9 + 1), Counter((e.method, e.path) for e in asked)


@pytest.mark.parametrize("trouble", ["unknown to the list", "no list"])
async def test_what_no_list_tells_of_is_asked_about_by_id(tmp_path: Path, trouble: str) -> None:
    limits = Limits(concurrency=50, min_spacing=0.0001, poll_first=0.3, poll_max=0.3, deadline=3600)
    async with SandboxServer(speed=0.001) as server:
        tasks = running(server, "kling", 30)
        if trouble == "no list":
            server.faults.set("kling", "error;code=1201", match="GET /")  # the first question is for the list
        else:  # jobs that came later fill the first page
            running(server, "kling", 600)
        async with at_work(server, tasks, limits, tmp_path) as store:
            wanted = {task.remote_id for task in tasks}
            await _until(lambda: wanted <= _asked_by_id(server))
            assert [task.trouble for task in store.tasks.values() if task.trouble] == []
        listed = [entry for entry in server.log if entry.path.endswith("/text2video")]
        assert len(listed) <= 2, "a list that does not help is not asked for again and again"


def _asked_by_id(server: SandboxServer) -> set[str]:
    return {entry.path.rpartition("/")[2] for entry in server.log if entry.status == 200}


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  another program's log rings no bell
            await asyncio.sleep(0.02)
