"""A read-only service: whatever a front end asks for, nothing is sent or changed."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from backend.errors import UsageError
from backend.feed import Changes
from backend.models import Task
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.sandbox.server import SandboxServer
from backend.service import Service
from tests.backend.test_service import draft, service_in, submit

Step = Callable[[Service, Task], Awaitable[object]]

WRITES: dict[str, Step] = {
    "submit": lambda service, task: submit(service, draft("kling", "text2video")),
    "stop": lambda service, task: service.stop([task.id]),
    "resume": lambda service, task: service.resume([task.id]),
    "resend": lambda service, task: service.resend(task.id),
    "download": lambda service, task: service.download(task.id),
    "delete": lambda service, task: service.remote.delete(task),
    "archive": lambda service, task: service.shelf.archive(timedelta()),
    "put away": lambda service, task: service.shelf.put_away([task.id]),
    "restore": lambda service, task: service.shelf.restore([task.id]),
    "merge": lambda service, task: service.shelf.merge([task]),
    "import": lambda service, task: service.shelf.import_from("kling"),
    "tag": lambda service, task: service.labels.tag([task.id], add=["ad"]),
    "note": lambda service, task: service.labels.note([task.id], "x"),
    "pause": lambda service, task: service.queue.pause("kling"),
    "look again": lambda service, task: service.doubts.look_again([task.id]),
    "not created": lambda service, task: service.doubts.not_created([task.id]),
    "withdraw": lambda service, task: service.batches.withdraw([task.id]),
    "store": lambda service, task: service._store.add([task]),
}


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def options(folder: Path, sandbox: SandboxServer) -> Options:
    paths = Paths(config=folder / "config.toml", data=folder / "data", downloads=folder / "downloads")
    return Options(paths=paths, sandbox_url=sandbox.base_url, read_only=True)


async def test_everything_that_writes_is_refused_and_no_byte_of_the_ledger_changes(tmp_path: Path) -> None:
    async with SandboxServer(speed=20) as sandbox:
        async with service_in(tmp_path, sandbox) as service:
            task_id = await submit(service, draft("kling", "text2video"))
            await service.wait([task_id])
        before = bytes_of(tmp_path)
        async with await open_service(options(tmp_path, sandbox)) as service:
            task = service.tasks[task_id]
            assert (service.is_read_only, service.leads) == (True, False)
            for step in WRITES.values():
                with pytest.raises(UsageError, match="read-only: nothing is sent"):
                    await step(service, task)
            for name in ("account_book.save", "drafts.put", "desk.take", "templates.save"):
                with pytest.raises(UsageError, match="read-only: nothing is sent"):
                    attrgetter(name)(service)()
            with pytest.raises(UsageError, match="read-only: nothing is sent"):
                service.retry_now([task_id])
            await service.save_ui_state(service.load_ui_state())
            assert await service.shelf.everything() == [task]
            assert service.unsent_drafts() == []
            asked = {entry.purpose for entry in service.requests.entries()}
        assert asked <= {"other"}, "the sandbox is asked who it is, no more"
        after = bytes_of(tmp_path)
        changed = {Path(name).name for name in after if before.get(name) != after[name]}
        assert changed <= {"requests.jsonl"}


async def test_what_another_reeltop_learns_is_followed(tmp_path: Path) -> None:
    async with (
        SandboxServer(speed=20) as sandbox,
        service_in(tmp_path, sandbox) as leading,
        await open_service(options(tmp_path, sandbox)) as following,
    ):
        changes = following.changes()
        task_id = await submit(leading, draft("kling", "text2video"))
        while task_id not in following.tasks or not following.tasks[task_id].status.is_final:
            told: Changes = await anext(changes)
            assert told is not None


async def test_nobody_takes_the_lead_that_is_free(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("read_only = true\n")
    async with SandboxServer(speed=20) as sandbox, service_in(tmp_path, sandbox) as service:
        assert (service.is_read_only, service.leads) == (True, False)
