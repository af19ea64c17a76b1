"""What becomes of a task's file, as changes to its record. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.engine import changes
from backend.language import recorded
from backend.ledger.store import Change
from backend.models import ArtifactState, Failure, RemoteFile, Task


def with_fields(index: int, **fields: Any) -> Change:
    """Return the change of some fields of the `index`-th artifact."""

    def change(task: Task) -> Task:
        if index >= len(task.artifacts):
            return task
        artifacts = list(task.artifacts)
        artifacts[index] = replace(artifacts[index], **fields)
        return replace(task, artifacts=tuple(artifacts))

    return change


def begun(index: int, remote: RemoteFile, size: int, now: datetime) -> Change:
    """A download begins, or goes on behind the `size` bytes that are here."""
    host = urlsplit(remote.url).hostname or recorded("the account's own address")
    fields = {"state": ArtifactState.DOWNLOADING, "failure": None, "bytes_done": size}
    words = (recorded("resumed from {host}") if size else recorded("begun from {host}")).format(host=host)
    return _with_event(with_fields(index, **fields), now, "download", words)


def renewed(index: int, remote: RemoteFile, now: datetime) -> Change:
    """The provider, asked for a fresh link, named one."""

    def change(task: Task) -> Task:
        is_new = task.artifacts[index].remote.url != remote.url
        words = recorded("a fresh link") if is_new else recorded("asked for a fresh link: it is the same one")
        return _with_event(with_fields(index, remote=remote), now, "download", words)(task)

    return change


def saved(index: int, path: Path, size: int, checks: Sequence[str], now: datetime) -> Change:
    """A file is here, whole."""
    fields = {
        "state": ArtifactState.SAVED,
        "path": str(path),
        "bytes_done": size,
        "bytes_total": size,
        "checks": tuple(checks),
        "failure": None,
        "saved_at": now,
    }
    return _with_event(with_fields(index, **fields), now, "saved", str(path))


def failed(index: int, failure: Failure, size: int, now: datetime) -> Change:
    """A download has failed for now, and `size` bytes are here."""
    fields = {"state": ArtifactState.FAILED, "failure": failure, "bytes_done": size}
    words = recorded("download failed: {words}").format(words=failure.words or failure.meaning)
    return _with_event(with_fields(index, **fields), now, "trouble", words)


def without_sidecar(words: str, now: datetime) -> Change:
    """A file is saved, and what tells of it could not be written beside it."""
    return _with_event(
        lambda task: task, now, "trouble", recorded("no JSON beside the file: {words}").format(words=words)
    )


def _with_event(inner: Change, now: datetime, what: str, words: str) -> Change:
    def change(task: Task) -> Task:
        return changes.with_event(inner(task), now, what, words)

    return change
