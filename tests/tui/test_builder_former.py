"""Values that fields held before: listed, searched, taken, completed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backend.models import Task
from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.fakes import make_task
from tests.tui.test_builder import SMALL, row, status
from tests.tui.waiting import until
from tui.screens.builder import BuilderScreen
from tui.screens.builder_former import FormerScreen
from tui.widgets.field_inputs import FieldInput
from tui.widgets.line_table import LineTable

IMAGE = Draft(
    account="main", operation="image2video", texts={"prompt": "typed by me", "image": "https://x.io/1.png"}
)


def task(number: int, account: str = "main", **request: Any) -> Task:
    made = make_task(f"t{number}", account=account, operation="image2video", request=request)
    return replace(made, provider="kling", prompt=str(request.get("prompt", "")))


def stage() -> Stage:
    service = StageService(IMAGE)
    for each in (
        task(1, prompt="a heron", image="https://example.com/heron.png"),
        task(2, "gone", prompt="雨夜 [/b]\nneon", voice_list=[{"voice_id": "829"}]),
        task(3, prompt="an owl", voice_list=[{"voice_id": "830"}], callback_url="https://example.com/done"),
    ):
        service.tasks[each.id] = each
    return Stage(service)


def shown(app: Stage) -> list[str]:
    screen = app.screen
    assert isinstance(screen, FormerScreen)
    return [screen._shown[key] for key in screen.query_one(LineTable).keys]


async def test_a_former_prompt_is_found_by_words_and_undo_brings_back_what_was_typed() -> None:
    app = stage()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: row(app.builder, "prompt").field.has_focus)
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, FormerScreen))
        assert set(shown(app)) == {"an owl", "雨夜 [/b]\nneon", "a heron"}
        await pilot.press(*"neon")
        assert shown(app) == ["雨夜 [/b]\nneon"]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert row(app.builder, "prompt").text == "雨夜 [/b]\nneon"
        await pilot.press("ctrl+z")
        await until(pilot, lambda: row(app.builder, "prompt").text == "typed by me")


async def test_a_field_of_one_line_offers_its_own_and_undo_brings_the_other_back() -> None:
    app = stage()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: row(app.builder, "prompt").field.has_focus)
        row(app.builder, "image").field.focus()
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, FormerScreen))
        assert shown(app) == ["https://example.com/heron.png"]
        await pilot.press("enter")
        await until(pilot, lambda: app.said == ["^z brings back what was here."])
        assert row(app.builder, "image").text == "https://example.com/heron.png"
        await pilot.press("ctrl+z")
        await until(pilot, lambda: row(app.builder, "image").text == "https://x.io/1.png")


async def test_a_voice_is_added_to_those_that_are_there() -> None:
    app = stage()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: row(app.builder, "prompt").field.has_focus)
        voices = await app.builder.form.reveal("voice_list")
        voices.field.text = '[{"voice_id": "1"}]'
        voices.field.focus()
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, FormerScreen))
        assert shown(app) == ["830"]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert voices.field.text == "1\n830"


async def test_what_a_field_held_before_is_completed_while_typing_and_folded_fields_too() -> None:
    app = stage()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: row(app.builder, "prompt").field.has_focus)
        address = (await app.builder.form.reveal("callback_url")).field
        assert isinstance(address, FieldInput)
        await until(pilot, lambda: address.suggester is not None)
        address.focus()
        await pilot.press(*"https://e")
        await until(pilot, lambda: address._suggestion == "https://example.com/done")
        await pilot.press("right")
        assert address.text == "https://example.com/done"


async def test_a_field_without_a_past_says_so() -> None:
    app = stage()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: row(app.builder, "prompt").field.has_focus)
        row(app.builder, "negative_prompt").field.focus()
        await pilot.press("f7")
        await until(pilot, lambda: "has held nothing yet" in status(app.builder))
