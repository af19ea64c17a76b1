"""How far a batch has come, above a table that is grouped by batch."""

from __future__ import annotations

from backend.models import Status
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import dashboard, go, settle, shown


async def test_the_batch_under_the_cursor_says_how_far_it_has_come(
    running: Running, service: FakeService
) -> None:
    service.put(
        make_task("ads001", Status.SUCCEEDED, batch="ads"),
        make_task("ads002", Status.RUNNING, batch="ads"),
        make_task("cat001", Status.RUNNING, batch="猫咪与雨夜霓虹市场的十二个镜头"),
    )
    async with running() as pilot:
        await go(pilot, "ads002")
        assert "ended" not in shown(pilot).splitlines()[1]
        await pilot.press("b")
        await settle(pilot)
        assert "batch ads: 1 of 2 ended" in shown(pilot)
        service.change("ads002", status=Status.FAILED)
        await settle(pilot)
        assert "batch ads: 2 of 2 ended · 17 of 17 shown" in shown(pilot)
        await go(pilot, "cat001")
        await settle(pilot)
        assert "batch 猫咪与雨夜霓虹市场…: 0 of 1 ended" in shown(pilot)
        await go(pilot, "m2x5dh")
        await settle(pilot)
        assert "by batch · 17 of 17 shown" in shown(pilot)
        assert dashboard(pilot).table.cursor_key == "m2x5dh"
