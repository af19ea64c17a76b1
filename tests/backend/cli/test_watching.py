"""Watching against a service that is nothing but a feed and some tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from backend.cli import watching
from backend.cli.output import Output
from backend.feed import Changes, Feed
from backend.models import AccountHealth, FailureKind, Status, Task, Trouble
from backend.service import Service

from .helpers import make_task, trouble


class Acting:
    """Stands in for a service."""

    def __init__(self, *tasks: Task, leads: bool = True) -> None:
        self.tasks = {task.id: task for task in tasks}
        self.leads = leads
        self.feed = Feed()
        self.held: Trouble | None = None

    def changes(self) -> AsyncIterator[Changes]:
        return self.feed.subscribe()

    def health(self, account: str) -> AccountHealth:
        return AccountHealth(trouble=self.held)

    def is_settled(self, task: Task) -> bool:
        return task.status.is_final

    def change(self, task_id: str, **facts: Any) -> None:
        self.tasks[task_id] = replace(self.tasks[task_id], **facts)
        self.feed.publish(Changes(tasks=frozenset({task_id})))


def acting(*tasks: Task, leads: bool = True) -> tuple[Acting, Service]:
    service = Acting(*tasks, leads=leads)
    return service, cast(Service, service)


async def test_settle_tells_each_change_once(capsys: pytest.CaptureFixture[str]) -> None:
    actor, service = acting(make_task(Status.QUEUED))
    waiting = asyncio.create_task(watching.settle(service, Output(), ["abcd1234"], None))
    for facts in (
        {"status": Status.RUNNING},
        {"status": Status.RUNNING},
        {"progress": 0.5},
        {"trouble": trouble()},
        {"trouble": None, "status": Status.SUCCEEDED},
    ):
        await asyncio.sleep(0.01)
        actor.change("abcd1234", **facts)
    assert [task.status for task in await waiting] == [Status.SUCCEEDED]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "reeltop: abcd1234  queued",
        "reeltop: abcd1234  running",
        "reeltop: abcd1234  running 50%",
        "reeltop: abcd1234  running 50%  trouble: no answer",
        "reeltop: abcd1234  succeeded",
    ]


async def test_trouble_in_sending_is_told_once_not_at_each_try(capsys: pytest.CaptureFixture[str]) -> None:
    actor, service = acting(make_task(Status.WAITING))
    waiting = asyncio.create_task(watching.settle(service, Output(), ["abcd1234"], None))
    for facts in (
        {"status": Status.SUBMITTING},
        {"status": Status.WAITING, "trouble": trouble(since=datetime.now(UTC))},
        {"status": Status.SUBMITTING},
        {"status": Status.WAITING},
        {"status": Status.FAILED, "trouble": None},
    ):
        await asyncio.sleep(0.01)
        actor.change("abcd1234", **facts)
    await waiting
    assert capsys.readouterr().err.splitlines() == [
        "reeltop: abcd1234  waiting",
        "reeltop: abcd1234  submitting",
        "reeltop: abcd1234  waiting  trouble: no answer",
        "reeltop: abcd1234  failed",
    ]


async def test_settle_keeps_the_order_of_the_tasks() -> None:
    actor, service = acting(make_task(id="one"), make_task(id="two"))
    waiting = asyncio.create_task(watching.settle(service, Output(quiet=True), ["two", "one"], None))
    await asyncio.sleep(0.01)
    actor.change("one", status=Status.FAILED)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    actor.change("two", status=Status.SUCCEEDED)
    assert [task.id for task in await waiting] == ["two", "one"]


async def test_settle_ends_with_the_users_patience() -> None:
    _, service = acting(make_task(Status.RUNNING))
    tasks = await watching.settle(service, Output(quiet=True), ["abcd1234"], 0.05)
    assert tasks[0].status is Status.RUNNING


async def test_what_cannot_be_sent_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SENDING_SECONDS", 0.05)
    actor, service = acting(make_task(Status.WAITING, trouble=trouble()))
    waiting = asyncio.create_task(watching.settle(service, Output(quiet=True), ["abcd1234"], None))
    await asyncio.sleep(0.02)
    actor.change("abcd1234", trouble=trouble(count=2))
    async with asyncio.timeout(30):
        assert (await waiting)[0].status is Status.WAITING


@pytest.mark.parametrize("status", [Status.WAITING, Status.RUNNING])
async def test_a_wrong_key_is_not_waited_for_once_it_was_tried(status: Status) -> None:
    actor, service = acting(make_task(status, trouble=trouble(FailureKind.AUTH)))
    waiting = asyncio.create_task(watching.settle(service, Output(quiet=True), ["abcd1234"], None))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    actor.change("abcd1234", trouble=trouble(FailureKind.AUTH, count=2), updated_at=datetime.now(UTC))
    async with asyncio.timeout(30):
        assert (await waiting)[0].status is status


async def test_new_trouble_gets_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SENDING_SECONDS", 0.1)
    actor, service = acting(make_task(Status.WAITING))
    waiting = asyncio.create_task(watching.settle(service, Output(quiet=True), ["abcd1234"], None))
    await asyncio.sleep(0.15)
    actor.change("abcd1234", trouble=trouble(since=datetime.now(UTC)))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    actor.change("abcd1234", trouble=None, status=Status.SUCCEEDED)
    assert (await waiting)[0].status is Status.SUCCEEDED


@pytest.mark.parametrize("status", [Status.QUEUED, Status.REJECTED, Status.UNCONFIRMED])
async def test_a_task_is_handed_in_once_its_answer_is_there(status: Status) -> None:
    actor, service = acting(make_task(Status.WAITING))
    waiting = asyncio.create_task(watching.hand_in(service, Output(quiet=True), "abcd1234", None))
    await asyncio.sleep(0.01)
    actor.change("abcd1234", status=Status.SUBMITTING)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    actor.change("abcd1234", status=status)
    assert (await waiting).status is status


@pytest.mark.parametrize(("leads", "bound"), [(True, "SENDING_SECONDS"), (False, "HANDOVER_SECONDS")])
async def test_handing_in_has_an_end(monkeypatch: pytest.MonkeyPatch, leads: bool, bound: str) -> None:
    monkeypatch.setattr(watching, bound, 0.05)
    _, service = acting(make_task(Status.WAITING), leads=leads)
    async with asyncio.timeout(30):
        task = await watching.hand_in(service, Output(quiet=True), "abcd1234", None)
    assert task.status is Status.WAITING


async def test_a_task_behind_a_held_account_is_not_waited_for() -> None:
    stage, service = acting(make_task(status=Status.WAITING))
    (task_id,) = stage.tasks
    stage.held = trouble(FailureKind.AUTH)
    async with asyncio.timeout(30):
        task = await watching.hand_in(service, Output(as_json=False, quiet=True), task_id, None)
    assert task.status is Status.WAITING
