"""Templates and former requests fill the form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from backend.service import Draft
from backend.templates import Templates
from tests.tui.builder_stage import Stage, StageService
from tests.tui.fakes import make_task
from tests.tui.test_builder import TEXT, settle, status
from tests.tui.test_builder_many import SIZES
from tests.tui.test_builder_snapshots import Compare
from tui.screens.builder_library import LibraryScreen
from tui.screens.confirm import ConfirmScreen
from tui.widgets.line_table import LineTable

SMALL = (80, 24)
CROW = Draft(account="second", operation="text2video", texts={"prompt": "雪の鴉 [/b]", "mode": "pro"})


@pytest.fixture
def service(tmp_path: Path) -> StageService:
    service = StageService(TEXT)
    service.templates = Templates(tmp_path / "templates")
    for number, prompt in enumerate(["a heron", "a heron", "an owl at night"]):
        task = make_task(
            f"t{number}", account="main", operation="text2video", prompt=prompt, request={"prompt": prompt}
        )
        service.tasks[task.id] = task
    gone = make_task("t9", account="gone", operation="text2video", prompt="lost", request={"prompt": "lost"})
    service.tasks["t9"] = gone
    return service


def keys(app: Stage) -> list[str]:
    table = app.screen.query_one(LineTable)
    return list(table.visible_keys())


async def test_a_template_is_saved_found_by_words_and_fills_the_form(service: StageService) -> None:
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("f12", *"fox", "enter")
        await settle(pilot)
        assert status(app.builder).startswith("Saved as ")
        service.templates.save("crow", CROW)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert isinstance(app.screen, LibraryScreen)
        assert keys(app) == ["template crow", "template fox", "task t9", "task t2", "task t1"]
        await pilot.press(*"second 雪")
        await settle(pilot)
        assert keys(app) == ["template crow"]
        await pilot.press("enter")
        await settle(pilot)
        assert app.builder.draft == CROW
        await app.builder.run_action("restore")
        await settle(pilot)
        assert app.builder.draft == TEXT


async def test_a_former_request_fills_the_form_and_one_of_a_lost_account_says_so(
    service: StageService,
) -> None:
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "no account 'gone'" in str(app.screen.query_one("#found", Static).content)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.builder.draft == replace(TEXT, texts={"prompt": "an owl at night"})


async def test_another_template_is_replaced_only_after_a_question(service: StageService) -> None:
    service.templates.save("fox", CROW)
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("f12", *"fox", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("n")
        await settle(pilot)
        assert service.templates.all()[0].draft == CROW
        await pilot.press("f12", *"fox", "enter")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert service.templates.all()[0].draft == TEXT
        await pilot.press("f12", *"../x", "enter")
        await settle(pilot)
        assert status(app.builder).startswith("Not saved: ")


async def test_a_broken_template_says_what_is_wrong(service: StageService) -> None:
    service.templates.save("fox", CROW)
    (service.templates.folder / "broken.toml").write_text("x = [")
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "not valid TOML" in str(app.screen.query_one("#found", Static).content)


@SIZES
def test_picture(snap_compare: Compare, service: StageService, size: tuple[int, int]) -> None:
    service.templates.save("crow", CROW)
    app = Stage(service)
    assert snap_compare(app, press=["wait:300", "ctrl+o", "wait:500", "down"], terminal_size=size)
