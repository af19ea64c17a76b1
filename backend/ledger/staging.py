"""Calls made under the lock and not yet on the disk: in memory already, and how to take them back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from backend.ledger.content import Documents, put
from backend.ledger.lines import Setting


class Staging:
    """False while there is nothing to write."""

    def __init__(self) -> None:
        self.calls: list[list[Setting]] = []
        self._undo: list[Callable[[], object]] = []
        self._thinned: list[dict[str, bytes]] = []

    def __bool__(self) -> bool:
        return bool(self._undo)

    def put(self, documents: Documents, call: list[Setting]) -> None:
        """Set and remove documents as one call."""
        for table, document, text in call:
            if table not in documents:
                self._undo.append(partial(documents.pop, table))
            before = put(documents, table, document, text)
            self._undo.append(partial(put, documents, table, document, before))
            if text is None:
                self._thinned.append(documents[table])
        if call:
            self.calls.append(call)

    def undo_by(self, action: Callable[[], object]) -> None:
        """Remember what takes back something that was done beside the calls."""
        self._undo.append(action)

    def roll_back(self) -> None:
        """Take everything back."""
        while self._undo:
            self._undo.pop()()
        for rows in {id(rows): rows for rows in self._thinned}.values():
            in_order = sorted(rows.items(), key=lambda row: (len(row[0]), row[0]))
            rows.clear()  # what was removed and came back stands at the end
            rows.update(in_order)
        self.clear()

    def clear(self) -> None:
        """Forget everything: it is on the disk."""
        self.calls, self._undo, self._thinned = [], [], []
