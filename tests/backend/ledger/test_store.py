"""The task store as the rest of reeltop uses it, in one process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backend.errors import StoreError, TransitionError
from backend.ledger import tinydb_store
from backend.ledger.store import TaskStore
from backend.models import TRANSITIONS, Status, Task
from backend.records import to_json
from tests.backend.ledger.conftest import Opener
from tests.backend.ledger.helpers import LEDGER, THEN, BadDisk, make_task, note, progress, to, until


class StillClock:
    """Stands until it is set."""

    def __init__(self) -> None:
        self.time = THEN

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits by this clock")


async def test_what_was_added_is_there_after_reopening(opened: Opener) -> None:
    store = await opened()
    tasks = [make_task("b", prompt="一只猫 [bold]x[/bold]"), make_task("a"), make_task("c")]
    await store.add(tasks[:2])
    await store.add(tasks[2:])
    assert list(store.tasks.values()) == tasks
    await store.close()
    again = await opened()
    assert list(again.tasks.values()) == tasks
    assert again.leads
    assert again.notices == ()


async def test_the_view_is_live_and_cannot_be_written(store: TaskStore) -> None:
    tasks = store.tasks
    await store.add([make_task()])
    assert list(tasks) == ["a"]
    with pytest.raises(TypeError):
        tasks["b"] = make_task("b")  # type: ignore[index]


async def test_a_known_id_is_refused_with_all_that_came_with_it(store: TaskStore) -> None:
    await store.add([make_task("a")])
    for tasks in ([make_task("b"), make_task("a")], [make_task("b"), make_task("b")]):
        with pytest.raises(StoreError, match="is in the ledger already"):
            await store.add(tasks)
    await store.add([])
    assert list(store.tasks) == ["a"]


async def test_a_durable_change_is_on_the_disk(folder: Path, opened: Opener) -> None:
    clock = StillClock()
    store = await opened(clock=clock)
    await store.add([make_task()])
    clock.time = THEN + timedelta(hours=1)
    task = await store.update("a", to(Status.SUBMITTING))
    assert task is store.tasks["a"]
    assert task == make_task(status=Status.SUBMITTING, updated_at=clock.time)
    last = (folder / LEDGER).read_bytes().splitlines()[-1]
    assert json.loads(last)[2] == to_json(task)


async def test_a_durable_change_is_not_seen_before_it_is_on_the_disk(store: TaskStore) -> None:
    await store.add([make_task()])
    update = asyncio.ensure_future(store.update("a", to(Status.SUBMITTING)))
    await asyncio.sleep(0)
    assert store.tasks["a"] == make_task()
    task = await update
    assert store.tasks["a"] is task


async def test_another_change_is_seen_at_once_and_soon_on_the_disk(folder: Path, store: TaskStore) -> None:
    await store.add([make_task("a"), make_task("b")])
    before = (folder / LEDGER).read_bytes()
    for number in range(100):
        await store.update("ab"[number % 2], progress(number / 100), durable=False)
    assert [task.progress for task in store.tasks.values()] == [0.98, 0.99]
    assert (folder / LEDGER).read_bytes() == before
    await until(lambda: (folder / LEDGER).stat().st_size > len(before), 1.0)
    await asyncio.sleep(0.05)
    written = (folder / LEDGER).read_bytes()[len(before) :]
    assert written.count(b"\n") == 1
    assert b'"progress":0.98' in written
    assert b'"progress":0.99' in written


async def test_flush_does_not_wait_for_the_time(folder: Path, store: TaskStore) -> None:
    await store.add([make_task()])
    await store.update("a", progress(0.5), durable=False)
    await store.flush()
    assert b'"progress":0.5' in (folder / LEDGER).read_bytes()


async def test_closing_writes_what_is_left(opened: Opener) -> None:
    store = await opened()
    await store.add([make_task()])
    await store.update("a", progress(0.5), durable=False)
    await store.close()
    await store.close()
    for attempt in (
        store.add([make_task("b")]),
        store.update("a", progress(1.0)),
        store.update("a", progress(1.0), durable=False),
    ):
        with pytest.raises(StoreError, match="closed"):
            await attempt
    assert not store.leads
    assert (await opened()).tasks["a"].progress == 0.5


async def test_changes_of_a_task_keep_their_order(opened: Opener) -> None:
    store = await opened()
    await store.add([make_task()])
    words = [str(number) for number in range(40)]
    await asyncio.gather(*(store.update("a", note(word), durable=int(word) % 3 == 0) for word in words))
    assert [event.words for event in store.tasks["a"].events] == words
    await store.close()
    assert [event.words for event in (await opened()).tasks["a"].events] == words


async def test_many_at_once_share_a_sync(opened: Opener) -> None:
    disk = BadDisk()
    store = await opened(disk=disk)
    await store.add(make_task(str(number)) for number in range(200))
    disk.syncs = 0
    await asyncio.gather(*(store.update(str(number), to(Status.SUBMITTING)) for number in range(200)))
    assert disk.syncs <= 2
    assert {task.status for task in store.tasks.values()} == {Status.SUBMITTING}


@pytest.mark.parametrize("durable", [True, False])
async def test_only_allowed_transitions(store: TaskStore, durable: bool) -> None:
    for before in Status:
        for after in Status:
            task_id = f"{before}-{after}"
            await store.add([make_task(task_id, status=before)])
            if before is after or after in TRANSITIONS[before]:
                assert (await store.update(task_id, to(after), durable=durable)).status is after
            else:
                with pytest.raises(TransitionError, match=f"from {before} to {after}"):
                    await store.update(task_id, to(after), durable=durable)
                assert store.tasks[task_id].status is before


@pytest.mark.parametrize("durable", [True, False])
async def test_a_change_that_cannot_be_made_is_said(store: TaskStore, durable: bool) -> None:
    await store.add([make_task("a"), make_task("b")])

    def broken(task: Task) -> Task:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.update("a", broken, durable=durable)
    with pytest.raises(StoreError, match="cannot become"):
        await store.update("a", lambda task: replace(task, id="b"), durable=durable)
    with pytest.raises(KeyError):
        await store.update("nobody", progress(1.0), durable=durable)
    assert dict(store.tasks) == {"a": make_task("a"), "b": make_task("b")}


async def test_one_bad_change_spoils_no_other(store: TaskStore) -> None:
    await store.add([make_task("a"), make_task("b")])
    bad = replace(make_task(), request={"thing": object()})
    results = await asyncio.gather(
        store.update("a", lambda task: bad),
        store.update("b", progress(0.5)),
        store.update("a", to(Status.FAILED)),
        store.add([bad]),
        store.add([make_task("c")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StoreError, Task, TransitionError, StoreError, type(None)]
    assert store.tasks["b"].progress == 0.5
    assert list(store.tasks) == ["a", "b", "c"]


async def test_what_cannot_be_recorded_is_taken_back(store: TaskStore) -> None:
    await store.add([make_task()])
    await store.update("a", lambda task: replace(task, request={"thing": object()}), durable=False)
    await store.flush()
    assert store.tasks["a"] == make_task()


async def test_no_change_writes_nothing(folder: Path, store: TaskStore) -> None:
    await store.add([make_task()])
    size = (folder / LEDGER).stat().st_size
    heard: list[frozenset[str]] = []
    store.subscribe(heard.append)
    assert await store.update("a", lambda task: replace(task)) == make_task()
    assert await store.update("a", lambda task: replace(task), durable=False) == make_task()
    await store.flush()
    await asyncio.sleep(0)
    assert heard == []
    assert (folder / LEDGER).stat().st_size == size


async def test_listeners_hear_once_a_turn(store: TaskStore) -> None:
    heard: list[frozenset[str]] = []
    also: list[frozenset[str]] = []
    store.subscribe(heard.append)
    end = store.subscribe(also.append)
    await store.add([make_task("a"), make_task("b"), make_task("c")])
    await asyncio.sleep(0)
    assert heard == also == [{"a", "b", "c"}]
    end()
    end()
    for number in range(10):
        await store.update("ab"[number % 2], progress(number / 10), durable=False)
    assert len(heard) == 1
    await asyncio.sleep(0)
    assert heard[1:] == [{"a", "b"}]
    await store.flush()
    await asyncio.sleep(0.05)
    assert len(heard) == 2
    assert len(also) == 1


async def test_a_broken_listener_keeps_nobody_from_hearing(store: TaskStore) -> None:
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))
    heard: list[frozenset[str]] = []

    def broken(ids: frozenset[str]) -> None:
        raise ZeroDivisionError

    store.subscribe(broken)
    store.subscribe(heard.append)
    await store.add([make_task()])
    await asyncio.sleep(0)
    assert heard == [{"a"}]
    assert isinstance(problems[0]["exception"], ZeroDivisionError)


async def test_who_stops_waiting_does_not_take_the_change_back(store: TaskStore) -> None:
    await store.add([make_task()])
    update = asyncio.ensure_future(store.update("a", to(Status.SUBMITTING)))
    await asyncio.sleep(0)
    update.cancel()
    await store.flush()
    assert store.tasks["a"].status is Status.SUBMITTING
    await store.update("a", progress(0.5), durable=False)
    assert store.tasks["a"].progress == 0.5


async def test_a_full_disk_refuses_what_must_be_safe_and_keeps_the_rest(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tinydb_store, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(tinydb_store, "MOST_UNWRITTEN", 3)
    disk = BadDisk()
    store = await opened(disk=disk)
    await store.add([make_task("a"), make_task("b")])
    heard: list[frozenset[str]] = []
    store.subscribe(heard.append)
    disk.failing = {"write"}
    await store.update("a", progress(0.5), durable=False)
    for attempt in (store.update("a", to(Status.SUBMITTING)), store.add([make_task("c")]), store.flush()):
        with pytest.raises(StoreError, match="No space left"):
            await attempt
    await asyncio.sleep(0)
    assert heard == [{"a"}, set()]
    assert [words.endswith("cannot be written: No space left on device.") for words in store.notices] == [
        True
    ]
    assert list(store.tasks) == ["a", "b"]
    assert store.tasks["a"].status is Status.WAITING
    assert store.tasks["a"].progress == 0.5
    for number in range(2):
        await store.update("b", progress(number / 4), durable=False)
    with pytest.raises(StoreError, match="No space left"):
        await store.update("b", progress(0.75), durable=False)
    disk.failing = set()
    await until(lambda: not store.notices)
    await store.close()
    again = await opened()
    assert [task.progress for task in again.tasks.values()] == [0.5, 0.25]


async def test_closing_with_a_full_disk_says_so_and_closes(opened: Opener) -> None:
    disk = BadDisk()
    store = await opened(disk=disk)
    await store.add([make_task()])
    disk.failing = {"write"}
    await store.update("a", progress(0.5), durable=False)
    with pytest.raises(StoreError, match="No space left"):
        await store.close()
    assert (await opened()).leads


async def test_new_snapshots_are_made_by_the_way(folder: Path, opened: Opener) -> None:
    store = await opened(compact_after=20_000)
    await store.add([make_task("a"), make_task("b")])
    for number in range(100):
        await store.update("a", note("x" * number))
    await store.close()
    header = json.loads((folder / LEDGER).read_bytes().splitlines()[0])[1]
    assert header["generation"] > 3
    again = await opened()
    assert len(again.tasks["a"].events) == 100


async def test_the_loop_is_not_held_up_by_loading(opened: Opener) -> None:
    store = await opened()
    await store.add(make_task(str(number), last_answer="x" * 1500) for number in range(3000))
    await store.close()
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)  # turns are counted, not time: a busy machine has as many
            beats += 1

    beating = asyncio.ensure_future(beat())
    again = await opened()
    beating.cancel()
    assert len(again.tasks) == 3000
    assert beats >= 100


async def test_what_somebody_waits_for_has_a_line_of_its_own(folder: Path, store: TaskStore) -> None:
    await store.add([make_task(name) for name in "abcd"])
    before = len((folder / LEDGER).read_bytes())
    for name in "abc":
        await store.update(name, progress(0.5), durable=False)
    await asyncio.gather(store.update("c", to(Status.SUBMITTING)), store.update("d", to(Status.SUBMITTING)))
    lines = [json.loads(line) for line in (folder / LEDGER).read_bytes()[before:].splitlines()]
    assert [[record["id"] for record in line[2:]] for line in lines] == [["c"], ["d"], ["a", "b"]]
