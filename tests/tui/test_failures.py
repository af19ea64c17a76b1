"""What fails alike: the line above the table, the list, and the way to its tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.failure_groups import group_failures
from backend.models import AccountHealth, Failure, FailureKind, Status, Task, Trouble
from tests.tui.conftest import Running
from tests.tui.fakes import NOW, POLICY, UNREACHABLE, FakeService, ago, ahead, make_task
from tests.tui.test_dashboard import dashboard, on_top, settle, shown
from tui.failure_words import notices_of
from tui.screens.failure_list import FailureList

BUSY = Failure(kind=FailureKind.RATE_LIMIT, code="1303", words="parallel task over resource pack limit")


def busy(task_id: str, seconds: float = 8) -> Task:
    trouble = Trouble(failure=BUSY, since=ago(9), count=1, next_try=ahead(seconds))
    return make_task(task_id, Status.WAITING, trouble=trouble)


def test_trouble_of_an_account_is_told_once_with_what_it_holds_up() -> None:
    groups = group_failures([busy("a"), busy("b"), busy("c", 3)])
    trouble = Trouble(failure=BUSY, since=ago(9), count=1, next_try=ahead(8))
    assert notices_of(groups, {"studio": AccountHealth(waiting=12, trouble=trouble)}, NOW) == [
        "studio, 3 tasks, 12 waiting to be sent, retrying in 8 s: 1303 parallel task over resource pack limit"
    ]


def test_trouble_that_tasks_share_is_told_and_what_is_over_is_not() -> None:
    failed = [make_task(name, Status.FAILED, failure=POLICY) for name in "xy"]
    assert notices_of(group_failures([busy("a"), busy("b", 3), *failed]), {}, NOW) == [
        "studio, 2 tasks, retrying in 3 s: 1303 parallel task over resource pack limit"
    ]
    assert notices_of(group_failures([busy("a")]), {}, NOW) == []
    quiet = Trouble(failure=UNREACHABLE, since=ago(9), count=1)
    assert notices_of([], {"[b]": AccountHealth(trouble=quiet)}, NOW) == ["[b], on hold: connection refused"]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 45)])
async def test_the_list_of_failures_leads_to_their_tasks(
    running: Running, service: FakeService, size: tuple[int, int]
) -> None:
    words = replace(POLICY, words="内容安全 [policy]")
    service.put(*(make_task(f"cjk{n}", Status.FAILED, account="relay", failure=words) for n in range(3)))
    async with running(size) as pilot:
        await pilot.press("2", "F")
        await pilot.pause(0.2)
        assert isinstance(on_top(pilot), FailureList)
        assert "1301 内容" in shown(pilot)
        service.put(busy("late01"), busy("late02"))
        await settle(pilot)
        assert "1303 " in shown(pilot)
        await pilot.press("home", "down", "down", "enter")
        await settle(pilot)
        screen = dashboard(pilot)
        assert on_top(pilot) is screen
        assert set(screen.tasks.keys) == {"cjk0", "cjk1", "cjk2"}
        assert screen.tasks.view == 0
        await pilot.press("escape")
        assert len(screen.tasks.keys) == len(service.tasks)


async def test_without_failures_there_is_no_list(running: Running, service: FakeService) -> None:
    service._by_id.clear()
    service.put(make_task("well01"))
    async with running() as pilot:
        await pilot.press("F")
        assert on_top(pilot) is dashboard(pilot)
        assert "No task has failed or is in trouble" in shown(pilot)
