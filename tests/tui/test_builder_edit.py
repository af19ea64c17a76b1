"""A request that waits is changed in the builder, and drafts that make room are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.engine import changes
from backend.models import Status, Task
from backend.service import Draft, Service
from tests.backend.resting import resting_service
from tests.tui.builder_stage import Stage, laid_out, lay_out
from tests.tui.test_builder import SMALL, row, status
from tests.tui.test_builder_library import keys
from tests.tui.test_builder_many import stage, text
from tests.tui.waiting import until
from tui.drafts import change_of
from tui.messages import TasksChanged
from tui.screens.builder import BuilderScreen
from tui.screens.builder_library import LibraryScreen
from tui.screens.confirm import ConfirmScreen

STREET = Draft(account="kling", operation="text2video", texts={"prompt": "雨夜 [/b]", "mode": "std"})
OWN = Draft(account="kling", operation="text2video", texts={"prompt": "a draft of mine"})


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with resting_service(tmp_path) as service:
        lay_out(service.desk, OWN)
        yield service


@pytest.fixture
async def waiting(service: Service) -> Task:
    prepared = service.prepare(STREET)
    assert prepared.request is not None
    return await service.submit("kling", "text2video", prepared.request)


def on(service: Service, task: Task) -> Stage:
    app = stage(service)
    app.given = (change_of(service, task),)
    return app


async def send(service: Service, task: Task) -> None:
    now = datetime.now(UTC)
    await service._store.update(task.id, changes.sending(now, now, task.origin))


async def test_the_waiting_request_is_replaced_and_nothing_else_is_made(
    service: Service, waiting: Task
) -> None:
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press(*" fox")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert f"takes the place of the request that waits as {waiting.id}" in text(app)
        await pilot.press("y")
        await until(pilot, lambda: app.results == [waiting.id])
    assert list(service.tasks) == [waiting.id]
    task = service.tasks[waiting.id]
    assert (task.status, task.prompt) == (Status.WAITING, "雨夜 [/b] fox")
    assert task.request["mode"] == "std"
    assert service.unsent_drafts() == [OWN]


async def test_sent_meanwhile_it_is_said_and_goes_on_as_a_new_draft(service: Service, waiting: Task) -> None:
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press(*" fox")
        await send(service, waiting)
        app.builder.post_message(TasksChanged(frozenset({waiting.id})))
        await until(pilot, lambda: "so its request was not changed" in status(app.builder))
        assert row(app.builder, "prompt").text == "雨夜 [/b] fox"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "Submit 1 task?" in str(app.screen.query_one("#box").border_title)
        await pilot.press("y")
        await until(pilot, lambda: row(app.builder, "prompt").text == "a draft of mine")
    first, second = service.tasks.values()
    assert (first.status, first.prompt) == (Status.SUBMITTING, "雨夜 [/b]")
    assert second.prompt == "雨夜 [/b] fox"
    assert service.drafts.all() == []
    assert laid_out(service.desk) == [OWN]


async def test_sent_while_the_question_stands_nothing_is_changed(service: Service, waiting: Task) -> None:
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press(*" fox")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await send(service, waiting)
        await pilot.press("y")
        await until(pilot, lambda: "so its request was not changed" in status(app.builder))
    assert service.tasks[waiting.id].prompt == "雨夜 [/b]"
    assert len(service.tasks) == 1


async def test_what_was_typed_is_there_again_and_the_other_draft_is_untouched(
    service: Service, waiting: Task
) -> None:
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press(*" fox", "escape")
        await until(pilot, lambda: app.results == [None])
    assert laid_out(service.desk) == [OWN]
    assert {draft.task for draft in service.unsent_drafts()} == {"", waiting.id}
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "is here again" in status(app.builder))
        assert row(app.builder, "prompt").text == "雨夜 [/b] fox"
        await pilot.press("ctrl+z")
        await until(pilot, lambda: row(app.builder, "prompt").text == "雨夜 [/b]")
        await pilot.press("escape")
        await until(pilot, lambda: app.results == [None])
    assert service.unsent_drafts() == [OWN]


async def test_it_stays_with_its_account_and_operation(service: Service, waiting: Task) -> None:
    app = on(service, waiting)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "stays with its account" in status(app.builder))
        app.builder._account_row.field.focus()
        await pilot.press("right", "down", "right")
        chanjing = next(view.name for view in service.accounts() if view.provider == "chanjing")
        draft = Draft(account=chanjing, operation="tx-kling2.5", texts={"ref_prompt": "a heron"})
        await app.builder.replace_draft(draft, "Filled.")
        assert row(app.builder, "prompt").text == "a heron"
        assert app.builder.draft == replace(
            app.builder.draft, account="kling", operation="text2video", task=waiting.id
        )


async def test_a_draft_that_makes_room_is_found_again(service: Service) -> None:
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await app.builder.replace_draft(STREET, "Filled.")
        await until(pilot, lambda: [draft for _, draft in service.drafts.all()] == [OWN])
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, LibraryScreen) and keys(app) == ["draft 0"])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        await until(pilot, lambda: row(app.builder, "prompt").text == "a draft of mine")
        await until(pilot, lambda: [draft for _, draft in service.drafts.all()] == [STREET])


async def test_a_draft_that_was_sent_is_none_that_is_unsent(service: Service) -> None:
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: status(app.builder).startswith("✓"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app.results) == 1)
    assert laid_out(service.desk) == [replace(OWN, sent=True)]
    assert service.unsent_drafts() == []
