"""Having a film deleted at its provider, from the dashboard."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from backend.models import Status, Task
from backend.remote import Remote
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task, result
from tests.tui.test_dashboard import on_top, shown
from tests.tui.waiting import until
from tui.screens.confirm import ConfirmScreen


class Films:
    """Of which one provider offers deleting."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def can_delete(self, task: Task) -> bool:
        return task.account == "gateway"

    async def delete(self, task: Task) -> Task:
        self.deleted.append(task.id)
        return task


def stage(service: FakeService, account: str) -> Films:
    films = Films()
    service.remote = cast(Remote, films)
    task = make_task(status=Status.SUCCEEDED, artifacts=(result(),))
    service.put(replace(task, id="kept1", account=account, remote_id="r1"))
    return films


async def test_it_is_asked_first_and_told_what_is_lost(running: Running, service: FakeService) -> None:
    films = stage(service, "gateway")
    async with running((120, 40)) as pilot:
        await pilot.press("slash", *"kept1", "enter", "delete")
        await until(pilot, lambda: isinstance(on_top(pilot), ConfirmScreen))
        assert "Delete for good the film of 1 task?" in shown(pilot)
        assert "cannot be undone" in shown(pilot)
        assert "1 IS NOT SAVED HERE" in shown(pilot)
        assert not films.deleted
        await pilot.press("y")
        await until(pilot, lambda: films.deleted == ["kept1"])


async def test_a_provider_without_it_is_not_asked(running: Running, service: FakeService) -> None:
    films = stage(service, "kling")
    async with running((120, 40)) as pilot:
        await pilot.press("slash", *"kept1", "enter", "delete")
        await until(pilot, lambda: "No provider of these offers deleting" in shown(pilot))
        assert not films.deleted
