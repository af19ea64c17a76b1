"""A folder in which batch files appear. Blocks, briefly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.batches.reading import READERS

DONE = "done"
FAILED = "failed"
_RESULTS = ".results.jsonl"
_PROBLEMS = ".problems.txt"


@dataclass(frozen=True, slots=True)
class _Look:
    """What tells whether a file is still being written."""

    size: int
    changed: int


class Inbox:
    """Finds the files that are complete, and puts them away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, _Look] = {}

    def complete(self) -> Iterator[Path]:
        """Yield the batch files that are as they were at the last call: whoever wrote them has finished.

        Raises OSError for a folder that cannot be read.
        """
        looks = {path: look for path in self._files() if (look := _look(path)) is not None}
        for path, look in sorted(looks.items()):
            if self._seen.get(path) == look:
                yield path
        self._seen = looks

    def put_away(self, path: Path, where: str, problems: str = "") -> Path:
        """Move a file and its results into a folder of ours beside it; return where it is now.

        A name that is taken there gets a number. Raises OSError.
        """
        folder = self._folder / where
        folder.mkdir(exist_ok=True)
        number = 1
        while True:
            target = folder / (path.name if number == 1 else f"{path.stem}.{number}{path.suffix}")
            try:
                os.link(path, target)  # unlike a rename it replaces nothing
                break
            except FileExistsError:
                number += 1
            except OSError:  # a file system without links
                if not target.exists():
                    path.rename(target)
                    break
                number += 1
        path.unlink(missing_ok=True)
        results = path.with_name(path.name + _RESULTS)
        if results.exists():
            results.replace(target.with_name(target.name + _RESULTS))
        if problems:
            target.with_name(target.name + _PROBLEMS).write_text(problems, encoding="utf-8")
        self._seen.pop(path, None)
        return target

    def _files(self) -> Iterator[Path]:
        for path in self._folder.iterdir():
            is_ours = path.name.endswith(_RESULTS)
            if path.suffix.lower() in READERS and not path.name.startswith(".") and not is_ours:
                yield path


def _look(path: Path) -> _Look | None:
    try:
        told = path.stat()
    except OSError:
        return None  # gone meanwhile
    return _Look(told.st_size, told.st_mtime_ns) if path.is_file() and told.st_size else None
