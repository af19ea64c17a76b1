"""Brings finished videos to the disk. A failed download is tried again and never costs a generation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.clock import Clock
from backend.engine import changes, fetch
from backend.engine.board import Board, has_files_to_fetch
from backend.engine.files import file_stem, publish
from backend.engine.lane import Lane, mishap, ref
from backend.engine.part import PartFile
from backend.engine.schedule import retry_delay
from backend.engine.waiting import Alarm, in_thread
from backend.errors import StoreError, UsageError
from backend.ledger.store import Change, TaskStore
from backend.models import Artifact, ArtifactState, Failure, FailureKind, RemoteFile, Snapshot, Task

_AT_A_TIME = 3
_TRIES = 5
"""Tries in a row that bring nothing, until a download has failed for now."""
_LATER_TRIES = 6
"""Times that a failed download is taken up again by itself."""
_LATER_FIRST = 30.0
_LATER_MOST = 900.0
"""Seconds between those."""
_ENOUGH = 64 * 1024
"""Bytes that make a try one that brought something."""
_PROGRESS_SECONDS = 0.5
_LOCK_SECONDS = 1.0
"""Seconds between looks at a file that another process is bringing in."""


class Downloader:
    """The fetching machine of all accounts."""

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        store: TaskStore,
        board: Board,
        clock: Clock,
        folder: Path,
        chance: Callable[[], float],
    ) -> None:
        self.alarm = Alarm(clock)
        self._lanes = lanes
        self._store = store
        self._board = board
        self._clock = clock
        self._folder = folder
        self._chance = chance
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self._later: dict[str, tuple[float, int]] = {}
        """When to take up a failed download again, and how often it has failed."""

    async def run(self) -> None:
        """Start downloads for accounts that want them by themselves, for ever."""
        try:
            while True:
                for task_id in self._board.to_fetch():
                    if len(self._jobs) < _AT_A_TIME and self._is_due(self._store.tasks[task_id]):
                        self._start(task_id)
                await self.alarm.wait(self._pause())
        finally:
            await self.close()

    async def close(self) -> None:
        """Break off what is under way; it is resumed next time."""
        jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def download(self, task_id: str, directory: Path | None = None) -> Task:
        """Fetch a task's files now and return when each is here or has failed.

        With a `directory`, put them there as well; the task returned then names them there, the recorded
        one still those in the downloads folder. Raises UsageError if there is nothing to fetch, or
        `directory` cannot be used.
        """
        task = self._store.tasks[task_id]
        if not task.artifacts:
            raise UsageError(f"task {task_id} has no files")
        await self._forget_removed(task)
        if has_files_to_fetch(self._store.tasks[task_id]):
            if task.account not in self._lanes:
                raise UsageError(f"account {task.account} is not configured, so its files cannot be fetched")
            self._later.pop(task_id, None)
            await asyncio.shield(self._jobs.get(task_id) or self._start(task_id))
        task = self._store.tasks[task_id]
        return task if directory is None else await in_thread(_placed, task, directory)

    # -- when ---------------------------------------------------------------------------------------------

    def _is_due(self, task: Task) -> bool:
        lane = self._lanes.get(task.account)
        if task.id in self._jobs or lane is None or not lane.account.auto_download:
            return False
        due, _ = self._later.get(task.id, (0.0, 0))
        return due <= self._clock.monotonic() and any(map(_wants, task.artifacts))

    def _pause(self) -> float | None:
        if len(self._jobs) >= _AT_A_TIME:
            return None  # a job that ends rings the alarm
        now = self._clock.monotonic()
        later = [due - now for task_id, (due, _) in self._later.items() if task_id not in self._jobs]
        return min((seconds for seconds in later if seconds > 0), default=None)

    def _start(self, task_id: str) -> asyncio.Task[None]:
        job = asyncio.ensure_future(self._fetch_all(task_id))
        self._jobs[task_id] = job
        job.add_done_callback(lambda job: self._ended(task_id, job))
        return job

    def _ended(self, task_id: str, job: asyncio.Task[None]) -> None:
        if not job.cancelled():
            job.exception()  # of a store that cannot be written; whoever waits is told, too
        self._jobs.pop(task_id, None)
        task = self._store.tasks.get(task_id)
        if task is None or not any(map(_wants, task.artifacts)):
            self._later.pop(task_id, None)
        else:
            _, count = self._later.get(task_id, (0.0, 0))
            delay = min(_LATER_MOST, _LATER_FIRST * 2.0**count) * (0.75 + 0.5 * self._chance())
            due = self._clock.monotonic() + delay if count < _LATER_TRIES else float("inf")
            self._later[task_id] = (due, count + 1)
        self.alarm.ring()

    # -- what ---------------------------------------------------------------------------------------------

    async def _fetch_all(self, task_id: str) -> None:
        async with self._places:
            for index, artifact in enumerate(self._store.tasks[task_id].artifacts):
                if artifact.state is not ArtifactState.SAVED:
                    await self._fetch_one(task_id, index)

    async def _fetch_one(self, task_id: str, index: int) -> None:
        task = self._store.tasks[task_id]
        part = PartFile(self._folder, file_stem(task, index, task.artifacts[index].remote.kind))
        try:
            if await self._lock(part, task_id, index):
                await self._bring(task_id, index, part)
        except StoreError:
            pass  # the file is resumed or found complete next time
        except OSError as error:
            await self._fail(task_id, index, fetch.disk_trouble(error))
        except Exception as error:
            redact = self._lanes[task.account].connection.redact
            await self._fail(task_id, index, mishap(error, redact))
        finally:
            await in_thread(part.close)

    async def _lock(self, part: PartFile, task_id: str, index: int) -> bool:
        """Return whether the file is ours to bring in; wait while another process does."""
        while self._store.tasks[task_id].artifacts[index].state is not ArtifactState.SAVED:
            try:
                await in_thread(part.open)
            except BlockingIOError:
                await self._clock.sleep(_LOCK_SECONDS)
            else:
                return True
        return False

    async def _bring(self, task_id: str, index: int, part: PartFile) -> None:
        task = self._store.tasks[task_id]
        lane, remote, base_url = self._lanes[task.account], task.artifacts[index].remote, task.origin.base_url
        await self._note(task_id, index, _begun(index, remote, part, self._clock.now()))
        report = _Report(self, task_id, index, part)
        tries, refreshed = 0, False
        while True:
            before = part.size
            failure = await fetch.fetch(lane.connection, remote, base_url, part, self._clock, report)
            if failure is None:
                await self._publish(task_id, index, part)
                return
            if failure.kind in (FailureKind.NOT_FOUND, FailureKind.PROTOCOL):
                if failure.kind is FailureKind.PROTOCOL:
                    await in_thread(part.restart, "", None)
                fresh = None if refreshed else await self._fresh_link(lane, task_id, index)
                if fresh is None:
                    break
                remote, refreshed = fresh, True
                continue
            tries = 0 if part.size - before >= _ENOUGH else tries + 1
            if tries >= _TRIES or not failure.kind.is_passing:
                break
            await self._clock.sleep(retry_delay(failure, tries, self._chance()))
        await self._fail(task_id, index, failure)

    async def _publish(self, task_id: str, index: int, part: PartFile) -> None:
        task = self._store.tasks[task_id]
        stem = file_stem(task, index, task.artifacts[index].remote.kind)
        await in_thread(part.sync)
        path = await in_thread(publish, part.path, self._folder, stem)
        saved = _saved(index, path, part, self._clock.now())
        # The partial file goes last: until then it proves that the final one is this very file.
        await self._store.update(task_id, saved)
        await in_thread(part.discard)

    async def _fresh_link(self, lane: Lane, task_id: str, index: int) -> RemoteFile | None:
        """Ask the provider once for a link to the same file."""
        task = self._store.tasks[task_id]
        if task.remote_id is None or lane.obstacle(task):
            return None
        codec, refs = lane.codec(task), [ref(task)]
        answer = await lane.send(codec.query(refs), task.origin.base_url)
        if isinstance(answer, Failure):
            return None
        result = codec.read_query(answer, refs).get(task_id)
        if not isinstance(result, Snapshot):
            return None
        kind = task.artifacts[index].remote.kind
        before = sum(artifact.remote.kind == kind for artifact in task.artifacts[:index])
        files = [file for file in result.files if file.kind == kind]
        if before >= len(files):
            return None
        await self._store.update(task_id, _artifact(index, remote=files[before]), durable=False)
        return files[before]

    async def _fail(self, task_id: str, index: int, failure: Failure) -> None:
        await self._note(task_id, index, _failed(index, failure, self._clock.now()))

    async def _note(self, task_id: str, index: int, change: Change) -> None:
        await self._store.update(task_id, change, durable=False)

    async def _forget_removed(self, task: Task) -> None:
        """Take files that the user has removed since for not fetched."""
        for index, artifact in enumerate(task.artifacts):
            if artifact.state is ArtifactState.SAVED and not await in_thread(_is_here, artifact):
                await self._note(task.id, index, _artifact(index, state=ArtifactState.REMOTE, path=None))


class _Report:
    """Tells the ledger how far a file has come, at most twice a second."""

    def __init__(self, downloader: Downloader, task_id: str, index: int, part: PartFile) -> None:
        self._downloader = downloader
        self._task_id = task_id
        self._index = index
        self._part = part
        self._last = float("-inf")

    async def __call__(self) -> None:
        now = self._downloader._clock.monotonic()
        if now - self._last >= _PROGRESS_SECONDS:
            self._last = now
            done = _artifact(self._index, bytes_done=self._part.size, bytes_total=self._part.total)
            await self._downloader._note(self._task_id, self._index, done)


def _wants(artifact: Artifact) -> bool:
    """Whether an artifact is fetched without being asked for."""
    if artifact.state is ArtifactState.FAILED:
        return artifact.failure is None or artifact.failure.kind.is_passing
    return artifact.state is not ArtifactState.SAVED


def _artifact(index: int, **fields: Any) -> Change:
    def change(task: Task) -> Task:
        if index >= len(task.artifacts):
            return task
        artifacts = list(task.artifacts)
        artifacts[index] = replace(artifacts[index], **fields)
        return replace(task, artifacts=tuple(artifacts))

    return change


def _begun(index: int, remote: RemoteFile, part: PartFile, now: datetime) -> Change:
    fields = {"state": ArtifactState.DOWNLOADING, "failure": None, "bytes_done": part.size}
    host = urlsplit(remote.url).hostname or "the account's own address"
    words = f"{'resumed' if part.size else 'begun'} from {host}"
    return _with_event(_artifact(index, **fields), now, "download", words)


def _saved(index: int, path: Path, part: PartFile, now: datetime) -> Change:
    fields = {
        "state": ArtifactState.SAVED,
        "path": str(path),
        "bytes_done": part.size,
        "bytes_total": part.size,
        "checks": fetch.checks(part),
        "failure": None,
        "saved_at": now,
    }
    return _with_event(_artifact(index, **fields), now, "saved", str(path))


def _failed(index: int, failure: Failure, now: datetime) -> Change:
    words = f"download failed: {failure.words or failure.meaning}"
    return _with_event(_artifact(index, state=ArtifactState.FAILED, failure=failure), now, "trouble", words)


def _with_event(inner: Change, now: datetime, what: str, words: str) -> Change:
    def change(task: Task) -> Task:
        return changes.with_event(inner(task), now, what, words)

    return change


def _is_here(artifact: Artifact) -> bool:
    return artifact.path is not None and Path(artifact.path).is_file()


def _placed(task: Task, directory: Path) -> Task:
    """Put a task's saved files into `directory` as well; return the task with the paths there."""
    artifacts = []
    for index, artifact in enumerate(task.artifacts):
        if artifact.state is ArtifactState.SAVED and artifact.path:
            stem = file_stem(task, index, artifact.remote.kind)
            try:
                path = publish(Path(artifact.path), directory, stem)
            except OSError as error:
                raise UsageError(f"{directory}: {error.strerror or error}") from None
            artifact = replace(artifact, path=str(path.absolute()))
        artifacts.append(artifact)
    return replace(task, artifacts=tuple(artifacts))
