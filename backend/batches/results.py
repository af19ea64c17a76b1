"""The result file of a batch: what came of each row, replaced as a whole as rows end."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from backend.batches.plan import Entry, State
from backend.errors import UsageError
from backend.files import replace_file
from backend.language import _
from backend.models import ArtifactState, Task
from backend.text import clean_line

COLUMNS = (
    "batch",
    "row",
    "line",
    "account",
    "operation",
    "state",
    "task",
    "status",
    "failure",
    "code",
    "request_id",
    "files",
    "charged",
)
_PAUSE = 1.0
"""Seconds between two versions of the file, at least."""
_EASE = 10.0
"""How many times longer than writing it took it is left alone."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula for a spreadsheet."""


def result_of(batch: str, entry: Entry, task: Task | None) -> dict[str, Any]:
    """Return what came of a row, as JSON values under :data:`COLUMNS`.

    ``state`` is how the row stood when the batch was run, ``files`` those that are here.
    """
    failure = task.failure if task else None
    return {
        "batch": batch,
        "row": entry.row.key,
        "line": entry.row.line or None,
        "account": entry.row.account,
        "operation": entry.row.operation,
        "state": entry.state.value if not entry.sends else State.NEW.value,
        "task": task.id if task else None,
        "status": task.status.value if task else None,
        "failure": clean_line(failure.words or failure.meaning) if failure else None,
        "code": failure.code if failure else None,
        "request_id": failure.request_id if failure else None,
        "files": _files(task) if task else [],
        "charged": [{"amount": str(each.amount), "unit": each.unit} for each in task.charges] if task else [],
    }


class ResultFile:
    """One file, as CSV if its name says so, else as JSON Lines."""

    def __init__(self, path: Path, batch: Path) -> None:
        """`batch` is the batch's own file. Raises UsageError for a path that holds something else."""
        self.path = path
        self._as_csv = path.suffix.lower() == ".csv"
        self._changed = asyncio.Event()
        self._writing = Lock()
        if path.absolute() == batch.absolute():
            raise UsageError(_("--results: is the batch file itself"))
        if not self._is_ours():
            raise UsageError(
                _("--results {path}: is there already and holds no results; it is left alone").format(
                    path=path
                )
            )

    @asynccontextmanager
    async def kept(self, results: Callable[[], Iterable[Mapping[str, Any]]]) -> AsyncIterator[None]:
        """Write the file whenever :meth:`touch` was called, not too often, and at the end. Raises OSError."""
        keeping = asyncio.create_task(self._keep(results))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self.write(results)

    async def write(self, results: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        """Write the file now. Raises OSError."""
        await asyncio.to_thread(self._write, results)

    def touch(self) -> None:
        """Say that something has changed."""
        self._changed.set()

    async def _keep(self, results: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            started = monotonic()
            await self.write(results)
            await asyncio.sleep(max(_PAUSE, _EASE * (monotonic() - started)))

    def _write(self, results: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        with self._writing:  # a writer that was cancelled still runs: the last version comes last
            text = _as_csv(results()) if self._as_csv else _as_lines(results())
            replace_file(self.path, text, private_folder=False)

    def _is_ours(self) -> bool:
        try:
            with self.path.open(encoding="utf-8-sig") as file:
                first = file.readline(100_000)
        except FileNotFoundError:
            return True
        except (OSError, UnicodeDecodeError):
            return False
        if self._as_csv:
            return not first or first.strip().split(",") == list(COLUMNS)
        try:
            return not first or set(COLUMNS) <= set(json.loads(first))
        except (ValueError, TypeError):
            return False


def default_path(batch: Path) -> Path:
    """Return where the results of a batch file lie: beside it."""
    return batch.with_name(f"{batch.name}.results.jsonl")


def _as_lines(results: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps(result, ensure_ascii=True)}\n" for result in results)


def _as_csv(results: Iterable[Mapping[str, Any]]) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(result[column]) for column in COLUMNS] for result in results)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        text = "; ".join(
            f"{item['amount']} {item['unit']}" if isinstance(item, dict) else item for item in value
        )
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _files(task: Task) -> Sequence[str]:
    saved = (item for item in task.artifacts if item.state is ArtifactState.SAVED)
    return [item.path for item in saved if item.path]
