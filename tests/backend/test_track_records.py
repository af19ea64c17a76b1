"""What came of an account's last tasks."""

from __future__ import annotations

from datetime import timedelta

from backend.models import Failure, FailureKind, Status, Task
from backend.track_records import REMEMBERED, TrackRecord, TrackRecords
from tests.backend.test_query import NOW, task


def ended(task_id: str, minutes: float, status: Status, words: str = "", account: str = "kling-cn") -> Task:
    failure = Failure(kind=FailureKind.FAILED_TASK, words=words) if words else None
    at = NOW - timedelta(minutes=minutes)
    return task(task_id, status=status, failure=failure, account=account, finished_at=at)


def test_only_what_has_ended_well_or_badly_counts_each_task_once() -> None:
    records = TrackRecords()
    tasks = [
        ended("a", 9, Status.SUCCEEDED),
        ended("b", 8, Status.FAILED, "why [b]"),
        ended("c", 7, Status.REJECTED, "no"),
        ended("d", 6, Status.CANCELLED),
        ended("e", 5, Status.LOST, "gone"),
        task("f", status=Status.RUNNING),
        ended("g", 1, Status.SUCCEEDED, account="other"),
    ]
    records.learn(tasks)
    records.learn(tasks)
    record = records.of("kling-cn")
    assert (record.succeeded, record.failed, record.rejected, record.total) == (1, 1, 1, 3)
    assert record.last_failure == tasks[2].failure
    assert record.failed_at == NOW - timedelta(minutes=7)
    assert records.of("other").total == 1
    assert records.of("nobody") == TrackRecord()


def test_the_last_by_their_end_count_in_whatever_order_they_come() -> None:
    records = TrackRecords()
    good = [ended(f"g{n}", n, Status.SUCCEEDED) for n in range(REMEMBERED)]
    records.learn([*good, ended("old", 9000, Status.FAILED, "long ago")])
    record = records.of("kling-cn")
    assert (record.succeeded, record.failed) == (REMEMBERED, 0)
    assert record.last_failure is not None
    assert record.last_failure.words == "long ago"
    records.learn([ended("new", -1, Status.FAILED, "just now")])
    record = records.of("kling-cn")
    assert (record.succeeded, record.failed, record.total) == (REMEMBERED - 1, 1, REMEMBERED)
    assert record.last_failure is not None
    assert record.last_failure.words == "just now"
