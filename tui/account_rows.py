"""How an account has done lately, as rows of its detail. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from backend.text import clean_line
from backend.track_records import TrackRecord
from backend.views import quota_words
from tui.detail import Row
from tui.formatters import code_and_words, rough, sparkline

if TYPE_CHECKING:
    from backend.models import AccountHealth
    from backend.service import AccountCheck


def traffic_rows(health: AccountHealth) -> Iterator[Row]:
    """Yield what its requests have been like just now."""
    if health.requests is None:
        yield Row("Requests", "asked by another reeltop")
        return
    yield Row("Requests", f"{health.requests} in the last minute, {health.errors} without an answer")
    if health.latency is not None:
        least, most = min(health.latencies), max(health.latencies)
        spread = f", {_took(least)} to {_took(most)}" if len(health.latencies) > 1 else ""
        yield Row("Answers", f"{sparkline(health.latencies)} in {_took(health.latency)} usually{spread}")


def record_rows(record: TrackRecord, now: datetime) -> Iterator[Row]:
    """Yield what came of its last tasks, and what went wrong last."""
    if not record.total:
        yield Row("Success", "no task has ended yet")
        return
    share = int(100 * record.succeeded / record.total)
    parts = [f"{share}% of the last {record.total} finished: {record.succeeded} succeeded"]
    parts += [f"{record.failed} failed"] if record.failed else []
    parts += [f"{record.rejected} refused"] if record.rejected else []
    yield Row("Success", ", ".join(parts))
    if record.last_failure is not None and record.failed_at is not None:
        ago = rough((now - record.failed_at).total_seconds())
        yield Row("Last error", f"{ago} ago: {code_and_words(record.last_failure)}", "bad")


def quota_rows(check: AccountCheck) -> Iterator[Row]:
    """Yield what is left to spend, where the provider told it when it was tested."""
    for quota in check.quotas:
        yield Row("Left", clean_line(quota_words(quota)), "" if quota.left > 0 else "bad")
    if check.quota_failure is not None:
        yield Row("Left", f"not told: {code_and_words(check.quota_failure)}", "doubtful")


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
