"""TinyDB's table over the journal: what names its documents costs what it changes, not what is stored.

Inserting, and reading, updating or removing by document id, touch those documents alone. Everything else is
TinyDB's own code: it reads the whole table and records what became different, still as one line, still safe
between processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from backend.ledger.storage import JournalStorage
from backend.records import dumps

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class JournalTable(Table):
    """A table of a :class:`JournalDB`."""

    _storage: JournalStorage
    _cached_version = -1

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert one document and return its id."""
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert documents, all or none, and return their ids."""
        with self._storage.exclusive():
            texts: dict[int, bytes] = {}
            next_id = self._storage.next_id(self.name)
            for document in documents:
                if not isinstance(document, Mapping):
                    raise ValueError("Document is not a Mapping")  # noqa: TRY004 - as TinyDB does
                doc_id = document.doc_id if isinstance(document, self.document_class) else next_id
                if doc_id in texts or str(doc_id) in self._texts:
                    raise ValueError(f"Document with ID {doc_id} already exists")
                texts[doc_id] = dumps(dict(document))
                next_id = max(next_id, doc_id + 1)
            self.put(texts)
        return list(texts)

    def update(
        self,
        fields: Fields,
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        """Update documents by id or by condition and return their ids."""
        if doc_ids is None:
            return super().update(fields, cond)
        with self._storage.exclusive():
            texts: dict[int, bytes] = {}
            for doc_id in doc_ids:
                text = self._texts.get(str(doc_id))
                if text is not None:
                    texts[doc_id] = _updated(texts.get(doc_id, text), fields)
            self.put(texts)
        return list(texts)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove documents by id or by condition and return their ids."""
        if doc_ids is None:
            return super().remove(cond)
        with self._storage.exclusive():
            present = [doc_id for doc_id in dict.fromkeys(doc_ids) if str(doc_id) in self._texts]
            self.put(dict.fromkeys(present))
        return present

    def get(  # type: ignore[override]
        self,
        cond: QueryLike | None = None,
        doc_id: int | None = None,
        doc_ids: list[int] | None = None,
    ) -> Document | list[Document] | None:
        """Return the document, or documents, of an id, of ids or of a condition."""
        if doc_id is None:
            return super().get(cond, doc_id, doc_ids)  # type: ignore[arg-type]
        self._storage.refresh()
        text = self._texts.get(str(doc_id))
        return None if text is None else self.document_class(json.loads(text), doc_id)

    def search(self, cond: QueryLike) -> list[Document]:
        """Return the documents that meet a condition."""
        self._storage.refresh()
        if self._cached_version != self._storage.version:
            self.clear_cache()
            self._cached_version = self._storage.version
        return super().search(cond)

    def put(self, texts: Mapping[int, bytes | None]) -> None:
        """Set documents to JSON texts, or remove those given None; as one line."""
        if texts:
            self._storage.put(self.name, {str(doc_id): text for doc_id, text in texts.items()})

    def put_each(self, texts: Mapping[int, bytes | None]) -> None:
        """Do as :meth:`put`, but with a line for each document."""
        with self._storage.exclusive():
            self._storage.put_each(self.name, {str(doc_id): text for doc_id, text in texts.items()})

    def next_id(self) -> int:
        """Return the id that an inserted document would get; it stays so only under the lock."""
        return self._storage.next_id(self.name)

    def __len__(self) -> int:
        self._storage.refresh()
        return len(self._texts)

    @property
    def _texts(self) -> Mapping[str, bytes]:
        return self._storage.documents.get(self.name, {})

    def _get_next_id(self) -> int:
        return self.next_id()

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with self._storage.exclusive():
            super()._update_table(updater)


class JournalDB(TinyDB):
    """TinyDB on a ledger's folder: ``JournalDB(folder)``."""

    table_class = JournalTable
    default_storage_class = JournalStorage  # type: ignore[assignment]

    def __init__(self, folder: Path, **options: Any) -> None:
        """Open or create it. `options` are those of :class:`JournalStorage`. Raises StoreError."""
        super().__init__(folder, **options)

    def drop_table(self, name: str) -> None:
        """Drop a table and all that is in it."""
        assert isinstance(self.storage, JournalStorage)  # noqa: S101 - for the type checker
        with self.storage.exclusive():
            super().drop_table(name)


def _updated(text: bytes, fields: Fields) -> bytes:
    document = json.loads(text)
    if callable(fields):
        fields(document)
    else:
        document.update(fields)
    return dumps(document)
