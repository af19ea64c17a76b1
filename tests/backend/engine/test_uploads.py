"""Pictures on the user's disk on their way to Chanjing, which takes addresses alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.models import FailureKind, Status, Task
from backend.pictures import PictureStore
from backend.providers import registry
from backend.providers.chanjing_uploads import ChanjingUploads
from backend.sandbox import chanjing_files
from backend.sandbox.server import SandboxServer
from tests.backend.engine.test_sandbox import Away, Studio, at_work, quick, server, studio
from tests.backend.test_pictures import jpeg, png

__all__ = ["quick", "server", "studio"]

SLOT, PUT, LOOK, SUBMIT = "create_upload_url", "PUT /chanjing/uploads", "file_detail", "task/submit"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChanjingUploads, "step", 0.02)
    monkeypatch.setattr(chanjing_files, "_APPEARS_AFTER", 0.03)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "猫 [bold] cat.png"
    path.write_bytes(png())
    return path


async def submit(studio: Studio, folder: Path, operation: str = "tx-kling2.5", **values: Any) -> Task:
    """Record a task as the service does: its pictures are copied first."""
    model = registry.operation("chanjing", operation).model
    asked = model.parse({"ref_prompt": "a cat [ok]", **{key: str(value) for key, value in values.items()}})
    kept = PictureStore(folder / "pictures").keep(asked)
    return await studio.submit("chanjing", operation, **kept.values())


def count(server: SandboxServer, part: str) -> int:
    return sum(part in f"{entry.method} {entry.path}" for entry in server.log)


async def content(server: SandboxServer, address: str) -> bytes:
    """Return what lies at an address, as Chanjing's own machines would fetch it."""
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        got = await client.get(address)
    assert got.status_code == 200, got.text
    return got.content


async def test_a_picture_is_uploaded_before_the_request(
    studio: Studio, tmp_path: Path, picture: Path
) -> None:
    (done,) = await studio.settled(await submit(studio, tmp_path, start_frame=picture))
    assert done.status is Status.SUCCEEDED, done
    (job,) = studio.sandbox.books
    assert await content(studio.sandbox, job.request["start_frame"]) == png()
    assert done.request["start_frame"].startswith("file://"), "the ledger keeps the reference"
    paths = [f"{entry.method} {entry.path}" for entry in studio.sandbox.log]
    firsts = [next(n for n, path in enumerate(paths) if part in path) for part in (SLOT, PUT, LOOK, SUBMIT)]
    assert firsts == sorted(firsts)
    assert not any("cat" in path for path in paths), "the file's name is nobody's business"


async def test_the_same_picture_is_uploaded_once(studio: Studio, tmp_path: Path, picture: Path) -> None:
    other = tmp_path / "other.jpg"
    other.write_bytes(jpeg(640, 480))
    tasks = [
        await submit(studio, tmp_path, start_frame=picture, end_frame=picture),
        await submit(studio, tmp_path, "kling2.5-turbo", start_frame=picture, end_frame=other),
    ]
    done = await studio.settled(*tasks)
    assert {task.status for task in done} == {Status.SUCCEEDED}
    assert count(studio.sandbox, PUT) == 2
    first, second = (job.request for job in sorted(studio.sandbox.books, key=lambda job: job.number))
    assert first["start_frame"] == first["end_frame"] == second["ref_img_url"][0]
    assert await content(studio.sandbox, second["ref_img_url"][1]) == jpeg(640, 480)
    assert second["ref_img_url"][1].endswith(".jpg")


async def test_an_old_upload_is_not_relied_upon(
    studio: Studio, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.settled(await submit(studio, tmp_path, start_frame=picture))
    monkeypatch.setattr(ChanjingUploads, "keeps", timedelta(0))
    await studio.settled(await submit(studio, tmp_path, start_frame=picture))
    assert count(studio.sandbox, PUT) == 2


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        *((SLOT, fault) for fault in ("drop-before", "drop-after", "500-before", "html", "429", "bad-json")),
        (SLOT, "wrong-types"),
        (SLOT, "error;code=10400"),
        *((PUT, fault) for fault in ("drop-before", "drop-after", "html;status=503", "html;status=403")),
        *((LOOK, fault) for fault in ("drop-before", "500-before", "html", "429", "wrong-types")),
        (LOOK, "error;code=10401"),
        (SUBMIT, "429"),
    ],
)
async def test_trouble_on_the_way_only_delays(
    studio: Studio, tmp_path: Path, picture: Path, step: str, fault: str
) -> None:
    studio.sandbox.faults.set("chanjing", fault, match=step)
    (done,) = await studio.settled(await submit(studio, tmp_path, start_frame=picture))
    assert studio.sandbox.faults.listed() == []
    assert done.status is Status.SUCCEEDED, done
    assert studio.jobs() == 1


async def test_what_is_wrong_with_an_upload_is_said(studio: Studio, tmp_path: Path, picture: Path) -> None:
    studio.sandbox.faults.set("chanjing", "html;status=403", match=PUT, times=None)
    task = await submit(studio, tmp_path, start_frame=picture)
    await studio.until(lambda: studio[task].trouble)
    trouble = studio[task].trouble
    assert trouble is not None
    assert studio[task].status is Status.WAITING
    assert trouble.failure.http_status == 403
    assert "Only a picture was uploaded" in trouble.failure.money
    assert "Bad Gateway" in trouble.failure.words
    assert studio.jobs() == 0


async def test_a_refused_upload_is_final(studio: Studio, tmp_path: Path, picture: Path) -> None:
    studio.sandbox.faults.set("chanjing", "error;code=40000", match=SLOT)
    (done,) = await studio.settled(await submit(studio, tmp_path, start_frame=picture))
    assert done.status is Status.REJECTED
    assert done.failure is not None
    assert (done.failure.kind, done.failure.code) == (FailureKind.INVALID, "40000")
    other = await studio.settled(await submit(studio, tmp_path))
    assert other[0].status is Status.SUCCEEDED, "others are not held up"


async def test_a_file_that_does_not_appear_is_sent_again(
    studio: Studio, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChanjingUploads, "patience", 0.05)
    monkeypatch.setattr(chanjing_files, "_APPEARS_AFTER", 60.0)
    task = await submit(studio, tmp_path, start_frame=picture)
    await studio.until(lambda: studio[task].trouble)
    trouble = studio[task].trouble
    assert trouble is not None
    assert "available in time" in trouble.failure.meaning
    monkeypatch.setattr(chanjing_files, "_APPEARS_AFTER", 0.0)
    (done,) = await studio.settled(task)
    assert done.status is Status.SUCCEEDED
    assert count(studio.sandbox, PUT) >= 2
    assert studio.jobs() == 1


async def test_a_picture_that_is_gone(studio: Studio, tmp_path: Path, picture: Path) -> None:
    """Neither the copy nor the file is there any more."""
    await studio.settled(await submit(studio, tmp_path))
    kept = _kept_and_lost(tmp_path, picture)
    (done,) = await studio.settled(await studio.submit("chanjing", "tx-kling2.5", **kept))
    assert done.status is Status.REJECTED
    assert done.failure is not None
    assert "nothing is charged" in done.failure.money
    assert studio.jobs() == 1


def _kept_and_lost(folder: Path, picture: Path) -> dict[str, Any]:
    model = registry.operation("chanjing", "tx-kling2.5").model
    kept = PictureStore(folder / "pictures").keep(model.parse({"start_frame": str(picture)}))
    picture.unlink()
    for copy in (folder / "pictures").iterdir():
        copy.unlink()
    return kept.values()


def _send_and_hang(away: Away, folder: str, picture: str) -> None:
    async def work() -> None:
        async with at_work(away, Path(folder)) as studio:
            await submit(studio, Path(folder), start_frame=picture)
            await asyncio.sleep(60)

    asyncio.run(work())


@pytest.mark.parametrize("step", [SLOT, PUT, LOOK, SUBMIT])
async def test_killed_while_uploading(
    server: SandboxServer, tmp_path: Path, picture: Path, step: str
) -> None:
    """kill -9 as a step's request hangs: the next process uploads what is missing and makes one job."""
    server.faults.set("chanjing", "latency;seconds=30", match=step)
    context = multiprocessing.get_context("spawn")
    away = Away(list(server.accounts))
    child = context.Process(target=_send_and_hang, args=(away, str(tmp_path), str(picture)))
    child.start()
    deadline = time.monotonic() + 15
    while server.faults.listed():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
    child.kill()
    await asyncio.to_thread(child.join)
    async with at_work(server, tmp_path) as studio:
        (task,) = studio.store.tasks.values()
        (done,) = await studio.settled(task)
        if step == SUBMIT:
            # Chanjing refuses no duplicates: what was on its way is looked for, never sent again by itself.
            assert done.status is Status.UNCONFIRMED
            assert studio.jobs() == 0
        else:
            assert done.status is Status.SUCCEEDED
            assert studio.jobs() == 1


async def test_withdrawn_while_it_uploads(
    studio: Studio, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.clock import SystemClock
    from backend.engine import changes

    monkeypatch.setattr(chanjing_files, "_APPEARS_AFTER", 60.0)
    task = await submit(studio, tmp_path, start_frame=picture)
    await studio.until(lambda: count(studio.sandbox, LOOK))
    await studio.store.update(task.id, changes.stopped(SystemClock().now()))
    monkeypatch.setattr(chanjing_files, "_APPEARS_AFTER", 0.0)
    (done,) = await studio.settled(task)
    after = await studio.settled(await submit(studio, tmp_path))
    assert (done.status, after[0].status) == (Status.CANCELLED, Status.SUCCEEDED)
    assert studio.jobs() == 1
