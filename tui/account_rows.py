"""How an account has done lately, as rows of its detail. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from backend.language import _
from backend.text import clean_line
from backend.track_records import TrackRecord
from backend.views import quota_words
from tui.detail import Row
from tui.formatters import code_and_words, listed, rough, sparkline

if TYPE_CHECKING:
    from backend.models import AccountHealth
    from backend.service import AccountCheck


def traffic_rows(health: AccountHealth) -> Iterator[Row]:
    """Yield what its requests have been like just now."""
    if health.requests is None:
        yield Row(_("Requests"), _("not asked from here"))
        return
    words = _("{requests} in the last minute, {errors} without an answer")
    yield Row(_("Requests"), words.format(requests=health.requests, errors=health.errors))
    if health.latency is not None:
        least, most = min(health.latencies), max(health.latencies)
        words = _("{line} in {time} usually")
        if len(health.latencies) > 1:
            words = _("{line} in {time} usually, {least} to {most}")
        told = words.format(
            line=sparkline(health.latencies), time=_took(health.latency), least=_took(least), most=_took(most)
        )
        yield Row(_("Answers"), told)


def record_rows(record: TrackRecord, now: datetime) -> Iterator[Row]:
    """Yield what came of its last tasks, and what went wrong last."""
    if not record.total:
        yield Row(_("Success"), _("no task has ended yet"))
        return
    share = int(100 * record.succeeded / record.total)
    words = _("{share}% of the last {count} finished: {succeeded} succeeded")
    parts = [words.format(share=share, count=record.total, succeeded=record.succeeded)]
    parts += [_("{count} failed").format(count=record.failed)] if record.failed else []
    parts += [_("{count} refused").format(count=record.rejected)] if record.rejected else []
    yield Row(_("Success"), listed(parts))
    if record.last_failure is not None and record.failed_at is not None:
        ago = rough((now - record.failed_at).total_seconds())
        words = _("{span} ago: {words}").format(span=ago, words=code_and_words(record.last_failure))
        yield Row(_("Last error"), words, "bad")


def quota_rows(check: AccountCheck) -> Iterator[Row]:
    """Yield what is left to spend, where the provider told it when it was tested."""
    for quota in check.quotas:
        yield Row(_("Left"), clean_line(quota_words(quota)), "" if quota.left > 0 else "bad")
    if check.quota_failure is not None:
        yield Row(
            _("Left"), _("not told: {words}").format(words=code_and_words(check.quota_failure)), "doubtful"
        )


def _took(seconds: float) -> str:
    if seconds >= 1:
        return _("{number} s").format(number=f"{seconds:.1f}")
    return _("{number} ms").format(number=f"{seconds * 1000:.0f}")
