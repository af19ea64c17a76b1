"""Brings finished videos to the disk. A failed download is tried again and never costs a generation."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from backend.clock import Clock
from backend.download_progress import Meter, Progress
from backend.downloads import DownloadRules
from backend.engine import artifact_changes, fetch, receive, sidecar
from backend.engine.board import Board, has_files_to_fetch
from backend.engine.changes import is_arriving
from backend.engine.fetch_failures import (
    ENDLESS,
    NOT_ASKED,
    NOT_NAMED,
    REFUSED_TOO,
    disk_trouble,
    given_up,
    still_ended,
)
from backend.engine.files import copy, publish
from backend.engine.lane import Lane, mishap, ref
from backend.engine.part import PartFile
from backend.engine.schedule import retry_delay
from backend.engine.waiting import Alarm, in_thread
from backend.errors import StoreError, UsageError
from backend.filenames import NamePattern
from backend.language import _
from backend.ledger.store import Change, TaskStore
from backend.models import Artifact, ArtifactState, Failure, FailureKind, RemoteFile, Snapshot, Task
from backend.request_log import About, Purpose

_TRIES = 5
"""Tries in a row that bring nothing, until a download has failed for now."""
_LATER_TRIES = 6
"""Times that a failed download is taken up again by itself."""
_LATER_FIRST = 30.0
_LATER_MOST = 900.0
"""Seconds between those."""
_WRONG_LINK = frozenset(
    {FailureKind.NOT_FOUND, FailureKind.FORBIDDEN, FailureKind.PROTOCOL, FailureKind.INVALID}
)
"""What a fresh link may cure."""
_ENOUGH = 64 * 1024
"""Bytes that make a try one that brought something."""
_TELL_SECONDS = 0.5
"""Seconds between two words to those who look on."""
_NOTE_SECONDS = 5.0
"""Seconds between two notes in the ledger, for other processes and the next start."""
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
        rules: DownloadRules | None = None,
        on_progress: Callable[[str], None] | None = None,
    ) -> None:
        """`on_progress` is called with a task's id, a few times a second, while its files come in."""
        self.alarm = Alarm(clock)
        self._lanes = lanes
        self._store = store
        self._board = board
        self._clock = clock
        self._folder = folder
        self._chance = chance
        self._rules = rules or DownloadRules()
        self._on_progress = on_progress or (lambda task_id: None)
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(self._rules.at_once)
        self._own_places = {name: asyncio.Semaphore(self._most(name)) for name in lanes}
        self._meters: dict[str, dict[int, Meter]] = {}
        self._later: dict[str, tuple[float, int]] = {}
        """When to take up a failed download again, and how often it has failed."""

    async def run(self) -> None:
        """Start downloads for accounts that want them by themselves, for ever."""
        try:
            while True:
                self._start_due()
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

        With a `directory`, put copies there as well; the task returned then names those, the recorded
        one still those in the downloads folder. Raises UsageError if there is nothing to fetch, or
        `directory` cannot be used.
        """
        task = self._store.tasks[task_id]
        if not task.artifacts:
            raise UsageError(_("task {task} has no files").format(task=task_id))
        await self._forget_removed(task)
        task = self._store.tasks[task_id]
        if has_files_to_fetch(task):
            if task.account not in self._lanes:
                words = _("account {account} is not configured, or disabled, so its files cannot be fetched")
                raise UsageError(words.format(account=task.account))
            self._later.pop(task_id, None)
            if (job := self._jobs.get(task_id)) and not is_arriving(task):
                await asyncio.shield(job)  # it has failed, and is just ending
            if has_files_to_fetch(self._store.tasks[task_id]):
                await asyncio.shield(self._jobs.get(task_id) or self._start(task_id))
        task = self._store.tasks[task_id]
        if directory is None:
            return task
        return await in_thread(_placed, task, directory, self._pattern(task))

    def progress(self, task_id: str) -> Mapping[int, Progress]:
        """Return how far a task's files have come that are on their way, by their place among its files."""
        now = self._clock.monotonic()
        return {index: meter.read(now) for index, meter in self._meters.get(task_id, {}).items()}

    # -- when ---------------------------------------------------------------------------------------------

    def _start_due(self) -> None:
        """Start what waits and has a place."""
        busy = Counter(self._store.tasks[task_id].account for task_id in self._jobs)
        for task_id in self._board.to_fetch():
            if len(self._jobs) >= self._rules.at_once:
                break
            task = self._store.tasks[task_id]
            if self._is_due(task) and busy[task.account] < self._most(task.account):
                busy[task.account] += 1
                self._start(task_id)

    def _most(self, account: str) -> int:
        """Return how many tasks of an account are fetched at a time."""
        lane = self._lanes.get(account)
        own = lane.account.downloads_at_once if lane else None
        return min(own or self._rules.at_once, self._rules.at_once)

    def _pattern(self, task: Task) -> NamePattern:
        lane = self._lanes.get(task.account)
        return (lane.account.downloads_name if lane else None) or self._rules.name

    def _is_due(self, task: Task) -> bool:
        lane = self._lanes.get(task.account)
        if task.id in self._jobs or lane is None or not lane.account.auto_download:
            return False
        due, _ = self._later.get(task.id, (0.0, 0))
        return due <= self._clock.monotonic() and any(map(_wants, task.artifacts))

    def _pause(self) -> float | None:
        if len(self._jobs) >= self._rules.at_once:
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
        self._meters.pop(task_id, None)
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
        # The account's own place first: whoever waits for that must not hold up the others.
        async with self._own_places[self._store.tasks[task_id].account], self._places:
            for index, artifact in enumerate(self._store.tasks[task_id].artifacts):
                if artifact.state is not ArtifactState.SAVED:
                    await self._fetch_one(task_id, index)

    async def _fetch_one(self, task_id: str, index: int) -> None:
        task = self._store.tasks[task_id]
        part = PartFile(self._folder, task_id, index)
        try:
            if await self._lock(part, task_id, index):
                await self._bring(task_id, index, part)
        except StoreError:
            pass  # the file is resumed or found complete next time
        except OSError as error:
            await self._fail(task_id, index, disk_trouble(error), part.size)
        except Exception as error:
            redact = self._lanes[task.account].connection.redact
            await self._fail(task_id, index, mishap(error, redact), part.size)
        finally:
            self._meters.get(task_id, {}).pop(index, None)
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
        await self._note(task_id, artifact_changes.begun(index, remote, part.size, self._clock.now()))
        report = self._report(task_id, index, part)
        about, tries, outcome = About(Purpose.FILE, (task_id,)), 0, ""
        while True:
            before = part.size
            failure = await fetch.fetch(lane.connection, remote, base_url, part, self._clock, report, about)
            if failure is None:
                await self._publish(task_id, index, part)
                return
            if failure.kind in _WRONG_LINK and failure.words != ENDLESS:
                if failure.kind is FailureKind.PROTOCOL:
                    await in_thread(part.restart, "", None)
                fresh = outcome or await self._fresh_link(lane, task_id, index)
                if isinstance(fresh, str):
                    if failure.kind in (FailureKind.NOT_FOUND, FailureKind.FORBIDDEN):
                        failure = still_ended(failure, fresh)
                    break
                remote, outcome = fresh, REFUSED_TOO
                continue
            tries = 0 if part.size - before >= _ENOUGH else tries + 1
            if tries >= _TRIES or not failure.kind.is_passing:
                break
            await self._clock.sleep(retry_delay(failure, tries, self._chance()))
        await self._fail(task_id, index, failure, part.size)

    async def _publish(self, task_id: str, index: int, part: PartFile) -> None:
        task = self._store.tasks[task_id]
        name = self._pattern(task).path(task, index, task.artifacts[index].remote.kind)
        await in_thread(part.sync)
        path = await in_thread(publish, part.path, self._folder, name)
        if self._rules.sidecar:
            await self._tell_of(task, index, path, part)
        saved = artifact_changes.saved(index, path, part.size, fetch.checks(part), self._clock.now())
        # The partial file goes last: until then it proves that the final one is this very file.
        await self._store.update(task_id, saved)
        await in_thread(part.discard)

    async def _tell_of(self, task: Task, index: int, path: Path, part: PartFile) -> None:
        """Write the sidecar; the file is here in any case."""
        facts = sidecar.describe(task, index, path, part, self._clock.now())
        redact = self._lanes[task.account].connection.redact
        try:
            await in_thread(sidecar.write, facts, path, redact)
        except OSError as error:
            words = error.strerror or str(error)
            await self._note(task.id, artifact_changes.without_sidecar(words, self._clock.now()))

    async def _fresh_link(self, lane: Lane, task_id: str, index: int) -> RemoteFile | str:
        """Ask the provider once for a link to the same file; return it, or what else came of that."""
        task = self._store.tasks[task_id]
        if task.remote_id is None or lane.obstacle(task):
            return NOT_ASKED
        codec, refs = lane.codec(task), [ref(task)]
        answer = await lane.send(codec.query(refs), task.origin.base_url, About(Purpose.QUERY, (task_id,)))
        result = answer if isinstance(answer, Failure) else codec.read_query(answer, refs).get(task_id)
        if isinstance(result, Failure) and result.kind is not FailureKind.NOT_FOUND:
            return NOT_ASKED
        kind = task.artifacts[index].remote.kind
        before = sum(artifact.remote.kind == kind for artifact in task.artifacts[:index])
        files = [file for file in result.files if file.kind == kind] if isinstance(result, Snapshot) else []
        if before >= len(files):
            return NOT_NAMED
        await self._note(task_id, artifact_changes.renewed(index, files[before], self._clock.now()))
        return files[before]

    async def _fail(self, task_id: str, index: int, failure: Failure, size: int) -> None:
        _, count = self._later.get(task_id, (0.0, 0))
        if count >= _LATER_TRIES:
            failure = given_up(failure)
        await self._note(task_id, artifact_changes.failed(index, failure, size, self._clock.now()))

    def _report(self, task_id: str, index: int, part: PartFile) -> receive.Progress:
        """Return what measures a file as it comes in, tells those who look on, and now and then the
        ledger."""
        meter = self._meters.setdefault(task_id, {}).setdefault(index, Meter())
        told, noted = self._clock.monotonic(), float("-inf")
        meter.add(told, part.size, part.total)

        async def report(done: int) -> None:
            nonlocal told, noted
            now = self._clock.monotonic()
            if now - told >= _TELL_SECONDS:
                told = now
                meter.add(now, done, part.total)
                self._on_progress(task_id)
            if now - noted >= _NOTE_SECONDS:
                noted = now
                change = artifact_changes.with_fields(index, bytes_done=done, bytes_total=part.total)
                await self._note(task_id, change)

        return report

    async def _note(self, task_id: str, change: Change) -> None:
        await self._store.update(task_id, change, durable=False)

    async def _forget_removed(self, task: Task) -> None:
        """Take files that the user has removed since for not fetched."""
        for index, artifact in enumerate(task.artifacts):
            if artifact.state is ArtifactState.SAVED and not await in_thread(_is_here, artifact):
                await self._note(
                    task.id, artifact_changes.with_fields(index, state=ArtifactState.REMOTE, path=None)
                )


def _wants(artifact: Artifact) -> bool:
    """Whether an artifact is fetched without being asked for."""
    if artifact.state is ArtifactState.FAILED:
        failure = artifact.failure
        return failure is None or failure.kind.is_passing or failure.kind is FailureKind.FORBIDDEN
    return artifact.state is not ArtifactState.SAVED


def _is_here(artifact: Artifact) -> bool:
    return artifact.path is not None and Path(artifact.path).is_file()


def _placed(task: Task, directory: Path, pattern: NamePattern) -> Task:
    """Put copies of a task's saved files into `directory`; return the task with the paths there."""
    artifacts = []
    for index, artifact in enumerate(task.artifacts):
        if artifact.state is ArtifactState.SAVED and artifact.path:
            stem = pattern.path(task, index, artifact.remote.kind).name
            try:
                path = copy(Path(artifact.path), directory, stem)
            except OSError as error:
                raise UsageError(f"{directory}: {error.strerror or error}") from None
            artifact = replace(artifact, path=str(path.absolute()))
        artifacts.append(artifact)
    return replace(task, artifacts=tuple(artifacts))
