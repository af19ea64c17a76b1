"""Variables and several accounts: from the form to tasks on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from backend.models import Status
from backend.service import Draft, Service
from tests.backend.resting import resting_service
from tests.tui.builder_stage import Stage, StageService, lay_out
from tests.tui.test_builder import paste, settle, status
from tests.tui.test_builder_snapshots import Compare
from tui.screens.builder import BuilderScreen
from tui.screens.builder_several import SeveralScreen
from tui.screens.builder_values import ValuesScreen
from tui.screens.confirm import ConfirmScreen
from tui.widgets.field_inputs import FieldArea

SMALL = (80, 24)
SIZES = pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 45)], ids=["60x15", "80x24", "140x45"])
STREET = Draft(
    account="kling",
    operation="text2video",
    texts={"prompt": "{{subject}} in {{place}} [/b]", "duration": "5", "mode": "std"},
)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with resting_service(tmp_path) as service:
        lay_out(service.desk, STREET)
        yield service


def stage(service: Service) -> Stage:
    return Stage(cast("StageService", service))


def text(app: Stage) -> str:
    return "\n".join(str(each.content) for each in app.screen.query(Static))


async def fill(app: Stage, pilot: Pilot[None], *values: str) -> None:
    """Type the values of each variable in turn."""
    for each in values:
        paste(app, each)
        await pilot.pause()
        await pilot.press("tab")
    await settle(pilot)


async def test_a_matrix_is_counted_asked_for_and_recorded_at_once(service: Service) -> None:
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert status(app.builder).startswith("✓ ready but for {{subject}} {{place}}")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, ValuesScreen)
        await fill(app, pilot, "a fox\n雪の狐", "snow\nrain\n\nsnow")
        assert "2 subject × 2 place = 4 tasks" in text(app)
        await pilot.press(*"streets", "ctrl+s")
        await pilot.pause(1)
        assert isinstance(app.screen, ConfirmScreen)
        assert app.screen.query_one("#box").border_title == "Submit 4 tasks?"
        assert "kling · text2video: 4 tasks" in text(app)
        assert "batch streets" in text(app)
        assert not service.tasks
        await pilot.press("y")
        await pilot.pause(1)
        assert app.results == [list(service.tasks)[-1]]
        assert [task.prompt for task in service.tasks.values()] == [
            "a fox in snow [/b]",
            "a fox in rain [/b]",
            "雪の狐 in snow [/b]",
            "雪の狐 in rain [/b]",
        ]
        assert {(task.batch, task.status) for task in service.tasks.values()} == {("streets", Status.WAITING)}


async def test_values_are_kept_and_a_missing_one_is_told(service: Service) -> None:
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await fill(app, pilot, "a fox")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "{{place}} needs a value" in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert status(app.builder).startswith("Not submitted")
        await pilot.press("escape")
        await settle(pilot)
        assert app.results == [None]
    again = stage(service)
    async with again.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert [area.text for area in again.screen.query(FieldArea)] == ["a fox", ""]
    assert not service.tasks


async def test_what_is_wrong_elsewhere_is_mended_first(service: Service) -> None:
    lay_out(
        service.desk, Draft(account="kling", operation="text2video", texts={**STREET.texts, "cfg_scale": "9"})
    )
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, BuilderScreen)
        assert "1 to fix" in status(app.builder)


async def test_one_draft_goes_to_several_accounts(service: Service) -> None:
    lay_out(
        service.desk, Draft(account="kling", operation="text2video", texts={"prompt": "a fox", "mode": "std"})
    )
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+t")
        await settle(pilot)
        assert isinstance(app.screen, SeveralScreen)
        await pilot.press("a", "enter")
        await pilot.pause(1)
        assert isinstance(app.screen, ConfirmScreen)
        assert not service.tasks
        await pilot.press("y")
        await pilot.pause(1)
        names = [task.account for task in service.tasks.values()]
        assert set(names) > {"kling", "chanjing"}
        assert len(names) == len(set(names))
        assert {task.prompt for task in service.tasks.values()} == {"a fox"}


async def test_without_an_account_nothing_goes(service: Service) -> None:
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+t")
        await settle(pilot)
        await pilot.press("space", "enter")
        await settle(pilot)
        assert "Choose an account" in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.builder.draft == STREET


async def test_an_account_that_cannot_take_it_says_why_and_is_not_taken() -> None:
    draft = Draft(account="team", operation="tx-kling2.5", texts={"ref_prompt": "a fox " * 500})
    app = Stage(StageService(draft))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+t")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, SeveralScreen)
        assert screen._chosen == {"team"}
        await pilot.press("down", "space")
        await pilot.pause()
        assert "✗ Prompt: at most 2500 characters" in text(app)
        assert screen._chosen == {"team"}
        await pilot.press("space", "a")
        assert screen._chosen == set(), "all that fit were taken already"


@SIZES
def test_picture_of_values(snap_compare: Compare, size: tuple[int, int]) -> None:
    texts = {"prompt": "{{subject}} runs through {{場所}}", "@var:subject": "a fox\n雪の狐 [/b]"}
    app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
    assert snap_compare(app, press=["wait:300", "ctrl+s", "wait:500"], terminal_size=size)


@SIZES
def test_picture_of_several(snap_compare: Compare, size: tuple[int, int]) -> None:
    texts = {"prompt": "雪の狐 [/b]", "mode": "std", "camera_control.type": "down_back"}
    app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
    assert snap_compare(app, press=["wait:300", "ctrl+t", "wait:300", "down", "down"], terminal_size=size)
