"""Fields appear by model, mode and scene, and nothing that is typed ever disappears."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from backend.language import speak
from backend.providers import registry
from backend.providers.kling_fields import TextToVideo
from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.test_builder import note, row, settle, status
from tests.tui.waiting import until
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_group import FieldGroup, GroupTitle
from tui.widgets.idle_note import IdleNote

SMALL = (80, 24)
ROOMY = (160, 60)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


def text_form(**texts: str) -> Stage:
    return Stage(StageService(Draft(account="main", operation="text2video", texts={"prompt": "a", **texts})))


def shown(app: Stage) -> set[str]:
    """Return the fields that can be seen, in groups that are unfolded."""
    return {each.field_name for each in app.builder.form.query("FieldRow") if each.region.height}  # type: ignore[attr-defined]


def told(app: Stage) -> str:
    found = app.builder.query_one(IdleNote)
    return str(found.content) if found.display else ""


def group(app: Stage, title: str) -> FieldGroup:
    return next(each for each in app.builder.query(FieldGroup) if each.group.label == title)


async def start(pilot: Pilot[Any]) -> None:
    """Unfold all groups."""
    app = pilot.app
    assert isinstance(app, Stage)
    await settle(pilot)
    for each in app.builder.query(FieldGroup):
        await each.unfold()
    await pilot.pause()


async def choose(pilot: Pilot[Any], name: str, value: str) -> None:
    app = pilot.app
    assert isinstance(app, Stage)
    field = row(app.builder, name).field
    field.focus()
    field.text = value
    await settle(pilot)


async def test_fields_and_groups_come_and_go_with_the_model() -> None:
    app = text_form()
    async with app.run_test(size=ROOMY) as pilot:
        await start(pilot)
        assert not {"sound", "voice_list", "multi_shot", "shot_type"} & shown(app)
        assert not group(app, "Sound").display
        assert not group(app, "Motion").display
        assert "5 not for kling-v1: several shots, shot type, shots, sound, voices" in told(app)
        await choose(pilot, "model_name", "kling-v3")
        assert {"sound", "multi_shot"} <= shown(app)
        assert not {"voice_list", "shot_type"} & shown(app)
        assert not group(app, "Camera").display
        assert "1 not for kling-v3: camera\n" in told(app)
        assert "1 only with sound on: voices" in told(app)
        await choose(pilot, "sound", "on")
        await choose(pilot, "multi_shot", "true")
        assert {"voice_list", "shot_type", "multi_prompt"} <= shown(app)
        await choose(pilot, "model_name", "kling-v2-6")
        assert {"sound", "multi_shot"} <= shown(app), "they hold something"
        assert "guidance" in told(app)
        assert "multi" not in told(app)


async def test_fields_come_with_the_mode() -> None:
    app = text_form(model_name="kling-v2-6")
    async with app.run_test(size=ROOMY) as pilot:
        await start(pilot)
        assert "2 only in mode pro: sound, voices" in told(app)
        await choose(pilot, "mode", "pro")
        assert "sound" in shown(app)
        assert "only in mode" not in told(app)


async def test_fields_come_with_the_scene() -> None:
    texts = {"model": "kling-2.5", "prompt": "a"}
    service = StageService(
        Draft(account="one", operation="generate", texts=texts),
        providers={"one": registry.provider("openai-video")},
    )
    app = Stage(service)
    async with app.run_test(size=ROOMY) as pilot:
        await start(pilot)
        motion = {"video_url", "motion_level", "mode", "metadata_mode"}
        assert not motion & shown(app)
        assert {"last_frame_url"} <= shown(app)
        await choose(pilot, "scene_type", "motion_control")
        assert motion <= shown(app)
        assert "last_frame_url" not in shown(app)
        assert note(app.builder, "video_url") == ""
        await choose(pilot, "scene_type", "")
        assert not motion & shown(app)


async def test_what_holds_text_stays_with_its_warning_and_goes_when_it_is_emptied_and_left() -> None:
    app = text_form(model_name="kling-v3", sound="on")
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        await choose(pilot, "model_name", "kling-v1")
        assert "sound" in shown(app)
        assert "not known to support sound" in note(app.builder, "sound")
        await choose(pilot, "duration", "10")
        assert dict(app.builder.form.texts)["sound"] == "on"
        await choose(pilot, "sound", "")
        assert "sound" in shown(app), "it has the focus"
        assert row(app.builder, "sound").field.has_focus
        await pilot.press("tab")
        await until(pilot, lambda: "sound" not in shown(app))
        assert app.focused is not None
        assert app.focused.region.height


async def test_the_warning_stands_even_while_something_else_is_wrong() -> None:
    app = text_form(model_name="kling-v1", sound="on", cfg_scale="9")
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        assert note(app.builder, "cfg_scale").startswith("✗")
        assert "not known to support sound" in note(app.builder, "sound")


async def test_f10_shows_all_and_leaves_out_again_and_the_focus_stays_in_sight() -> None:
    app = text_form()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        title = group(app, "Advanced").query_one(GroupTitle)
        title.focus()
        await pilot.press("enter")
        field = row(app.builder, "cfg_scale").field
        field.focus()
        await pilot.press("f10")
        await settle(pilot)
        assert group(app, "Sound").display
        assert "f10 leaves them out" in told(app)
        assert field.has_focus
        assert app.builder.form.region.contains_region(field.region)
        await group(app, "Sound").unfold()
        await pilot.pause()
        sound = row(app.builder, "sound")
        assert sound.help_line.startswith("not for kling-v1 · sound · ")
        sound.field.focus()
        await pilot.press("f10")
        await settle(pilot)
        assert sound.display, "it has the focus"
        assert "sound" not in told(app)
        await pilot.press("up")
        assert isinstance(app.focused, GroupTitle), "nor does its group go while the title has the focus"
        await pilot.press("up")
        await until(pilot, lambda: not group(app, "Sound").display)
        assert isinstance(app.focused, Widget)
        assert app.focused.region.height


async def test_a_click_on_the_line_shows_all() -> None:
    app = text_form()
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        await pilot.click(IdleNote)
        await until(pilot, lambda: group(app, "Sound").display)


async def test_f10_says_so_where_all_is_of_use() -> None:
    service = StageService(
        Draft(account="team", operation="tx-kling2.5", texts={"ref_prompt": "a"}),
    )
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert told(app) == ""
        await pilot.press("f10")
        assert "All fields are shown" in status(app.builder)


async def test_a_folded_group_names_and_counts_what_is_there() -> None:
    app = text_form(model_name="kling-v3")
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        title = group(app, "Motion").query_one(GroupTitle)
        assert title.folded
        assert title.hint.plain == "several shots"
        await pilot.press("f10")
        assert title.hint.plain == "several shots, shot type, shots"


async def test_choices_are_those_of_the_model_unless_all_are_wanted() -> None:
    app = text_form(mode="4k", model_name="kling-v3")
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        mode, duration = (row(app.builder, name).field for name in ("mode", "duration"))
        assert isinstance(mode, Chooser)
        assert isinstance(duration, Chooser)
        assert len(duration.choices) == 13
        await choose(pilot, "model_name", "kling-v1")
        assert [choice.value for choice in duration.choices] == ["5", "10"]
        assert [(choice.value, choice.note) for choice in mode.choices] == [
            ("std", ""),
            ("pro", ""),
            ("4k", "not for kling-v1"),
        ], "what is chosen stays"
        await choose(pilot, "mode", "pro")
        assert [choice.value for choice in mode.choices] == ["std", "pro"]
        await pilot.press("f10")
        assert [choice.note for choice in duration.choices][:3] == ["not for kling-v1"] * 2 + [""]
        assert len(mode.choices) == 3


async def test_an_issue_at_a_field_that_is_left_out_brings_it_back() -> None:
    texts = {"model_name": "kling-v1", "multi_shot": "true"}
    app = text_form(**texts)
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        assert {"multi_shot", "shot_type"} <= shown(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: row(app.builder, "shot_type").field.has_focus)


async def test_a_prompt_of_no_use_goes_and_the_focus_starts_elsewhere() -> None:
    texts = {"model_name": "kling-v3", "multi_shot": "true", "shot_type": "customize", "multi_prompt": "5 a"}
    app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
    async with app.run_test(size=ROOMY) as pilot:
        await settle(pilot)
        assert "1 not with customize: prompt" in told(app)
        assert row(app.builder, "model_name").field.has_focus or app.focused is not None
        await choose(pilot, "shot_type", "intelligence")
        assert "prompt" in shown(app)


async def test_in_chinese() -> None:
    speak("zh_CN")
    app = text_form(model_name="kling-v2-6")
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "2 项只用于 pro 模式：声音、音色 · f10 显示" in told(app)


async def test_a_check_may_come_while_the_form_is_made() -> None:
    app = text_form()
    async with app.run_test(size=ROOMY) as pilot:
        await start(pilot)
        form = app.builder.form
        idle = list(TextToVideo.idle({"model_name": "kling-v1"}))
        loading = asyncio.ensure_future(form.load(TextToVideo, {"prompt": "b"}))
        while not loading.done():
            for found in ([], idle):
                form.show([], [], found)
            await asyncio.sleep(0)
        await loading
        await settle(pilot)
        assert "5 not for kling-v1" in told(app)
