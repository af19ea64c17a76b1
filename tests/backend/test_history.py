from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.history import History
from backend.models import Origin, Status, Task

SENT = datetime(2026, 1, 1, tzinfo=UTC)
TASK = Task(
    id="a",
    account="kling",
    provider="kling",
    operation="text2video",
    model="kling-v3",
    origin=Origin(base_url="https://api.example", endpoint="/v1"),
    request={},
    created_at=SENT,
    updated_at=SENT,
    sent_at=SENT,
)


def finished(task_id: str, seconds: float, status: Status = Status.SUCCEEDED) -> Task:
    return replace(TASK, id=task_id, status=status, finished_at=SENT + timedelta(seconds=seconds))


def test_two_runs_are_too_few_to_tell() -> None:
    history = History()
    history.learn([finished("a", 10), finished("b", 20)])
    assert history.typical_seconds(TASK) is None


def test_the_median_of_succeeded_runs_each_counted_once() -> None:
    history = History()
    for _ in range(3):
        history.learn([finished("a", 10), finished("b", 20), finished("c", 90)])
    history.learn([finished("d", 1, Status.FAILED), replace(TASK, id="e", status=Status.RUNNING)])
    assert history.typical_seconds(TASK) == 20
    assert history.runs(TASK) == 3


def test_other_models_do_not_count() -> None:
    history = History()
    history.learn([finished(name, 10) for name in "abc"])
    assert history.typical_seconds(replace(TASK, model="kling-v1")) is None


def test_only_the_latest_runs_are_remembered() -> None:
    history = History()
    history.learn([finished(f"slow{number}", 500) for number in range(60)])
    history.learn([finished(f"quick{number}", 5) for number in range(50)])
    assert history.typical_seconds(TASK) == 5
