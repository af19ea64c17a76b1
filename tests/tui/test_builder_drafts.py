"""Several drafts in the builder, as they are opened, gone between, closed and sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.drafts import save_draft
from backend.service import Draft, Service
from tests.backend.resting import resting_service
from tests.tui.builder_stage import Stage, StageService, laid_out, lay_out
from tests.tui.test_builder import row, status
from tests.tui.test_builder_many import stage
from tests.tui.waiting import until
from tui.screens.confirm import ConfirmScreen
from tui.widgets.header_bar import HeaderBar

SMALL = (80, 24)
FOX = Draft(account="kling", operation="text2video", texts={"prompt": "雨夜 [b] fox"})
OWL = Draft(account="kling", operation="text2video", texts={"prompt": "[/red] 雪の鴉"})
HERON = Draft(account="kling", operation="text2video", texts={"prompt": "a heron", "mode": "pro"})
EMPTY = Draft(account="kling", operation="text2video")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with resting_service(tmp_path) as service:
        yield service


def shown(app: Stage) -> tuple[str, str]:
    """The heading and the prompt."""
    builder = app.builder
    return builder.query_one(HeaderBar)._title, row(builder, "prompt").text


async def test_given_drafts_come_behind_the_others_and_keys_go_between(service: Service) -> None:
    lay_out(service.desk, FOX)
    app = stage(service)
    app.given = (OWL, HERON)
    async with app.run_test(size=SMALL) as pilot:
        assert shown(app) == ("draft 2 of 3", OWL.texts["prompt"])
        assert status(app.builder) == "3 drafts are open: ^pgup and ^pgdn go between them."
        await pilot.press(*"!", "ctrl+pagedown")
        await until(pilot, lambda: shown(app) == ("draft 3 of 3", "a heron"))
        await pilot.press("ctrl+pageup", "ctrl+pageup", "ctrl+pageup")
        await until(pilot, lambda: status(app.builder) == "This is the first draft.")
        assert shown(app) == ("draft 1 of 3", FOX.texts["prompt"])
        await pilot.press("escape")
        await until(pilot, lambda: app.results == [None])
    typed = replace(OWL, texts={"prompt": OWL.texts["prompt"] + "!"})
    assert laid_out(service.desk) == [FOX, typed, HERON]
    again = stage(service)
    again.given = (HERON,)  # which is open already
    async with again.run_test(size=SMALL):
        assert shown(again) == ("draft 3 of 3", "a heron")


async def test_behind_the_last_begins_a_new_one_that_is_kept_once_it_is_typed_in(service: Service) -> None:
    lay_out(service.desk, HERON)
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        assert shown(app) == ("new request", "a heron")
        await pilot.press("ctrl+pagedown")
        await until(pilot, lambda: shown(app) == ("draft 2 of 2", ""))
        await pilot.press("ctrl+pagedown")
        await until(pilot, lambda: status(app.builder).startswith("This draft is empty"))
        await pilot.press("ctrl+pageup")
        await until(pilot, lambda: shown(app) == ("new request", "a heron"))
        await pilot.press("ctrl+pagedown", *"owl")
        await until(pilot, lambda: shown(app) == ("draft 2 of 2", "owl"))
        app.exit()
    assert laid_out(service.desk) == [HERON, replace(EMPTY, texts={"prompt": "owl"})]


@pytest.mark.parametrize("typed", [False, True])
async def test_what_was_made_of_one_task_stays_only_if_it_was_changed(service: Service, typed: bool) -> None:
    lay_out(service.desk, FOX)
    app = stage(service)
    app.given = (OWL,)
    async with app.run_test(size=SMALL) as pilot:
        assert shown(app) == ("draft 2 of 2", OWL.texts["prompt"])
        await pilot.press(*(["!"] if typed else []), "escape")
        await until(pilot, lambda: app.results == [None])
    changed = replace(OWL, texts={"prompt": OWL.texts["prompt"] + "!"})
    assert laid_out(service.desk) == [FOX, *([changed] if typed else [])]


async def test_a_closed_draft_comes_back_in_its_place_or_later_from_the_list(service: Service) -> None:
    lay_out(service.desk, FOX, OWL, HERON)
    app = stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+pageup")
        await until(pilot, lambda: shown(app) == ("draft 2 of 3", OWL.texts["prompt"]))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: shown(app) == ("draft 2 of 2", "a heron"))
        assert status(app.builder) == "Draft closed. ^z brings it back."
        assert [draft for _, draft in service.drafts.all()] == [OWL]
        await pilot.press("ctrl+n")
        await until(pilot, lambda: shown(app) == ("new request", FOX.texts["prompt"]))
        await pilot.press("ctrl+z")
        await until(pilot, lambda: shown(app) == ("draft 2 of 2", "a heron"))
        await pilot.press("ctrl+z")
        await until(pilot, lambda: shown(app) == ("draft 2 of 3", OWL.texts["prompt"]))
        await until(pilot, lambda: service.drafts.all() == [])
        await pilot.press("ctrl+n", "escape")
        await until(pilot, lambda: app.results == [None])
    assert laid_out(service.desk) == [FOX, HERON]
    again = stage(service)
    async with again.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+pagedown", "ctrl+pagedown")
        await until(pilot, lambda: shown(again) == ("draft 3 of 3", ""))
        await pilot.press("ctrl+o", "enter")
        await until(pilot, lambda: shown(again) == ("draft 3 of 3", OWL.texts["prompt"]))
        await until(pilot, lambda: service.drafts.all() == [])


async def test_submitting_shows_the_next_and_the_last_one_closes(service: Service) -> None:
    app = stage(service)
    app.given = (FOX, HERON)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: shown(app) == ("new request", "a heron"))
        assert status(app.builder) == "Submitted. 1 draft is left."
        assert service.unsent_drafts() == [HERON]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app.results) == 1)
    assert [task.prompt for task in service.tasks.values()] == ["雨夜 [b] fox", "a heron"]
    assert app.results == [list(service.tasks)[-1]]
    assert service.unsent_drafts() == []
    assert laid_out(service.desk) == [replace(HERON, sent=True)]
    again = stage(service)
    again.given = (OWL,)
    async with again.run_test(size=SMALL):
        assert shown(again) == ("new request", OWL.texts["prompt"])


async def test_the_draft_of_an_earlier_version_is_there(service: Service) -> None:
    save_draft(service.paths.draft, FOX)
    assert service.unsent_drafts() == [FOX]
    app = stage(service)
    async with app.run_test(size=SMALL):
        assert shown(app) == ("new request", FOX.texts["prompt"])
    assert not service.paths.draft.exists()


async def test_what_cannot_be_saved_is_said_and_saved_later() -> None:
    service = StageService(replace(FOX, account="main"))
    app = Stage(service, replace(HERON, account="main"))
    async with app.run_test(size=SMALL) as pilot:
        service.desk.error = OSError("disk full")
        await pilot.press("x", "ctrl+pageup")
        await until(pilot, lambda: shown(app)[0] == "draft 1 of 2")
        await until(pilot, lambda: "could not be saved: disk full" in status(app.builder))
        service.desk.error = None
        await pilot.press("escape")
        await until(pilot, lambda: app.results == [None])
    assert [draft.texts["prompt"] for draft in laid_out(service.desk)] == ["雨夜 [b] fox", "a heronx"]
