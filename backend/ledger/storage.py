"""TinyDB's storage over the journal: documents in memory, a line on disk for each call, shared by lock.

Documents are kept as their JSON text, so memory holds what the disk holds, whatever a caller does to a
document that it was given. :class:`~backend.ledger.table.JournalTable` reads and writes single documents;
TinyDB's own operations go through :meth:`JournalStorage.read` and :meth:`~JournalStorage.write`, which see
everything and record the difference.

Where the file system has no locks the ledger is read-only: everything is shown, nothing is written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from backend.errors import StoreError
from backend.language import N_, _
from backend.ledger.content import Content, put
from backend.ledger.disk import Disk
from backend.ledger.journal import Journal
from backend.ledger.lines import DamagedLineError, Setting
from backend.ledger.sharing import FileLock, LocksUnsupportedError
from backend.ledger.staging import Staging
from backend.records import dumps

FILE_NAME = "tasks.jsonl"
LOCK_NAME = "tasks.lock"
COMPACT_AFTER = 16 * 2**20
"""Bytes appended that make a new snapshot worth its while, unless the snapshot itself is longer."""
BACKUPS = 3
"""Former generations that are kept: a new one is made when enough was appended, and once a day."""
_DAY = 24 * 3600.0


class JournalStorage(Storage):
    """One ledger folder, opened. For use by one thread at a time. Methods raise StoreError."""

    def __init__(
        self,
        folder: Path,
        *,
        disk: Disk | None = None,
        lock_timeout: float = 10.0,
        compact_after: int = COMPACT_AFTER,
        auto_compact: bool = True,
    ) -> None:
        """Open or create the ledger in `folder`. `lock_timeout` is in seconds."""
        self.documents: dict[str, dict[str, bytes]] = {}
        """JSON text of each document, by table and id; only to be read."""
        self.notices: list[str] = []
        self.version = 0
        """Grows with every change, whoever made it."""
        self._folder = folder
        self._disk = disk or Disk()
        self._lock = FileLock(folder / LOCK_NAME)
        self._lock_timeout = lock_timeout
        self._compact_after = compact_after
        self._compact_not_before = 0
        self._auto_compact = auto_compact
        self._backup_due = 0.0
        """By the monotonic clock: when to look whether the newest backup is a day old."""
        self._journal = Journal(folder / FILE_NAME, self._disk)
        self.refusal = ""
        """Why nothing can be written at all, empty if it can."""
        self._depth = 0
        self._staging = Staging()
        self._next_ids: dict[str, int] = {}
        self._changed: set[tuple[str, str]] = set()
        self._repair_failed = False
        try:
            with self._explained(N_("the ledger in {folder} cannot be opened: {reason}")):
                self._open()
        except BaseException:
            self.close()
            raise

    # -- TinyDB's interface -------------------------------------------------------------------------------

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return all documents, parsed: copies, in the newest version."""
        self.refresh()
        tables = {
            table: {document: json.loads(text) for document, text in rows.items()}
            for table, rows in self.documents.items()
        }
        return tables or None

    def write(self, data: Mapping[str, Mapping[Any, Mapping[str, Any]]]) -> None:
        """Make `data` all that there is, as one line."""
        wanted = {
            table: {str(document): _encoded(value) for document, value in rows.items()}
            for table, rows in data.items()
        }
        with self.exclusive():
            call: list[Setting] = []
            for table in {**self.documents, **wanted}:
                old, new = self.documents.get(table, {}), wanted.get(table, {})
                call += [(table, document, None) for document in old if document not in new]
                call += [(table, *row) for row in new.items() if old.get(row[0]) != row[1]]
            self._stage(call)
            if wanted.keys() != self.documents.keys():
                self._set_tables(wanted)

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        self._lock.close()

    # -- single documents ---------------------------------------------------------------------------------

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock, with all news read; what is put inside is on the disk afterwards, or none of it.

        May be nested: the outermost one counts.
        """
        if not self._depth:
            self._begin()
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._commit()
        except BaseException:
            if self._depth == 1:
                self._roll_back()
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._lock.release()

    def put(self, table: str, texts: Mapping[str, bytes | None]) -> None:
        """Set documents to JSON texts, or remove those given None; one call, so one line."""
        call = [(table, document, text) for document, text in texts.items()]
        if self._depth:
            self._stage(call)
            return
        with self.exclusive():
            self._stage(call)

    def put_each(self, table: str, texts: Mapping[str, bytes | None]) -> None:
        """Set documents, or remove them, each by a call of its own; to be called under the lock."""
        for document, text in texts.items():
            self._count_new(table, document)
            self._staging.put(self.documents, [(table, document, text)])
        self.version += len(texts)

    def next_id(self, table: str) -> int:
        """Return an id that no document of the table has or, since the last snapshot, had."""
        return self._next_ids.get(table, 1)

    def refresh(self) -> None:
        """Take in what others wrote. Takes the lock only if something looks damaged; nothing under it."""
        if self._depth:
            return
        with self._explained(N_("the ledger in {folder} cannot be read: {reason}")):
            try:
                self._take_in(locked=False)
            except DamagedLineError:
                if not self._repair_failed and not self.refusal:
                    with self.exclusive():
                        pass

    def take_changes(self) -> set[tuple[str, str]]:
        """Return table and id of what others changed since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    @property
    def wants_compaction(self) -> bool:
        """Whether enough was appended for a new snapshot, or anything since yesterday's."""
        journal, snapshot = self._journal.journal_bytes, self._journal.snapshot_bytes
        if journal > max(self._compact_after, self._compact_not_before, snapshot):
            return True
        return journal > self._compact_not_before and self._is_backup_due()

    def compact(self) -> None:
        """Write a new snapshot. Without room for it, everything stays as it is."""
        with self.exclusive():
            self._compact()

    # -- how ----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._disk.make_folder(self._folder)
        try:
            if self._lock.try_acquire():
                self._lock.release()
        except LocksUnsupportedError as error:
            self.refusal = _("The ledger is read-only: {error}.").format(error=error)
            self.notices.append(self.refusal)
        content = self._journal.load()
        if content and (not content.damage or self.refusal):
            self._adopt(content)
        elif not self.refusal:
            self._journal.close()  # to be read again under the lock
            with self.exclusive():
                if not self._journal.is_open:
                    self._journal.rewrite({})

    def _begin(self) -> None:
        if self.refusal:
            raise StoreError(self.refusal)
        self._lock.acquire(self._lock_timeout)
        try:
            with self._explained(N_("the ledger in {folder} cannot be read: {reason}")):
                self._take_in(locked=True)
        except BaseException:
            self._lock.release()
            raise

    def _take_in(self, *, locked: bool) -> None:
        news = self._journal.news(salvage=locked)
        if news is None:
            content = self._journal.load()
            if content and content.damage and not locked and not self.refusal:
                self._journal.close()  # to be read again under the lock
                raise DamagedLineError
            if content:
                self._adopt(content)
        else:
            for table, document, text in news:
                if put(self.documents, table, document, text) != text:
                    self._note_change(table, document)
        if locked and self._journal.must_set_aside:
            self._repair()

    def _adopt(self, content: Content) -> None:
        """Make a loaded file the state, and note what differs from the one before."""
        old, new = self.documents, content.documents
        if content.damage:
            for table, rows in old.items():
                new[table] = {**rows, **new.get(table, {})}
            if self.refusal:
                self._notice(_("The ledger is damaged; what can be read is shown."))
        self.documents = new
        self._repair_failed = False
        for table in {**old, **new}:
            before, after = old.get(table, {}), new.get(table, {})
            for document in before.keys() - after.keys():
                self._note_change(table, document)
            for document, text in after.items():
                if before.get(document) != text:
                    self._note_change(table, document)

    def _note_change(self, table: str, document: str) -> None:
        self.version += 1
        self._changed.add((table, document))
        self._count(table, document)

    def _count(self, table: str, document: str) -> None:
        if document.isdecimal():
            self._next_ids[table] = max(self._next_ids.get(table, 1), int(document) + 1)

    def _count_new(self, table: str, document: str) -> None:
        if document not in self.documents.get(table, ()):
            self._count(table, document)

    def _repair(self) -> None:
        kept = sum(map(len, self.documents.values()))
        try:
            aside = self._journal.rewrite(self.documents)
        except OSError as error:
            self._repair_failed = True
            self._notice(
                _("The ledger is damaged and cannot be written anew ({reason}); {kept} kept.").format(
                    reason=error.strerror, kept=kept
                )
            )
        else:
            self._repair_failed = False
            self._notice(
                _("The ledger was damaged. {kept} tasks could be read and are kept; see {path}.").format(
                    kept=kept, path=aside
                )
            )

    def _notice(self, words: str) -> None:
        if words not in self.notices:
            self.notices.append(words)

    def _stage(self, call: list[Setting]) -> None:
        for table, document, *_rest in call:
            self._count(table, document)
        self._staging.put(self.documents, call)
        self.version += 1

    def _set_tables(self, names: Mapping[str, object]) -> None:
        """Create empty tables, drop emptied ones: no line says so, only a header does."""
        before = self.documents
        self._staging.undo_by(partial(setattr, self, "documents", before))
        self.documents = {name: before.get(name, {}) for name in names}
        self._journal.must_rewrite = True

    def _commit(self) -> None:
        if not self._staging:
            return
        journal = self._journal
        generation = journal.generation
        with self._explained(N_("the ledger in {folder} cannot be written: {reason}")):
            try:
                if journal.must_rewrite:
                    journal.rewrite(self.documents)
                else:
                    journal.append(self._staging.calls)
            except OSError:
                self._roll_back()
                if journal.generation != generation:
                    self._adopt_unsynced()
                raise
        self._staging.clear()
        if self._auto_compact and self.wants_compaction:
            self._compact()

    def _is_backup_due(self) -> bool:
        now = time.monotonic()
        if now < self._backup_due:
            return False
        age = 0.0
        # To be given a name changes a file's ctime; of a ledger without backup its lock tells the age.
        for path, kind in ((self._journal.backup(1), "st_ctime"), (self._folder / LOCK_NAME, "st_mtime")):
            with suppress(OSError):
                age = time.time() - getattr(path.stat(), kind)
                break
        self._backup_due = now + max(0.0, _DAY - max(age, 0.0))
        return age >= _DAY

    def _compact(self) -> None:
        with suppress(OSError):
            self._journal.keep_generation(BACKUPS)
        try:
            self._journal.rewrite(self.documents)
            self._compact_not_before = 0
        except OSError:
            self._compact_not_before = 2 * self._journal.journal_bytes

    def _adopt_unsynced(self) -> None:
        """Take over a new generation that is in place, though perhaps not on the disk yet."""
        with suppress(OSError):
            content = self._journal.load()
            if content:
                self._adopt(content)
        self._journal.must_rewrite = True

    def _roll_back(self) -> None:
        self._staging.roll_back()
        self.version += 1

    @contextmanager
    def _explained(self, sentence: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(_(sentence).format(folder=self._folder, reason=reason)) from error


def _encoded(value: Mapping[str, Any]) -> bytes:
    return dumps(dict(value))
