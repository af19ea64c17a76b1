"""A task as a new draft, and back from the builder."""

from __future__ import annotations

import pytest

from backend.errors import UsageError
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import dashboard, go, on_top, settle
from tui.drafts import cost_of, draft_of
from tui.screens.builder import BuilderScreen


def test_a_draft_has_the_tasks_fields_as_texts_but_not_its_own_id(service: FakeService) -> None:
    request = {
        "model_name": "kling-v2-5-turbo",
        "prompt": "A boat\nat dusk",
        "duration": 5,
        "external_task_id": "mine-1",
    }
    draft = draft_of(service, make_task(request=request))
    assert (draft.account, draft.operation) == ("studio", "text2video")
    assert draft.texts["prompt"] == "A boat\nat dusk"
    assert draft.texts["duration"] == "5"
    assert "mine-1" not in draft.texts.values()


def test_an_operation_that_is_gone_is_named(service: FakeService) -> None:
    task = make_task(operation="gone")
    with pytest.raises(UsageError, match="gone"):
        draft_of(service, task)
    assert cost_of(service, task) == "Its price is not known."
    assert cost_of(service, make_task()).startswith("About 2 units")


async def test_the_builder_opens_with_the_task_and_its_new_task_is_found(
    running: Running, service: FakeService
) -> None:
    async with running((120, 40)) as pilot:
        await go(pilot, "g3q9tb")
        await pilot.press("c")
        await pilot.pause(0.5)
        builder = on_top(pilot)
        assert isinstance(builder, BuilderScreen)
        assert "neon market" in str(builder.draft.texts)
        service.put(make_task("new001"))
        builder.dismiss("new001")
        await settle(pilot)
        assert on_top(pilot) is dashboard(pilot)
        assert dashboard(pilot).table.cursor_key == "new001"


async def test_what_cannot_be_copied_is_said(running: Running, service: FakeService) -> None:
    service._by_id["zz0001"] = make_task("zz0001", operation="gone")
    async with running() as pilot:
        await pilot.press("c")
        await pilot.pause(0.3)
        assert on_top(pilot) is dashboard(pilot)
        assert any("gone" in note.message for note in pilot.app._notifications)
