"""Fetching: resumed, checked, never over another file, never a new generation."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import httpx
import pytest

from backend.downloads import DownloadRules
from backend.engine import fetch, part, receive, sidecar
from backend.engine.fetch_failures import NOT_ASKED, NOT_NAMED, REFUSED_TOO
from backend.engine.files import copy, publish
from backend.errors import UsageError
from backend.filenames import DEFAULT_PATTERN, NamePattern
from backend.models import Artifact, ArtifactState, Charge, FailureKind, RemoteFile, Status, Task
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import BASE, FILMS, SECRET, Pieces, Workshop, account, film, task, workshop

FILM = film()
URL = f"{FILMS}/a.mp4"


USUAL = NamePattern.parse(DEFAULT_PATTERN)


def place(shop: Workshop, made: Task) -> Path:
    """Return where a task's first file belongs."""
    return shop.downloads / f"{USUAL.path(made)}.mp4"


def kept(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class FileHost:
    """Gives one file out, with ranges, and breaks off on request."""

    def __init__(self, body: bytes = FILM, **headers: str) -> None:
        self.body = body
        self.headers = {"ETag": '"v1"', **headers}
        self.break_after: list[int] = []
        self.ranges: list[str | None] = []
        self.resumes = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("range")
        self.ranges.append(asked)
        matches = request.headers.get("if-range") in (None, self.headers.get("ETag"))
        start = int(asked[6:-1]) if asked and matches and self.resumes else 0
        body, total = self.body[start:], len(self.body)
        headers = {**self.headers, "Content-Length": str(len(body))}
        status = 200
        if start:
            status, headers["Content-Range"] = 206, f"bytes {start}-{total - 1}/{total}"
        cut = self.break_after.pop(0) if self.break_after else None
        return httpx.Response(status, headers=headers, stream=Breaking(body, cut))


class Breaking(Pieces):
    """A body that breaks off after some bytes."""

    def __init__(self, body: bytes, cut: int | None) -> None:
        super().__init__(body if cut is None else body[:cut], 10_000)
        self._cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in super().__aiter__():
            yield piece
        if self._cut is not None:
            raise httpx.ReadError("connection reset")


def finished(shop: Workshop, *urls: str, **changes: Any) -> Task:
    files = tuple(Artifact(remote=RemoteFile(url=url)) for url in urls or (URL,))
    return task(
        shop.clock, status=Status.SUCCEEDED, remote_id="j1", artifacts=files, **{"prompt": "a cat", **changes}
    )


async def fetched(shop: Workshop, *urls: str, **changes: Any) -> Task:
    """Return a finished task after its download, one way or the other."""
    made = finished(shop, *urls, **changes)
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: not any(is_on_the_way(item) for item in shop[made].artifacts))
    return shop[made]


def content(made: Task, index: int = 0, *, beside: bool = False) -> bytes:
    return Path(f"{made.artifacts[index].path}{'.json' if beside else ''}").read_bytes()


def is_on_the_way(artifact: Artifact) -> bool:
    return artifact.state in (ArtifactState.REMOTE, ArtifactState.DOWNLOADING)


@pytest.fixture(autouse=True)
def streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the toy world pass streams on as they are."""
    from tests.backend.engine import toys

    async def handle(world: toys.World, request: httpx.Request) -> httpx.Response:
        world.requests.append(request)
        world.times.append(world.clock.seconds)
        answer = world._answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer.stream, Pieces):
            return answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=Pieces(answer.content))

    monkeypatch.setattr(toys.World, "handle", handle)


async def test_a_file_is_saved_checked_and_private(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.path is not None
    path = Path(artifact.path)
    assert content(done) == FILM
    assert path.parent == shop.downloads / f"{done.created_at.astimezone():%Y-%m-%d}"
    assert path.name == f"toys-a-cat-{done.id}.mp4"
    assert [mode(each) for each in (path, path.parent, shop.downloads)] == [0o600, 0o700, 0o700]
    assert artifact.checks == ("length", "mp4")
    assert (artifact.bytes_done, artifact.bytes_total) == (len(FILM), len(FILM))
    assert kept(shop.downloads) == [path, path.with_name(f"{path.name}.json")]
    assert not (shop.downloads / part.FOLDER).exists()
    assert shop.store.disk[done.id].artifacts == done.artifacts


async def test_the_credential_stays_away_from_other_hosts(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    await fetched(shop)
    assert all("authorization" not in request.headers for request in shop.world.requests)
    assert SECRET not in str([dict(request.headers) for request in shop.world.requests])


async def test_an_authorized_path_gets_the_credential_and_its_redirect_does_not(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    original = shop.world._answer

    def answer(request: httpx.Request) -> Any:
        if request.url.path == "/jobs/j1/content":
            assert request.headers["authorization"] == f"Bearer {SECRET}"
            return httpx.Response(302, headers={"Location": URL})
        return original(request)

    shop.world._answer = answer  # type: ignore[method-assign]
    made = finished(shop)
    remote = RemoteFile(url="/jobs/j1/content", authorized=True)
    made = task(shop.clock, status=Status.SUCCEEDED, remote_id="j1", artifacts=(Artifact(remote=remote),))
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    elsewhere = [request for request in shop.world.requests if request.url.host == "films.test"]
    assert len(elsewhere) == 1
    assert "authorization" not in elsewhere[0].headers


async def test_an_unauthorized_file_at_the_accounts_own_host_gets_none(shop: Workshop) -> None:
    url = f"{BASE}/open/a.mp4"
    host = FileHost()
    original = shop.world._answer
    shop.world._answer = (  # type: ignore[method-assign]
        lambda request: host(request) if request.url.path == "/open/a.mp4" else original(request)
    )
    await fetched(shop, url)
    assert "authorization" not in shop.world.requests[0].headers


async def test_a_rest_with_another_tag_is_not_believed(shop: Workshop) -> None:
    """A server that knows ranges but not If-Range."""
    host = FileHost()
    host.break_after = [100_000]
    other = film()[:-1] + b"!"

    def change(request: httpx.Request) -> httpx.Response:
        asked = request.headers.pop("if-range", None)
        if asked:
            host.body, host.headers["ETag"] = other, '"v2"'
        return host(request)

    shop.world.files["/a.mp4"] = change
    done = await fetched(shop)
    assert content(done) == other


async def test_a_piece_that_could_not_be_written_leaves_no_hole(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after it must not be written in its place."""
    monkeypatch.setattr(receive, "_LOOP_SPACE", 50_000)
    shop.world.files["/a.mp4"] = FileHost()
    write, calls = part.PartFile.write, 0

    def fails_once(self: part.PartFile, data: bytes | memoryview) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EIO, "Input/output error")
        write(self, data)

    monkeypatch.setattr(part.PartFile, "write", fails_once)
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.FAILED
    await shop.clock.until(lambda: shop[done].artifacts[0].path, 3600)
    assert content(shop[done]) == FILM


def test_a_write_may_take_several_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.pwrite, 0

    def few(descriptor: int, view: memoryview, offset: int) -> int:
        nonlocal calls
        calls += 1
        return real(descriptor, view[: max(1, len(view) // 2)], offset)

    monkeypatch.setattr("os.pwrite", few)
    partial = part.PartFile(tmp_path, "x", 0)
    partial.open()
    partial.write(FILM[:1000])
    partial.write(b"")
    partial.write(FILM[1000:5000])
    partial.close()
    assert partial.path.read_bytes() == FILM[:5000]
    assert calls > 10


async def test_a_broken_connection_is_resumed(shop: Workshop) -> None:
    host = FileHost()
    host.break_after = [100_000, 50_000]
    shop.world.files["/a.mp4"] = host
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.SAVED
    assert host.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert content(done) == FILM


async def test_a_restart_of_reeltop_resumes_too(shop: Workshop) -> None:
    host = FileHost()
    host.break_after = [100_000] + [0] * 100
    shop.world.files["/a.mp4"] = host
    made = finished(shop)
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: len(host.ranges) == 3)
    await shop.stop()
    host.break_after = []
    host.ranges.clear()
    shop.engine = shop.new_engine()
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert host.ranges == ["bytes=100000-"]
    assert content(shop[made]) == FILM


async def test_after_a_reboot_it_is_begun_anew(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not synced when the power went may be anything."""
    made = finished(shop)
    before = part.PartFile(shop.downloads, made.id, 0)
    before.open()
    before.restart('"v1"', len(FILM))
    before.write(bytes(100_000))
    before.close()
    monkeypatch.setattr(part, "_boot", lambda: "the next one")
    host = FileHost()
    shop.world.files["/a.mp4"] = host
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert host.ranges == [None]
    assert content(shop[made]) == FILM


async def test_a_file_that_changed_meanwhile_is_begun_anew(shop: Workshop) -> None:
    host = FileHost()
    host.break_after = [100_000]
    other = film(200_000)

    def change(request: httpx.Request) -> httpx.Response:
        if request.headers.get("range"):
            host.body, host.headers["ETag"] = other, '"v2"'
        return host(request)

    shop.world.files["/a.mp4"] = change
    done = await fetched(shop)
    assert content(done) == other


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
async def test_without_a_strong_tag_the_length_is_proof(shop: Workshop, tag: str) -> None:
    host = FileHost(ETag=tag)
    host.break_after = [100_000]
    shop.world.files["/a.mp4"] = host
    done = await fetched(shop)
    assert host.ranges == [None, "bytes=100000-"]
    assert content(done) == FILM


async def test_without_any_proof_it_is_begun_anew(shop: Workshop) -> None:
    pieces = [Breaking(FILM, 100_000), Breaking(FILM, None)]
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(200, stream=pieces.pop(0))
    done = await fetched(shop)
    assert [request.headers.get("range") for request in shop.world.requests] == [None, None]
    assert content(done) == FILM


async def test_a_rest_of_another_length_is_not_believed(shop: Workshop) -> None:
    host = FileHost(ETag="")
    host.break_after = [100_000]
    other = film(200_000)

    def change(request: httpx.Request) -> httpx.Response:
        if request.headers.get("range"):
            host.body = other
        return host(request)

    shop.world.files["/a.mp4"] = change
    done = await fetched(shop)
    assert content(done) == other


async def test_a_range_from_elsewhere_is_not_believed(shop: Workshop) -> None:
    host = FileHost()
    host.break_after = [100_000]

    def wrong(request: httpx.Request) -> httpx.Response:
        answer = host(request)
        if answer.status_code == 206:
            answer.headers["content-range"] = f"bytes 5-{len(FILM) - 1}/{len(FILM)}"
        return answer

    shop.world.files["/a.mp4"] = wrong
    done = await fetched(shop)
    assert content(done) == FILM


async def test_an_endless_connection_is_followed_as_long_as_it_brings_something(shop: Workshop) -> None:
    big = film(2_000_000)
    host = FileHost(big)
    host.break_after = [150_000] * 12
    shop.world.files["/a.mp4"] = host
    done = await fetched(shop)
    assert content(done) == big


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_an_ended_link_is_renewed_once_and_free(shop: Workshop, status: int) -> None:
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(status, text="expired")
    shop.world.files["/b.mp4"] = FileHost()
    job = shop.world.make("a cat", None)
    job.status, job.urls = "succeeded", [f"{FILMS}/b.mp4"]
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.SAVED
    assert done.artifacts[0].remote.url == f"{FILMS}/b.mp4"
    assert "a fresh link" in [event.words for event in done.events]
    assert shop.world.count("query") == 1
    assert shop.world.count("create") == 0


async def test_a_link_that_is_refused_is_tried_again_later(shop: Workshop) -> None:
    """A server that refuses today may have a wrong clock, or not know the file yet."""
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(403, text="not yet")
    job = shop.world.make("a cat", None)
    job.status, job.urls = "succeeded", [URL]
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.failure is not None
    assert (artifact.failure.kind, artifact.failure.http_status) == (FailureKind.FORBIDDEN, 403)
    assert (artifact.failure.meaning, artifact.failure.words) == (REFUSED_TOO, "not yet")
    assert "asked for a fresh link: it is the same one" in [event.words for event in done.events]
    assert shop.engine.is_settled(done)
    shop.world.files["/a.mp4"] = FileHost()
    await shop.clock.until(lambda: shop[done].artifacts[0].path, 600)
    assert shop.world.count("create") == 0


async def test_after_the_last_try_by_itself_it_says_so(shop: Workshop) -> None:
    asked = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(503, text="later")

    shop.world.files["/a.mp4"] = busy
    done = await fetched(shop)
    failure = done.artifacts[0].failure
    assert failure is not None
    assert failure.next_step == "It is tried again by itself."
    await shop.clock.run(24 * 3600)
    failure = shop[done].artifacts[0].failure
    assert failure is not None
    assert failure.next_step.startswith("It is no longer tried by itself.")
    count = len(asked)
    await shop.clock.run(24 * 3600)
    assert len(asked) == count


@pytest.mark.parametrize("outcome", [REFUSED_TOO, NOT_NAMED, NOT_ASKED])
async def test_a_link_that_stays_dead_fails_for_good(shop: Workshop, outcome: str) -> None:
    """What came of asking for a fresh one is said."""
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(404, text="gone")
    job = shop.world.make("a cat", None)
    job.status, job.urls = "succeeded", [URL] if outcome is REFUSED_TOO else []
    if outcome is NOT_ASKED:
        shop.world.scripts["query"].append(httpx.ConnectError("no route"))
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert (artifact.failure.kind, artifact.failure.meaning) == (FailureKind.NOT_FOUND, outcome)
    assert done.status is Status.SUCCEEDED
    assert shop.engine.is_settled(done)
    count = len(shop.world.requests)
    await shop.clock.run(24 * 3600)
    assert len(shop.world.requests) == count
    assert shop.world.count("create") == 0


PAGES = {
    "a page": httpx.Response(200, text="<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "an error": httpx.Response(200, json={"error": "gone"}),
    "a page that says it is a film": httpx.Response(
        200, content=b"<html>" + b"x" * 5000, headers={"Content-Type": "video/mp4"}
    ),
    "nothing": httpx.Response(200, content=b"", headers={"Content-Type": "video/mp4"}),
    "half a film": httpx.Response(200, content=FILM[:150_000]),
}


@pytest.mark.parametrize("page", PAGES)
async def test_what_is_no_film_is_not_saved_as_one(shop: Workshop, page: str) -> None:
    answer = PAGES[page]
    shop.world.files["/a.mp4"] = lambda request: answer
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert artifact.failure.kind is FailureKind.PROTOCOL
    assert not list(shop.downloads.rglob("*.mp4"))


async def test_a_file_that_was_not_ready_is_fetched_later(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(
        200, text="not yet", headers={"Content-Type": "text/html"}
    )
    done = await fetched(shop)
    shop.world.files["/a.mp4"] = FileHost()
    await shop.clock.until(lambda: shop[done].artifacts[0].path, 600)


async def test_no_length_given_the_structure_decides(shop: Workshop) -> None:
    def chunked(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Pieces(FILM))

    shop.world.files["/a.mp4"] = chunked
    done = await fetched(shop)
    assert done.artifacts[0].checks == ("mp4",)


async def test_a_body_without_end_is_stopped(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "LARGEST_UNTOLD", 500_000)
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(200, stream=Pieces(film(3_000_000)))
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.FAILED
    assert sum(file.stat().st_size for file in kept(shop.downloads)) <= 500_000


async def test_a_full_disk_is_said_and_tried_again(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    original = part.PartFile.write

    def full(self: part.PartFile, pieces: Sequence[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(part.PartFile, "write", full)
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert artifact.failure.words == "No space left on device"
    assert shop.engine.is_settled(done)
    monkeypatch.setattr(part.PartFile, "write", original)
    await shop.clock.until(lambda: shop[done].artifacts[0].path, 3600)


async def test_a_body_without_length_never_fills_the_disk(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger needs room on it, too."""
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(200, stream=Pieces(film(3_000_000)))
    monkeypatch.setattr(part.PartFile, "free_space", lambda self: 10_000_000)
    done = await fetched(shop)
    assert done.artifacts[0].failure is not None
    assert done.artifacts[0].failure.words == "No space left on device"
    assert sum(file.stat().st_size for file in kept(shop.downloads)) <= 1_000_000


async def test_a_wrong_body_without_end_is_seen_by_its_beginning(shop: Workshop) -> None:
    came = 0

    class Endless(Pieces):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            nonlocal came
            while True:
                await asyncio.sleep(0)
                came += 65536
                yield bytes(65536)

    shop.world.files["/a.mp4"] = lambda request: httpx.Response(200, stream=Endless(b""))
    done = await fetched(shop)
    assert done.artifacts[0].failure is not None
    assert "not an MP4 file" in done.artifacts[0].failure.words
    assert came < 1_000_000


async def test_a_folder_that_cannot_be_written_is_named_and_tried_again(
    shop: Workshop, tmp_path: Path
) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    shop.downloads.write_text("a file where the folder should be")
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert str(shop.downloads) in artifact.failure.words
    assert "folder writable" in artifact.failure.next_step
    shop.downloads.unlink()
    await shop.clock.until(lambda: shop[done].artifacts[0].path, 3600)
    assert shop.world.count("create") == 0


async def test_too_little_room_is_seen_beforehand(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    monkeypatch.setattr(part.PartFile, "free_space", lambda self: 1000)
    done = await fetched(shop)
    assert done.artifacts[0].failure is not None
    assert "space" in done.artifacts[0].failure.words


async def test_another_file_is_never_overwritten(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    made = finished(shop)
    taken = place(shop, made)
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"precious")
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert taken.read_bytes() == b"precious"
    assert Path(shop[made].artifacts[0].path or "").name == f"{taken.stem}-2.mp4"


async def test_a_crash_after_the_last_step_makes_no_second_copy(shop: Workshop) -> None:
    """Published, but the store has not heard of it: partial and final file are the same."""
    host = FileHost()
    shop.world.files["/a.mp4"] = host
    made = finished(shop)
    partial = part.PartFile(shop.downloads, made.id, 0)
    partial.open()
    partial.restart('"v1"', len(FILM))
    partial.write(FILM)
    partial.close()
    publish(partial.path, shop.downloads, USUAL.path(made))
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert [path for path in kept(shop.downloads) if path.suffix == ".mp4"] == [place(shop, made)]
    assert host.ranges == []


async def test_several_files_of_a_task(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    shop.world.files["/b.mp4"] = FileHost(film(200_000))
    done = await fetched(shop, URL, f"{FILMS}/b.mp4")
    assert [len(content(done, index)) for index in (0, 1)] == [len(FILM), 200_000]


async def fetch_many(shop: Workshop, *tasks: Task) -> Counter[str]:
    """Fetch tasks; return how many of each account, and of ``all``, were at most under way at once."""
    most: Counter[str] = Counter()
    host = FileHost()

    def look(request: httpx.Request) -> httpx.Response:
        now = [shop[each] for each in tasks]
        busy = Counter(each.account for each in now if each.artifacts[0].state is ArtifactState.DOWNLOADING)
        busy["all"] = busy.total()
        most.update({name: max(0, count - most[name]) for name, count in busy.items()})
        return host(request)

    shop.world.files["/a.mp4"] = look
    await shop.add(*tasks)
    await shop.start()
    await shop.clock.until(
        lambda: all(shop[each].artifacts[0].state is ArtifactState.SAVED for each in tasks)
    )
    return most


async def test_only_a_few_at_a_time(shop: Workshop) -> None:
    most = await fetch_many(shop, *(finished(shop) for _ in range(10)))
    assert most["all"] == 3


async def test_an_account_with_a_limit_does_not_hold_up_others(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    rules = DownloadRules(at_once=4, name=NamePattern.parse("{id}.mp4"), sidecar=False)
    own = NamePattern.parse("toys/{id}.mp4")
    accounts = account(downloads_at_once=1, downloads_name=own), account("more")
    async with workshop(clock, tmp_path / "downloads", *accounts, rules=rules) as shop:
        tasks = [finished(shop, account=name) for name in ["toys"] * 5 + ["more"] * 8]
        most = await fetch_many(shop, *tasks)
        assert most["toys"] == 1
        assert most["more"] >= 3
        assert most["all"] == 4
        names = {str(path.relative_to(shop.downloads)) for path in kept(shop.downloads)}
        assert names == {f"{'toys/' if each.account == 'toys' else ''}{each.id}.mp4" for each in tasks}


async def test_asked_for_by_hand_all_at_once_the_limits_hold(shop: Workshop) -> None:
    tasks = [finished(shop) for _ in range(8)]
    await shop.add(*tasks)
    most = 0

    def look(request: httpx.Request) -> httpx.Response:
        nonlocal most
        states = [shop[each].artifacts[0].state for each in tasks]
        most = max(most, states.count(ArtifactState.DOWNLOADING))
        return FileHost()(request)

    shop.world.files["/a.mp4"] = look
    done = await asyncio.gather(*(shop.engine.download(each.id) for each in tasks))
    assert {each.artifacts[0].state for each in done} == {ArtifactState.SAVED}
    assert 1 < most <= 3


async def test_beside_a_file_lies_what_it_was_made_from(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    picture = "x" * 1_000_000
    link = f"{URL}?signature=as-good-as-a-key"
    job = shop.world.make("a cat", None)
    job.status, job.urls = "succeeded", [link]
    request = {"prompt": f"a cat {SECRET}", "image": picture, "more": [{"deep": picture}]}
    charges = (Charge(amount=Decimal("1.50"), unit="USD"),)
    shop.world.files["/b.mp4"] = lambda request: httpx.Response(404)
    done = await fetched(shop, f"{FILMS}/b.mp4", request=request, charges=charges, sent_at=shop.clock.now())
    beside = Path(f"{done.artifacts[0].path}.json")
    text = content(done, beside=True).decode()
    told = json.loads(text)
    assert mode(beside) == 0o600
    assert SECRET not in text
    assert "signature" not in text
    assert len(text) < 5000
    assert told["prompt"] == done.prompt
    assert told["request"]["more"][0]["deep"].endswith("… and 999920 characters more")
    assert told["charges"] == [{"amount": "1.50", "unit": "USD"}]
    assert (told["task"], told["remote_id"], told["account"], told["provider"]) == (
        done.id,
        "j1",
        "toys",
        "toys",
    )
    assert told["times"]["sent"] == "2026-09-21T12:00:00Z"
    assert (told["file"], told["bytes"]) == (place(shop, done).name, len(FILM))


async def test_what_tells_of_a_file_never_goes_over_another(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    made = finished(shop)
    film_path = place(shop, made)
    taken = film_path.with_name(f"{film_path.name}.json")
    taken.parent.mkdir(parents=True)
    taken.write_text('{"task": "another"}')
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert taken.read_text() == '{"task": "another"}'
    assert json.loads(taken.with_name(f"{film_path.name}-2.json").read_text())["task"] == made.id


async def test_without_room_for_what_tells_of_it_a_file_is_saved(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sidecar, "write", full)
    shop.world.files["/a.mp4"] = FileHost()
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.SAVED
    assert "no JSON beside the file: No space left on device" in [each.words for each in done.events]


async def test_by_hand_where_it_does_not_happen_by_itself(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    async with workshop(clock, tmp_path / "downloads", account(auto_download=False)) as shop:
        shop.world.files["/a.mp4"] = FileHost()
        made = finished(shop)
        await shop.add(made)
        await shop.start()
        await clock.run(600)
        assert not shop.world.requests
        assert shop.engine.is_settled(shop[made])
        copies = tmp_path / "copies"
        done = await shop.engine.download(made.id, copies)
        (placed,) = copies.iterdir()
        assert placed == Path(done.artifacts[0].path or "")
        original = Path(shop[made].artifacts[0].path or "")
        assert placed.read_bytes() == FILM
        assert not placed.samefile(original)
        await shop.engine.download(made.id, copies)
        assert len(list(copies.iterdir())) == 1
        assert shop.world.count("file") == 1
        placed.write_bytes(b"edited")
        assert content(shop[made]) == FILM
        again = await shop.engine.download(made.id, copies)
        assert Path(again.artifacts[0].path or "").name == f"{placed.stem}-2.mp4"
        assert placed.read_bytes() == b"edited"


async def test_by_hand_a_removed_file_is_fetched_again(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    done = await fetched(shop)
    place(shop, done).unlink()
    again = await shop.engine.download(done.id)
    assert content(again) == FILM


async def test_by_hand_in_a_process_that_follows(shop: Workshop) -> None:
    shop.store.leads = False
    shop.world.files["/a.mp4"] = FileHost()
    made = finished(shop)
    await shop.add(made)
    await shop.start()
    done = await shop.engine.download(made.id)
    assert done.artifacts[0].state is ArtifactState.SAVED


async def test_nothing_to_fetch_is_an_error(shop: Workshop) -> None:
    (made,) = await shop.submit()
    with pytest.raises(UsageError, match="no files"):
        await shop.engine.download(made.id)


async def test_while_another_process_fetches_it_is_left_alone(shop: Workshop) -> None:
    host = FileHost()
    shop.world.files["/a.mp4"] = host
    made = finished(shop)
    other = part.PartFile(shop.downloads, made.id, 0)
    other.open()
    await shop.add(made)
    await shop.start()
    await shop.clock.run(30)
    assert host.ranges == []
    other.close()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)


def refuse(number: int) -> Any:
    """Return what fails as a system call does."""

    def failing(*args: object, **options: object) -> None:
        raise OSError(number, "refused")

    return failing


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV, errno.ENOTSUP])
def test_without_hard_links_the_file_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    partial = tmp_path / "x.part"
    partial.write_bytes(FILM)
    (tmp_path / "x.mp4").write_bytes(b"precious")
    monkeypatch.setattr("os.link", refuse(number))
    for _ in range(2):  # the second time as after a crash: no second copy
        assert publish(partial, tmp_path, PurePosixPath("x")) == tmp_path / "x-2.mp4"
    assert (tmp_path / "x.mp4").read_bytes() == b"precious"
    assert (tmp_path / "x-2.mp4").read_bytes() == FILM
    assert (tmp_path / "x-2.mp4").stat().st_mode & 0o777 == 0o600
    assert len(kept(tmp_path)) == 3


def test_where_the_kernel_does_not_copy_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(FILM)
    real, calls = os.copy_file_range, []

    def once(*args: int) -> int:
        calls.append(args)
        if len(calls) > 1:
            raise OSError(errno.EINVAL, "refused")
        return real(args[0], args[1], 1000)

    monkeypatch.setattr("os.copy_file_range", once)
    assert copy(source, tmp_path / "there", "b").read_bytes() == FILM


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(FILM)
    monkeypatch.setattr("os.copy_file_range", refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="refused"):
        copy(source, tmp_path / "there", "b")
    assert not kept(tmp_path / "there")


def test_a_file_is_no_copy_of_itself(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(FILM)
    assert copy(source, tmp_path, "a") == source
    linked = tmp_path / "b.mp4"
    linked.hardlink_to(source)
    assert copy(source, tmp_path, "b") == tmp_path / "b-2.mp4"
