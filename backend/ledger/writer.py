"""Tasks on the journal: everything here runs in the ledger's one thread.

A batch is what came together while the last one was being written. Under the lock, others' news are taken in,
every change of the batch is made to the newest version of its task, and all goes to the disk in one append: a
line for each addition and for each task with a change that somebody waits for, one line for all other tasks:
that is quicker, and damage to it costs what could be asked for again. One change that cannot be made spoils
no other.
"""

from __future__ import annotations

import gc
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from backend.deferred import defer
from backend.errors import StoreError
from backend.language import _
from backend.ledger.archive import ARCHIVE_NAME, Archive
from backend.ledger.disk import Disk
from backend.ledger.sharing import FileLock, LocksUnsupportedError
from backend.ledger.storage import COMPACT_AFTER
from backend.ledger.store import Change, apply_change
from backend.ledger.table import JournalDB, JournalTable
from backend.models import TRANSITIONS, Task
from backend.records import decode, encode, is_of_this_version

TABLE = "tasks"
LEAD_NAME = "lead.lock"
MANY = 1000
"""Tasks from which on Python's garbage collector is kept from walking over all of them."""


@dataclass(eq=False, slots=True)
class Addition:
    """New tasks, all or none."""

    tasks: tuple[Task, ...]


@dataclass(eq=False, slots=True)
class Update:
    """A change to one task."""

    task_id: str
    change: Change
    at: datetime
    before: Task | None = None
    """The version that :attr:`after` was made from, where the change was made already."""
    after: Task | None = None


@dataclass(eq=False, slots=True)
class Marker:
    """Nothing to write, but something to wait for."""


@dataclass(eq=False, slots=True)
class Archival:
    """Finished tasks to be put away, all or none."""

    task_ids: tuple[str, ...]


Entry = Addition | Update | Archival | Marker
Result = Task | Exception | None
_Work = dict[str, tuple[Task, bytes]]
"""New versions of a batch and their records, by task id."""


@dataclass(slots=True)
class Report:
    """What came of a batch, or of a look at the disk."""

    results: list[Result] = field(default_factory=list)
    """For each entry the new version, the exception that it raised, or None."""
    changed: dict[str, Task | None] = field(default_factory=dict)
    """The newest version of each task that changed, here or elsewhere; None if it is gone."""
    error: StoreError | None = None
    """Why nothing of the batch was written."""
    refusal: str = ""
    """Why nothing can be written at all, empty if it can."""
    leads: bool = False
    notices: tuple[str, ...] = ()
    wants_compaction: bool = False


class Writer:
    """The ledger's files and what they say. Raises StoreError when opened; later, reports say so."""

    def __init__(
        self,
        folder: Path,
        *,
        lead: bool,
        disk: Disk | None = None,
        lock_timeout: float = 10.0,
        compact_after: int = COMPACT_AFTER,
    ) -> None:
        """Open the ledger in `folder`, read it and take the lead if it is wanted and free."""
        self._db = JournalDB(
            folder,
            disk=disk,
            lock_timeout=lock_timeout,
            compact_after=compact_after,
            auto_compact=False,
        )
        table = self._db.table(TABLE)
        assert isinstance(table, JournalTable)  # noqa: S101 - for the type checker
        self._table = table
        self._storage = table._storage
        self.tasks: dict[str, Task] = {}
        """Every task, as the disk has it."""
        self._doc_ids: dict[str, int] = {}
        self._task_ids: dict[int, str] = {}
        self._unreadable: set[int] = set()
        self._foreign: set[int] = set()
        """Documents with a record of a newer version."""
        self._archive = Archive(folder / ARCHIVE_NAME, disk)
        self._lead = FileLock(folder / LEAD_NAME) if lead else None
        self._storage.take_changes()
        doc_ids = [int(document) for document in self._storage.documents.get(TABLE, ())]
        with _uncollected() if len(doc_ids) >= MANY else nullcontext():
            self._adopt(doc_ids)
        self._retry_lead()

    def report(self) -> Report:
        """Return how things stand."""
        return self._finished(Report())

    def write(self, batch: Sequence[Entry]) -> Report:
        """Write a batch. On return it is on the disk, or the report has an error and none of it is."""
        report = Report()
        work: _Work = {}
        waited_for = {entry.task_id for entry in batch if isinstance(entry, Update) and entry.after is None}
        try:
            with self._storage.exclusive():
                report.changed = self._take_changes()
                additions: list[Addition] = []
                away: _Work = {}
                for entry in batch:
                    report.results.append(self._tried(entry, work, additions, away))
                doc_ids = self._stage(work, additions, waited_for)
                self._put_away(away)
        except StoreError as error:
            report.error = error
            report.changed |= self._take_changes()
        else:
            self._count_in(doc_ids)
            made = {task_id: task for task_id, (task, _) in work.items()}
            self.tasks.update(made)
            report.changed |= made
            for task_id in away:
                report.changed |= self._forget(self._doc_ids[task_id])
        return self._finished(report)

    def look(self) -> Report:
        """Take in what others wrote, and the lead if it has become free."""
        report = Report()
        try:
            self._retry_lead()
            self._storage.refresh()
        except StoreError as error:
            report.error = error
        report.changed = self._take_changes()
        return self._finished(report)

    def compact(self) -> Report:
        """Write a new snapshot, if one is due."""
        report = Report()
        try:
            if self._storage.wants_compaction:
                self._storage.compact()
        except StoreError as error:
            report.error = error
        report.changed = self._take_changes()
        return self._finished(report)

    def close(self) -> None:
        """Give up the lead and close the files."""
        if self._lead is not None:
            self._lead.close()
        self._db.close()

    # -- reading ------------------------------------------------------------------------------------------

    def _take_changes(self) -> dict[str, Task | None]:
        return self._adopt(
            int(document) for table, document in self._storage.take_changes() if table == TABLE
        )

    def _adopt(self, doc_ids: Iterable[int]) -> dict[str, Task | None]:
        """Make tasks of documents; return those that changed."""
        changed: dict[str, Task | None] = {}
        texts = self._storage.documents.get(TABLE, {})
        for doc_id in sorted(doc_ids):
            text = texts.get(str(doc_id))
            self._unreadable.discard(doc_id)
            self._foreign.discard(doc_id)
            if text is None:
                changed |= self._forget(doc_id)
                continue
            if not is_of_this_version(text):
                self._foreign.add(doc_id)
            try:
                task = decode(text)
            except ValueError:
                self._unreadable.add(doc_id)
                continue
            if not TRANSITIONS[task.status]:
                defer(task, text)
            self._count_in({task.id: doc_id})
            changed[task.id] = self.tasks[task.id] = task
        return changed

    def _forget(self, doc_id: int) -> dict[str, Task | None]:
        task_id = self._task_ids.pop(doc_id, None)
        if task_id is None or self._doc_ids.get(task_id) != doc_id:
            return {}
        del self._doc_ids[task_id], self.tasks[task_id]
        return {task_id: None}

    def _count_in(self, doc_ids: Mapping[str, int]) -> None:
        self._doc_ids |= doc_ids
        self._task_ids |= {doc_id: task_id for task_id, doc_id in doc_ids.items()}

    # -- writing ------------------------------------------------------------------------------------------

    def _tried(self, entry: Entry, work: _Work, additions: list[Addition], away: _Work) -> Result:
        try:
            if isinstance(entry, Addition):
                work |= self._added(entry.tasks, work)
                additions.append(entry)
            elif isinstance(entry, Update):
                if entry.task_id in away:
                    raise KeyError(entry.task_id)
                return self._updated(entry, work)
            elif isinstance(entry, Archival):
                away |= self._archived(entry.task_ids, work)
        except Exception as error:
            return error
        return None

    def _added(self, tasks: Sequence[Task], work: _Work) -> _Work:
        added: _Work = {}
        for task in tasks:
            if task.id in self.tasks or task.id in work or task.id in added:
                raise StoreError(_("task {task} is in the ledger already").format(task=task.id))
            added[task.id] = task, _encoded(task, None)
        return added

    def _updated(self, entry: Update, work: _Work) -> Task:
        task_id = entry.task_id
        old = work[task_id][0] if task_id in work else self.tasks[task_id]
        foreign_text = self._foreign_text(task_id)
        if entry.before is old and entry.after is not None:
            new = entry.after
        else:
            new = apply_change(old, entry.change, entry.at)
        if new is not old:
            work[task_id] = new, _encoded(new, foreign_text)
        return new

    def _archived(self, task_ids: Iterable[str], work: _Work) -> _Work:
        away: _Work = {}
        for task_id in task_ids:
            task = work[task_id][0] if task_id in work else self.tasks[task_id]
            if not task.status.is_final or task_id not in self._doc_ids:
                raise StoreError(
                    _("task {task} is {status}: only finished ones can be archived").format(
                        task=task_id, status=task.status.word
                    )
                )
            if self._doc_ids[task_id] in self._unreadable:
                raise StoreError(
                    _("task {task} was changed by a newer version of reeltop").format(task=task_id)
                )
            record = self._storage.documents[TABLE][str(self._doc_ids[task_id])]
            away[task_id] = task, work[task_id][1] if task_id in work else record
        return away

    def _put_away(self, away: _Work) -> None:
        """Have tasks in the archive, on the disk, before they are taken out of the ledger."""
        if not away:
            return
        try:
            self._archive.append(away.values())
        except OSError as error:
            raise StoreError(
                _("the archive cannot be written: {reason}").format(reason=error.strerror or error)
            ) from error
        self._table.put({self._doc_ids[task_id]: None for task_id in away})

    def _foreign_text(self, task_id: str) -> bytes | None:
        """Return the record if a newer version wrote it. Raises StoreError if it cannot be read at all."""
        doc_id = self._doc_ids.get(task_id)
        if doc_id in self._unreadable:
            raise StoreError(_("task {task} was changed by a newer version of reeltop").format(task=task_id))
        return self._storage.documents[TABLE][str(doc_id)] if doc_id in self._foreign else None

    def _stage(
        self, work: _Work, additions: Sequence[Addition], waited_for: Container[str]
    ) -> dict[str, int]:
        """Put all versions into the journal; return the document ids of the new tasks."""
        doc_ids: dict[str, int] = {}
        for addition in additions:
            numbered = dict(enumerate((task.id for task in addition.tasks), self._table.next_id()))
            self._table.put({doc_id: work[task_id][1] for doc_id, task_id in numbered.items()})
            doc_ids |= {task_id: doc_id for doc_id, task_id in numbered.items()}
        alone: dict[int, bytes | None] = {}
        together: dict[int, bytes | None] = {}
        for task_id, (*_rest, text) in work.items():
            if task_id not in doc_ids:
                (alone if task_id in waited_for else together)[self._doc_ids[task_id]] = text
        self._table.put_each(alone)
        self._table.put(together)
        return doc_ids

    # -- standing -----------------------------------------------------------------------------------------

    def _retry_lead(self) -> None:
        if self._lead is None:
            return
        if self._lead.held and not self._lead.still_counts():
            self._lead.close()
        if not self._lead.held:
            with suppress(LocksUnsupportedError):  # the storage's notice says so already
                self._lead.try_acquire()

    def _finished(self, report: Report) -> Report:
        report.leads = self._lead is not None and self._lead.held
        report.refusal = self._storage.refusal
        report.notices = tuple(self._storage.notices)
        if self._unreadable:
            report.notices += (
                _(
                    "Records in the ledger that this version of reeltop cannot read, kept as they are: "
                    "{count}."
                ).format(count=len(self._unreadable)),
            )
        report.wants_compaction = self._storage.wants_compaction
        return report


def _encoded(task: Task, over: bytes | None) -> bytes:
    try:
        return encode(task, over=over)
    except ValueError as error:
        raise StoreError(
            _("task {task} cannot be recorded: {error}").format(task=task.id, error=error)
        ) from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make objects that live as long as the process, outside the garbage collector's rounds.

    Each of its full rounds would hold up every thread for 100 ms with 10,000 tasks.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
