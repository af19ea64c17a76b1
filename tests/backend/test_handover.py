"""The reeltop that leads is killed: another one goes on with its tasks, soon."""

from __future__ import annotations

import asyncio
import time
from multiprocessing import get_context
from pathlib import Path

from backend.models import Status
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.sandbox.server import SandboxServer
from backend.service import Draft, Service
from tests.harness.life import Plan, live


def _leads(service: Service) -> bool:
    return service.leads


async def test_another_takes_over_within_two_seconds(tmp_path: Path) -> None:
    prepared = get_context("forkserver")
    async with SandboxServer(speed=50, concurrency=50) as server:
        ours, theirs = prepared.Pipe(duplex=False)
        plan = Plan(tmp_path, server.base_url, seed=1, first=1, tasks=6)
        child = prepared.Process(target=live, args=(plan, theirs))
        child.start()
        await asyncio.to_thread(ours.poll, 20)
        paths = Paths(config=tmp_path / "no.toml", data=tmp_path, downloads=tmp_path, downloads_given=True)
        async with await open_service(Options(paths=paths, sandbox_url=server.base_url)) as service:
            assert not _leads(service)
            made = Draft(
                account="kling",
                operation="text2video",
                texts={"prompt": "a cat [ok]", "model_name": "kling-v1"},
            )
            request = service.prepare(made).request
            assert request is not None
            child.kill()
            killed = time.monotonic()
            task = await service.submit("kling", "text2video", request)
            changes = service.changes()
            async with asyncio.timeout(30):
                while not _leads(service):
                    await anext(changes)
                led = time.monotonic()
                while service.tasks[task.id].status in (Status.WAITING, Status.SUBMITTING):
                    await anext(changes)
            assert led - killed < 2.0
            assert time.monotonic() - killed < 4.0
        child.join()
        ours.close()
        theirs.close()
