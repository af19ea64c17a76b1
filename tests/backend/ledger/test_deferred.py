"""What of finished tasks stays in their records until it is asked for."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.deferred import DEFERRED
from backend.models import TRANSITIONS, Status, Task, TaskEvent
from backend.records import encode, to_json
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import THEN, make_task, note, until

TASKS = {
    status.value: replace(
        make_task(status.value, prompt="一只猫 [bold]x[/bold]"),
        status=status,
        request={"prompt": "一只猫 [bold]x[/bold]", "seed": 3, "frames": ["一只猫 [bold]x[/bold]"]},
        events=tuple(
            TaskEvent(at=THEN + timedelta(seconds=each), what="status", words=f"雨 {each}")
            for each in range(3)
        ),
        last_answer='{"data": "雨"}',
    )
    for status in Status
}


def left_out(task: Task) -> set[str]:
    """Return the fields that have no value of their own."""
    found = set()
    for name in Task.__dataclass_fields__:
        try:
            vars(Task)[name].__get__(task)
        except AttributeError:
            found.add(name)
    return found


async def test_tasks_that_have_ended_are_as_they_were_though_parts_stay_in_their_records(
    opened: Opener,
) -> None:
    store = await opened()
    await store.add(TASKS.values())
    await store.close()
    again = await opened()
    for task_id, task in TASKS.items():
        found = again.tasks[task_id]
        assert left_out(found) == (set() if TRANSITIONS[task.status] else DEFERRED), task_id
        assert found == task
        assert found.events == task.events
        assert encode(found) == encode(task)
        assert to_json(found) == to_json(task)
        assert replace(found, note="x") == replace(task, note="x")
        assert pickle.loads(pickle.dumps(found)) == task
        assert "雨 2" in repr(found)
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            found.nothing  # type: ignore[attr-defined]  # noqa: B018


async def test_a_change_of_such_a_task_loses_nothing_of_it(opened: Opener) -> None:
    store = await opened()
    await store.add(TASKS.values())
    await store.close()
    store = await opened()
    changed = await store.update("failed", note("by hand"))
    at_once = await store.update("succeeded", note("by hand"), durable=False)
    assert at_once.last_answer == TASKS["succeeded"].last_answer
    await store.close()
    again = await opened()
    for task_id, task in (("failed", changed), ("succeeded", at_once)):
        assert again.tasks[task_id] == task
        assert task.events[: len(TASKS[task_id].events)] == TASKS[task_id].events


async def test_what_another_process_changes_is_read_from_its_newest_record(opened: Opener) -> None:
    mine, other = await opened(), await opened()
    await mine.add(TASKS.values())
    await mine.update("failed", note("first"))
    await mine.flush()
    await other.flush()
    await until(lambda: "failed" in other.tasks and other.tasks["failed"] == mine.tasks["failed"])
    await mine.update("failed", note("second"))
    await until(lambda: other.tasks["failed"] == mine.tasks["failed"])
    assert left_out(other.tasks["failed"]) == DEFERRED
    assert other.tasks["failed"].events == mine.tasks["failed"].events
