"""Downloads in trouble, against the sandbox: a clear state, a later try that succeeds, never a second job."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.engine import downloader, fetch, part
from backend.engine.mp4 import mp4_problem
from backend.models import Artifact, ArtifactState, Failure, FailureKind, Status, Task
from tests.backend.engine.loopback import Loopback, Reply, loopback, plain
from tests.backend.engine.test_sandbox import Studio, quick, server, studio
from tests.backend.engine.toys import film

__all__ = ["quick", "server", "studio"]


@dataclass(frozen=True)
class Trouble:
    """What a fault of the file leads to."""

    kind: FailureKind
    words: str


TROUBLES = {
    "expired-link": Trouble(FailureKind.FORBIDDEN, "Request has expired"),
    "html;status=200": Trouble(FailureKind.PROTOCOL, "a web page: Bad Gateway"),
    "html;status=503": Trouble(FailureKind.TRANSIENT, "a web page: Bad Gateway"),
    "429;retry-after=0": Trouble(FailureKind.RATE_LIMIT, "too many requests"),
    "short-file": Trouble(FailureKind.PROTOCOL, "cut off"),
    "short-file;bytes=0": Trouble(FailureKind.PROTOCOL, "empty"),
    "truncate;bytes=5000": Trouble(FailureKind.TRANSIENT, "received 5000 bytes"),
    "truncate;bytes=0": Trouble(FailureKind.TRANSIENT, ""),
    "drop-before": Trouble(FailureKind.TRANSIENT, ""),
    "drop-after": Trouble(FailureKind.TRANSIENT, ""),
    "500-before": Trouble(FailureKind.TRANSIENT, ""),
    "no-end": Trouble(FailureKind.INVALID, "does not end"),
    "redirect;to=ftp://localhost/x": Trouble(FailureKind.INVALID, ""),
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody pour four gigabytes, and wait no seconds between tries."""
    monkeypatch.setattr(fetch, "LARGEST_UNTOLD", 3_000_000)
    monkeypatch.setattr(downloader, "retry_delay", lambda *_: 0.01)


async def troubled(studio: Studio, provider: str, operation: str, fault: str) -> tuple[Task, Failure]:
    """Return a finished task whose download has failed for now, and why."""
    studio.sandbox.faults.set(provider, fault, times=None, match="GET /files/")
    (done,) = await studio.settled(await studio.submit(provider, operation))
    assert done.status is Status.SUCCEEDED
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert artifact.path is None
    return done, artifact.failure


async def fetched_later(studio: Studio, task: Task) -> Artifact:
    """Return the file after the fault has gone and someone has asked for it."""
    studio.sandbox.faults.clear()
    (artifact,) = (await studio.engine.download(task.id)).artifacts
    assert artifact.state is ArtifactState.SAVED
    assert mp4_problem(Path(artifact.path or "")) == ""
    assert studio.jobs() == 1, "a failed download never costs a new film"
    return artifact


def beside(saved: Artifact) -> Any:
    return json.loads(Path(f"{saved.path}.json").read_text())


@pytest.mark.parametrize("fault", TROUBLES)
async def test_a_fault_of_the_file_is_said_and_made_good(studio: Studio, tmp_path: Path, fault: str) -> None:
    expected = TROUBLES[fault]
    done, failure = await troubled(studio, "kling", "text2video", fault)
    assert failure.kind is expected.kind, failure
    assert expected.words in failure.words
    assert failure.meaning
    assert failure.next_step
    assert failure.money.startswith(("The video is paid for", "A fresh link costs nothing"))
    assert not list((tmp_path / "downloads").rglob("*.mp4"))
    kept = sum(path.stat().st_size for path in (tmp_path / "downloads").rglob("*") if path.is_file())
    assert kept < 4_000_000
    saved = await fetched_later(studio, done)
    told = beside(saved)
    assert (told["task"], told["bytes"]) == (done.id, saved.bytes_done)


async def test_an_expired_link_is_asked_for_anew(studio: Studio) -> None:
    """The provider's first answers name links that have ended; a later question brings one that lives."""
    studio.sandbox.faults.set("kling", "expired-link", match="GET /kling/")
    (done,) = await studio.settled(await studio.submit("kling", "text2video"))
    assert done.artifacts[0].state is ArtifactState.SAVED
    assert "expired" not in done.artifacts[0].remote.url
    assert studio.jobs() == 1


@pytest.mark.parametrize("operation", [("openai-video", "generate"), ("kling", "text2video")])
async def test_another_host_gets_no_credential(studio: Studio, operation: tuple[str, str]) -> None:
    """The gateway's own ``/content`` needs the key, and may send us on."""
    async with loopback() as elsewhere:
        elsewhere.script(plain(film(50_000), Content_Type="video/mp4"))
        target = elsewhere.url.replace("127.0.0.1", "localhost") + "/a.mp4"
        for match in ("/content", "GET /files/"):
            studio.sandbox.faults.set(operation[0], f"redirect;to={target}", times=None, match=match)
        (done,) = await studio.settled(await studio.submit(*operation))
        assert done.artifacts[0].state is ArtifactState.SAVED
        assert elsewhere.heard
        secrets = [value for account in studio.sandbox.accounts for value in account.credentials.values()]
        for heard in elsewhere.heard:
            assert "authorization" not in heard.headers
            assert not any(secret in str(heard) for secret in secrets)


async def test_a_redirect_in_a_circle_ends(studio: Studio) -> None:
    async with loopback() as elsewhere:
        elsewhere.script(moved(elsewhere))
        done, _ = await troubled(studio, "kling", "text2video", f"redirect;to={elsewhere.url}/again")
        assert len(elsewhere.heard) < 100
        await fetched_later(studio, done)


def moved(elsewhere: Loopback) -> Reply:
    return plain(b"", 302, Location=f"{elsewhere.url}/again")


async def test_a_break_in_the_middle_is_resumed(studio: Studio, tmp_path: Path) -> None:
    studio.sandbox.faults.set("kling", "truncate;bytes=7000", times=2, match="GET /files/")
    assert await statuses(studio) == [200, 206, 206]
    await studio.until(lambda: not (tmp_path / "downloads" / part.FOLDER).exists())


async def test_a_break_at_95_per_cent_costs_only_the_rest(studio: Studio) -> None:
    studio.sandbox.faults.set("kling", "truncate;bytes=95%", match="GET /files/")
    assert await statuses(studio) == [200, 206]
    first, rest = [each.received for each in studio.transport.log.entries if each.purpose == "file"]
    assert first == int((first + rest) * 0.95)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("new-version", [200, 200]),  # If-Range: the server sends all of the new one
        ("wrong-range", [200, 206, 200]),  # not believed, begun anew
    ],
)
async def test_what_is_here_is_not_put_together_with_another_file(
    studio: Studio, fault: str, expected: list[int]
) -> None:
    studio.sandbox.faults.set("kling", "truncate;bytes=7000", match="GET /files/")
    studio.sandbox.faults.set("kling", fault, times=None, match="GET /files/")
    assert await statuses(studio) == expected


async def statuses(studio: Studio) -> list[int | None]:
    """Return with what the requests for a file were answered until it was here, whole."""
    (done,) = await studio.settled(await studio.submit("kling", "text2video"))
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.SAVED
    assert mp4_problem(Path(artifact.path or "")) == ""
    assert studio.jobs() == 1
    return [entry.status for entry in studio.sandbox.log if entry.path.startswith("/files/")]


async def test_a_full_disk_is_waited_out(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloader, "_LATER_FIRST", 0.05)
    real, full = part.PartFile.write, True

    def write(self: part.PartFile, data: bytes | memoryview) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, data)

    monkeypatch.setattr(part.PartFile, "write", write)
    task = await studio.submit("kling", "text2video")
    await studio.until(lambda: any(item.failure for item in studio[task].artifacts))
    failure = studio[task].artifacts[0].failure
    assert failure is not None
    assert failure.words == "No space left on device"
    full = False
    await studio.until(lambda: any(item.path for item in studio[task].artifacts))  # by itself
    assert studio.jobs() == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
async def test_a_read_only_folder_is_named(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir(mode=0o500)
    (done,) = await studio.settled(await studio.submit("kling", "text2video"))
    failure = done.artifacts[0].failure
    assert failure is not None
    assert str(folder) in failure.words
    assert "writable" in failure.next_step
    folder.chmod(0o700)
    await fetched_later(studio, done)


async def test_a_folder_that_refuses_is_named(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(part, "make_private_folder", refuse)
        (done,) = await studio.settled(await studio.submit("kling", "text2video"))
        failure = done.artifacts[0].failure
        assert failure is not None
        assert failure.words.endswith("downloads: Read-only file system")
    await fetched_later(studio, done)
