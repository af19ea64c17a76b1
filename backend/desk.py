"""The drafts that are open in the builder, a file each. No other reeltop has them open at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from backend.drafts import Draft, read_draft, save_draft
from backend.ledger.sharing import FileLock, LocksUnsupportedError
from backend.paths import make_private_folder

_LOCK = "lock"
_PATIENCE = 0.05
"""Seconds: another reeltop that only counts drafts has a folder for less."""


class Desk:
    """The open drafts by number, in order. Blocks: call it in a thread.

    A builder takes the first free folder of drafts, and into it what lies in other free ones. Its lock dies
    with the process, so that the drafts of one that was killed are free at once.
    """

    def __init__(self, folder: Path, former: Path) -> None:
        """`former` is the file of the only draft that earlier versions kept; it is taken over."""
        self._root = folder
        self._former = former
        self._folder: Path | None = None
        self._lock: FileLock | None = None
        self._last = 0
        self.shown = 0
        """The number of the draft that was worked at last; 0 if there is none."""
        self.elsewhere = 0
        """How many drafts others had open when these were taken."""

    def take(self) -> dict[int, Draft]:
        """Return the drafts that nobody has open, and keep others from opening them.

        Raises StoreError, OSError.
        """
        if self._folder is None:
            self._folder, self._lock = self._free_place()
        here = self._folder
        self._last = max(_numbers(here), default=0)
        self._adopt(self._former)
        self.elsewhere = 0
        for other in self._places():
            if other != here:
                self._empty(other)
        found = _readable(here)
        self.shown = max(
            found, key=lambda number: (_named(here, number).stat().st_mtime_ns, -number), default=0
        )
        return found

    def begin(self) -> int:
        """Return the number of a draft that comes after all others."""
        self._last += 1
        return self._last

    def save(self, number: int, draft: Draft) -> None:
        """Keep a draft. Raises OSError."""
        save_draft(self._path(number), draft)

    def show(self, number: int) -> None:
        """Remember that this is the draft being worked at. Raises OSError."""
        with suppress(FileNotFoundError):  # nothing was typed yet
            os.utime(self._path(number))

    def drop(self, number: int) -> None:
        """Take a draft off. Raises OSError."""
        self._path(number).unlink(missing_ok=True)

    def give_back(self) -> None:
        """Let others open the drafts."""
        self._folder = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def unsent(self) -> list[Draft]:
        """Return what is not sent of the drafts that no other reeltop has open.

        Raises StoreError, OSError.
        """
        found = [read_draft(self._former)]
        for place in self._places():
            lock = _locked(place) if place != self._folder else None
            if lock is not None or place == self._folder:
                found += _readable(place).values()
            if lock is not None:
                lock.close()
        return [draft for draft in found if draft is not None and draft.is_unsent]

    # -- inside -------------------------------------------------------------------------------------------

    def _path(self, number: int) -> Path:
        if self._folder is None:
            raise FileNotFoundError(self._root)
        return _named(self._folder, number)

    def _places(self) -> Sequence[Path]:
        return sorted(self._root.glob("open-*"), key=lambda path: (len(path.name), path.name))

    def _free_place(self) -> tuple[Path, FileLock]:
        number, lock = 0, None
        while lock is None:
            number += 1
            place = make_private_folder(self._root / f"open-{number}")
            lock = _locked(place, _PATIENCE)
        return place, lock

    def _adopt(self, path: Path) -> None:
        """Make a file one of ours. Another reeltop may do the same just now."""
        with suppress(FileNotFoundError):
            path.rename(self._path(self._last + 1))
            self._last += 1

    def _empty(self, place: Path) -> None:
        lock = _locked(place, _PATIENCE)
        if lock is None:
            self.elsewhere += sum(draft.is_unsent for draft in _readable(place).values())
            return
        for number in _numbers(place):
            self._adopt(_named(place, number))
        lock.close()


def _locked(place: Path, patience: float = 0.0) -> FileLock | None:
    """Return a folder's lock, or None if another reeltop has it. Raises StoreError."""
    lock = FileLock(place / _LOCK)
    end = time.monotonic() + patience
    try:
        while not lock.try_acquire():
            if time.monotonic() >= end:
                lock.close()
                return None
            time.sleep(_PATIENCE / 10)
    except LocksUnsupportedError:
        pass  # there is no more to be had
    return lock


def _named(place: Path, number: int) -> Path:
    return place / f"{number:06}.json"


def _numbers(place: Path) -> list[int]:
    return sorted(int(path.stem) for path in place.glob("*.json") if path.stem.isdecimal())


def _readable(place: Path) -> dict[int, Draft]:
    """What cannot be read stays where it is."""
    found = ((number, read_draft(_named(place, number))) for number in _numbers(place))
    return {number: draft for number, draft in found if draft is not None}
