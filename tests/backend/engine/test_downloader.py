"""Fetching: resumed, checked, never over another file, never a new generation."""

from __future__ import annotations

import errno
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.engine import fetch, part
from backend.engine.files import file_stem, publish
from backend.engine.mp4 import mp4_problem
from backend.errors import UsageError
from backend.models import Artifact, ArtifactState, FailureKind, RemoteFile, Status, Task
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import BASE, FILMS, SECRET, Pieces, Workshop, account, film, task, workshop

FILM = film()
URL = f"{FILMS}/a.mp4"


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


def content(made: Task, index: int = 0) -> bytes:
    return Path(made.artifacts[index].path or "").read_bytes()


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
    assert path.parent == shop.downloads
    assert path.name == f"20260921-toys-a-cat-{done.id}.mp4"
    assert (shop.downloads / path.name).stat().st_mode & 0o777 == 0o600
    assert shop.downloads.stat().st_mode & 0o777 == 0o700
    assert artifact.checks == ("length", "mp4")
    assert (artifact.bytes_done, artifact.bytes_total) == (len(FILM), len(FILM))
    assert [entry.name for entry in shop.downloads.iterdir()] == [path.name]
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
    before = part.PartFile(shop.downloads, file_stem(made, 0, "video"))
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
    assert shop.world.count("query") == 1
    assert shop.world.count("create") == 0


async def test_a_link_that_stays_dead_fails_for_good(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(404, text="gone")
    job = shop.world.make("a cat", None)
    job.status, job.urls = "succeeded", [URL]
    done = await fetched(shop)
    (artifact,) = done.artifacts
    assert artifact.state is ArtifactState.FAILED
    assert artifact.failure is not None
    assert artifact.failure.kind is FailureKind.NOT_FOUND
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
    assert not list(shop.downloads.glob("*.mp4"))


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
    monkeypatch.setattr(fetch, "LARGEST", 500_000)
    shop.world.files["/a.mp4"] = lambda request: httpx.Response(200, stream=Pieces(film(3_000_000)))
    done = await fetched(shop)
    assert done.artifacts[0].state is ArtifactState.FAILED
    assert sum(file.stat().st_size for file in shop.downloads.iterdir()) <= 500_000


async def test_a_full_disk_is_said_and_tried_again(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    original = part.PartFile.write

    def full(self: part.PartFile, data: bytes) -> None:
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


async def test_too_little_room_is_seen_beforehand(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    monkeypatch.setattr(part.PartFile, "free_space", lambda self: 1000)
    done = await fetched(shop)
    assert done.artifacts[0].failure is not None
    assert "space" in done.artifacts[0].failure.words


async def test_another_file_is_never_overwritten(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    made = finished(shop)
    shop.downloads.mkdir()
    taken = shop.downloads / f"{file_stem(made, 0, 'video')}.mp4"
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
    shop.downloads.mkdir(mode=0o700)
    stem = file_stem(made, 0, "video")
    partial = shop.downloads / f"{stem}.mp4.part"
    partial.write_bytes(FILM)
    note = {"validator": '"v1"', "total": len(FILM), "boot": part._boot()}
    (shop.downloads / f"{stem}.mp4.part.json").write_text(json.dumps(note))
    publish(partial, shop.downloads, stem)
    await shop.add(made)
    await shop.start()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    assert [entry.name for entry in shop.downloads.iterdir()] == [f"{stem}.mp4"]
    assert host.ranges == []


async def test_several_files_of_a_task(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    shop.world.files["/b.mp4"] = FileHost(film(200_000))
    done = await fetched(shop, URL, f"{FILMS}/b.mp4")
    assert [len(content(done, index)) for index in (0, 1)] == [len(FILM), 200_000]


async def test_only_a_few_at_a_time(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    tasks = [finished(shop) for _ in range(10)]
    await shop.add(*tasks)
    await shop.start()
    most = 0

    def all_saved() -> bool:
        nonlocal most
        states = [shop[each].artifacts[0].state for each in tasks]
        most = max(most, states.count(ArtifactState.DOWNLOADING))
        return set(states) == {ArtifactState.SAVED}

    await shop.clock.until(all_saved)
    assert most <= 3


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
        (copy,) = copies.iterdir()
        assert copy.read_bytes() == FILM
        assert copy.samefile(done.artifacts[0].path or "")
        await shop.engine.download(made.id, copies)
        assert len(list(copies.iterdir())) == 1
        assert shop.world.count("file") == 1


async def test_by_hand_a_removed_file_is_fetched_again(shop: Workshop) -> None:
    shop.world.files["/a.mp4"] = FileHost()
    done = await fetched(shop)
    (shop.downloads / f"{file_stem(done, 0, 'video')}.mp4").unlink()
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
    other = part.PartFile(shop.downloads, file_stem(made, 0, "video"))
    other.open()
    await shop.add(made)
    await shop.start()
    await shop.clock.run(30)
    assert host.ranges == []
    other.close()
    await shop.clock.until(lambda: shop[made].artifacts[0].path)


NAMES = {
    "../../etc/passwd": "etc-passwd",
    "a/b\\c:d*e?f": "a-b-c-d-e-f",
    "夕阳下的猫，慢慢走": "夕阳下的猫-慢慢走",
    "..": "",
    "\x1b[31mred\u202etxt": "redtxt",
    "it's $HOME `id`": "it-s-HOME-id",
    "  spaces\n\tand lines ": "spaces-and-lines",
    "x....mp4": "x.mp4",
}


@pytest.mark.parametrize("prompt", NAMES)
def test_names_are_harmless(prompt: str, clock: FakeClock) -> None:
    made = task(clock, id="id1", prompt=prompt, model="kling/v2..5")
    middle = f"{NAMES[prompt]}-" if NAMES[prompt] else ""
    assert file_stem(made, 0, "video") == f"20260921-toys-kling-v2.5-{middle}id1"


@pytest.mark.parametrize("letter", ["a", "猫", "🐈", "e\u0301"])
def test_names_stay_short(letter: str, clock: FakeClock) -> None:
    made = task(clock, prompt=letter * 3000, model=letter * 300, account=letter * 300, id=letter * 300)
    name = f"{file_stem(made, 7, 'watermarked')}.mp4.part.json"
    assert len(name.encode()) < 255
    assert "/" not in name


def test_a_structure_that_does_not_end_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    for body, problem in (
        (FILM, ""),
        (FILM[:-1], "cut off"),
        (FILM + b"x", "cut off"),
        (b"", "empty"),
        (FILM[:16], "cut off"),
        (b"\0\0\0\x10ftypisom\0\0\2\0", "index"),
        (b"\0\0\0\x01ftyp\xff\xff\xff\xff\xff\xff\xff\xff" + FILM, "cut off"),
        (b"\0\0\0\x02ftyp" + FILM, "broken"),
        (b"{}", "empty"),
    ):
        path.write_bytes(body)
        found = mp4_problem(path)
        assert found == problem if not problem else problem in found


def test_without_hard_links_the_file_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = tmp_path / "x.part"
    partial.write_bytes(FILM)
    (tmp_path / "x.mp4").write_bytes(b"precious")

    def refuse(*args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    assert publish(partial, tmp_path, "x").read_bytes() == FILM
    assert (tmp_path / "x.mp4").read_bytes() == b"precious"
    assert (tmp_path / "x-2.mp4").stat().st_mode & 0o777 == 0o600
