"""The sandbox's memory of jobs, in an append-only file so that a restarted sandbox knows them.

One JSON object a line: a job as it was made, or ``{"deleted": [account, id]}``. Lines that cannot be read
(the last one after a crash) are skipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backend.files import replace_file
from backend.paths import PRIVATE_FILE, make_private_folder
from backend.sandbox.jobs import Job

CAPACITY = 20_000
"""Jobs that are kept; the oldest are forgotten first."""


class Books:
    """Jobs by id, external id and file token; in memory alone if there is no path."""

    def __init__(self, path: Path | None = None, capacity: int = CAPACITY) -> None:
        self._path = path
        self._capacity = capacity
        self._descriptor: int | None = None
        self._jobs: dict[tuple[str, str], Job] = {}
        self._by_account: dict[str, dict[str, Job]] = {}
        self._by_external: dict[tuple[str, str], Job] = {}
        self._by_token: dict[str, Job] = {}
        self._open: dict[str, dict[str, Job]] = {}
        self._counts: dict[str, int] = {}

    def load(self) -> None:
        """Read the file and open it for writing. Blocks: call it in a thread. Raises OSError."""
        if self._path is None:
            return
        make_private_folder(self._path.parent)
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        for line in lines:
            self._read(line)
        if len(lines) > 2 * len(self._jobs) + 100:
            replace_file(self._path, "".join(_line(job.to_json()) for job in self._jobs.values()))
        self._descriptor = os.open(
            self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE
        )
        if lines:
            os.write(self._descriptor, b"\n")  # Ends a line that a crash cut off.

    def close(self) -> None:
        """Close the file; what is in memory stays readable."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def add(self, job: Job) -> None:
        """Remember a new job."""
        self._write(job.to_json())
        self._put(job)

    def delete(self, job: Job) -> None:
        """Forget a job for good."""
        self._write({"deleted": [job.account, job.id]})
        self._drop(job)

    def count(self, provider: str) -> int:
        """Return how many jobs a provider ever had: the number of its next one."""
        return self._counts.get(provider, 0)

    def find(self, account: str, job_id: str) -> Job | None:
        """Return the job with this id."""
        return self._jobs.get((account, job_id))

    def find_external(self, account: str, external_id: str) -> Job | None:
        """Return the newest job with this external id."""
        return self._by_external.get((account, external_id))

    def find_token(self, token: str) -> Job | None:
        """Return the job whose files this token names."""
        return self._by_token.get(token)

    def newest(self, account: str) -> Iterator[Job]:
        """Yield an account's jobs, newest first."""
        yield from reversed(self._by_account.get(account, {}).values())

    def open(self, account: str, is_open: Callable[[Job], bool]) -> list[Job]:
        """Return the account's jobs that are still open; a job that once was not is not asked again."""
        kept = {job_id: job for job_id, job in self._open.get(account, {}).items() if is_open(job)}
        self._open[account] = kept
        return list(kept.values())

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        """Yield all jobs, oldest first."""
        yield from self._jobs.values()

    def _put(self, job: Job) -> None:
        if len(self._jobs) >= self._capacity:
            self._drop(next(iter(self._jobs.values())))
        self._jobs[job.account, job.id] = job
        self._by_account.setdefault(job.account, {})[job.id] = job
        self._open.setdefault(job.account, {})[job.id] = job
        self._by_token[job.token] = job
        if job.external_id:
            self._by_external[job.account, job.external_id] = job
        self._counts[job.provider] = max(self.count(job.provider), job.number + 1)

    def _drop(self, job: Job) -> None:
        self._jobs.pop((job.account, job.id), None)
        self._by_account.get(job.account, {}).pop(job.id, None)
        self._open.get(job.account, {}).pop(job.id, None)
        self._by_token.pop(job.token, None)
        if job.external_id and self.find_external(job.account, job.external_id) == job:
            del self._by_external[job.account, job.external_id]

    def _read(self, line: bytes) -> None:
        try:
            values = json.loads(line)
            if "deleted" in values:
                account, job_id = values["deleted"]
                job = self.find(account, job_id)
                if job is not None:
                    self._drop(job)
            else:
                self._put(Job.from_json(values))
        except (ValueError, TypeError, KeyError, AttributeError):
            return

    def _write(self, values: Mapping[str, Any]) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, _line(values).encode())


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")) + "\n"
