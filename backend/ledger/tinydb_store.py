"""The ledger's loop side: the :class:`~backend.ledger.store.TaskStore` on TinyDB.

All work on files is done by one thread, one job at a time; what is asked for meanwhile makes up the next
batch. The loop keeps what everybody sees: the tasks as the disk has them, with the changes on top that need
not be on the disk to be seen.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from backend.clock import Clock, SystemClock
from backend.errors import StoreError
from backend.language import _
from backend.ledger.archive import ARCHIVE_NAME, Archive, Archived
from backend.ledger.disk import Disk
from backend.ledger.listeners import Listeners
from backend.ledger.storage import COMPACT_AFTER
from backend.ledger.store import Change, TaskStore, apply_change
from backend.ledger.writer import Addition, Archival, Entry, Marker, Report, Result, Update, Writer
from backend.models import Task

POLL_SECONDS = 0.25
"""Between two looks at what others wrote and whether the lead is free: two cheap calls of the system."""
GATHER_SECONDS = 0.2
"""How long changes that nobody waits for are gathered."""
RETRY_SECONDS = 1.0
"""Between two tries to write what nobody waits for, while the disk refuses it."""
MOST_UNWRITTEN = 10_000
"""Changes kept in memory while the disk refuses them; then they are refused, too."""


async def open_store(
    folder: Path,
    *,
    clock: Clock | None = None,
    lead: bool = True,
    poll: float = POLL_SECONDS,
    disk: Disk | None = None,
    lock_timeout: float = 10.0,
    compact_after: int = COMPACT_AFTER,
) -> TaskStore:
    """Open or create the ledger in `folder`. Without `lead` this process never takes the lead.

    `clock` stamps changes; `poll` and `lock_timeout` are seconds of real time. Raises StoreError. Where the
    file system has no locks it opens read-only, with a notice, and every change raises StoreError.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="reeltop-ledger")
    make = partial(
        Writer, folder, lead=lead, disk=disk, lock_timeout=lock_timeout, compact_after=compact_after
    )
    try:
        writer = await asyncio.get_running_loop().run_in_executor(thread, make)
    except BaseException:
        thread.shutdown(wait=False)
        raise
    return TinyTaskStore(writer, Archive(folder / ARCHIVE_NAME), thread, clock or SystemClock(), poll)


@dataclass(eq=False, slots=True)
class _Pending:
    """An entry of the next batch, and who waits for it."""

    entry: Entry
    waiter: asyncio.Future[Task | None] | None = None


class TinyTaskStore:
    """Made by :func:`open_store`, on the loop that uses it."""

    def __init__(
        self, writer: Writer, archive: Archive, thread: ThreadPoolExecutor, clock: Clock, poll: float
    ) -> None:
        self._archive = archive
        self._loop = asyncio.get_running_loop()
        self._writer = writer
        self._thread = thread
        self._clock = clock
        self._poll_seconds = poll
        self._tasks = dict(_oldest_first(writer.tasks))
        self._view = MappingProxyType(self._tasks)
        self._listeners = Listeners(self._loop)
        self._report = writer.report()
        self._said = self._report.notices
        self._write_problem = ""
        self._read_problem = ""
        self._queue: list[_Pending] = []
        self._in_work: list[_Pending] = []
        self._waited_for: Counter[str] = Counter()
        self._busy = False
        self._due = False
        self._gathering: asyncio.TimerHandle | None = None
        self._closed = False
        self._polling = self._loop.call_later(poll, self._look)

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def tasks(self) -> Mapping[str, Task]:
        return self._view

    @property
    def leads(self) -> bool:
        return self._report.leads and not self._closed

    @property
    def notices(self) -> tuple[str, ...]:
        problems = self._write_problem, self._read_problem
        return (*self._report.notices, *dict.fromkeys(filter(None, problems)))

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    # -- writing ------------------------------------------------------------------------------------------

    async def add(self, tasks: Iterable[Task]) -> None:
        await self._put(Addition(tuple(tasks)))

    async def update(self, task_id: str, change: Change, *, durable: bool = True) -> Task:
        update = Update(task_id, change, self._clock.now())
        if durable or task_id in self._waited_for or task_id not in self._tasks:
            task = await self._put(update)
            assert task is not None  # noqa: S101 - for the type checker: an update results in a task
            return task
        return self._update_at_once(update)

    async def archive(self, task_ids: Iterable[str]) -> None:
        await self._put(Archival(tuple(task_ids)))

    async def archived(self) -> tuple[Sequence[Archived], int]:
        entries, damage = await asyncio.to_thread(self._archive.read)
        return [entry for entry in entries if entry.id not in self._tasks], damage

    async def flush(self) -> None:
        if self._queue or self._in_work:
            await self._enqueued(Marker())

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._polling.cancel()
        try:
            await self.flush()
        finally:
            self._polling.cancel()
            self._stop_gathering()
            await self._loop.run_in_executor(self._thread, self._writer.close)
            self._thread.shutdown()

    async def _put(self, entry: Entry) -> Task | None:
        self._check_writable()
        return await self._enqueued(entry)

    async def _enqueued(self, entry: Entry) -> Task | None:
        waiter: asyncio.Future[Task | None] = self._loop.create_future()
        self._queue.append(_Pending(entry, waiter))
        if isinstance(entry, Update):
            self._waited_for[entry.task_id] += 1
        if not self._due:
            self._due = True
            self._loop.call_soon(self._write)
        return await waiter

    def _update_at_once(self, update: Update) -> Task:
        self._check_writable()
        update.before = before = self._tasks[update.task_id]
        update.after = after = apply_change(before, update.change, update.at)
        if after is not before:
            if len(self._queue) >= MOST_UNWRITTEN and self._write_problem:
                raise StoreError(self._write_problem)
            self._queue.append(_Pending(update))
            self._show(update.task_id, after)
            self._gather(GATHER_SECONDS)
        return after

    def _check_writable(self) -> None:
        if self._closed:
            raise StoreError(_("the ledger is closed"))
        if self._report.refusal:
            raise StoreError(self._report.refusal)

    # -- jobs of the thread, one at a time ----------------------------------------------------------------

    def _gather(self, seconds: float) -> None:
        if self._gathering is None:
            self._gathering = self._loop.call_later(seconds, self._write)

    def _stop_gathering(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None

    def _write(self) -> None:
        self._stop_gathering()
        self._due = bool(self._queue)
        if self._busy or not self._queue:
            return
        self._due = False
        self._in_work, self._queue = self._queue, []
        self._run(partial(self._writer.write, [pending.entry for pending in self._in_work]), self._written)

    def _look(self) -> None:
        self._polling = self._loop.call_later(self._poll_seconds, self._look)
        if not self._busy:
            self._run(self._writer.look, self._looked)

    def _run(self, job: Callable[[], Report], then: Callable[[Report], None]) -> None:
        self._busy = True

        def finished(future: asyncio.Future[Report]) -> None:
            self._busy = False
            error = None if future.cancelled() else future.exception()
            if error is not None:
                then(self._broken(error))
            elif not future.cancelled():
                then(future.result())
            if self._due and not self._busy:
                self._write()

        self._loop.run_in_executor(self._thread, job).add_done_callback(finished)

    def _broken(self, error: BaseException) -> Report:
        """Return the report of a job that failed in a way that nobody foresaw."""
        old = self._report
        return Report(
            error=StoreError(_("the ledger failed: {error!r}").format(error=error)),
            leads=old.leads,
            notices=old.notices,
        )

    # -- what came of them --------------------------------------------------------------------------------

    def _written(self, report: Report) -> None:
        batch, self._in_work = self._in_work, []
        self._waited_for -= Counter(
            pending.entry.task_id
            for pending in batch
            if pending.waiter is not None and isinstance(pending.entry, Update)
        )
        self._write_problem = _sentence(report.error) if report.error else ""
        if report.error:
            self._queue[:0] = [pending for pending in batch if pending.waiter is None]
            if self._queue:
                self._gather(RETRY_SECONDS)
        else:
            self._give_up_failed(batch, report)
        self._settle(report)
        for index, pending in enumerate(batch):
            result = StoreError(str(report.error)) if report.error else report.results[index]
            _answer(pending.waiter, result)
        if report.wants_compaction and not self._due and not self._closed:
            self._run(self._writer.compact, self._looked)

    def _looked(self, report: Report) -> None:
        self._read_problem = _sentence(report.error) if report.error else ""
        self._settle(report)

    def _give_up_failed(self, batch: Sequence[_Pending], report: Report) -> None:
        """Have what was seen too early be replaced by what is."""
        for pending, result in zip(batch, report.results, strict=True):
            entry = pending.entry
            if isinstance(result, Exception) and pending.waiter is None and isinstance(entry, Update):
                report.changed.setdefault(entry.task_id, self._writer.tasks.get(entry.task_id))

    def _settle(self, report: Report) -> None:
        """Show what a report says, under the changes that are still to be written."""
        on_top: dict[str, list[Update]] = defaultdict(list)
        if report.changed:
            for pending in self._queue:
                if pending.waiter is None and isinstance(pending.entry, Update):
                    on_top[pending.entry.task_id].append(pending.entry)
        is_late = False
        for task_id, task in report.changed.items():
            for update in on_top.get(task_id, ()):
                task = task and _applied(update, task)
            is_late = is_late or self._is_late(task_id, task)
            self._show(task_id, task)
        if is_late:
            self._sort()
        was_leading, said = self._report.leads, self._said
        self._report = report
        self._said = self.notices
        if report.leads != was_leading or self._said != said:
            self._listeners.tell_standing()

    def _show(self, task_id: str, task: Task | None) -> None:
        if self._tasks.get(task_id) is task:
            return
        if task is None:
            del self._tasks[task_id]
        else:
            self._tasks[task_id] = task
        self._listeners.tell(task_id)

    def _is_late(self, task_id: str, task: Task | None) -> bool:
        """Whether a task is older than those before it: it is back from the archive, or made elsewhere."""
        if task is None or not self._tasks or task_id in self._tasks:
            return False
        return task.created_at < next(reversed(self._tasks.values())).created_at

    def _sort(self) -> None:
        tasks = _oldest_first(self._tasks)
        self._tasks.clear()
        self._tasks.update(tasks)


def _oldest_first(tasks: Mapping[str, Task]) -> list[tuple[str, Task]]:
    return sorted(tasks.items(), key=lambda item: item[1].created_at)


def _applied(update: Update, task: Task) -> Task:
    """Return what an update makes of a newer version; the version itself where it is forbidden now."""
    if update.before is not task:
        try:
            update.after = apply_change(task, update.change, update.at)
        except Exception:
            return task  # the writer tries it, too, and drops it
        update.before = task
    return update.after or task


def _answer(waiter: asyncio.Future[Task | None] | None, result: Result) -> None:
    if waiter is None or waiter.done():
        return
    if isinstance(result, Exception):
        waiter.set_exception(result)
    else:
        waiter.set_result(result)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
