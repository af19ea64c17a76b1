"""Choosing by keyboard, and moving between operations."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Button, OptionList

from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.test_builder import SMALL, row, settle
from tui.screens.builder_choices import ChoiceScreen
from tui.widgets.field_choices import Choice, match
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_group import GroupTitle
from tui.widgets.field_inputs import FieldInput

TEXT = Draft(account="main", operation="text2video", texts={"prompt": "a fox"})
V3 = Draft(account="main", operation="text2video", texts={"prompt": "a fox", "model_name": "kling-v3"})
"""Of a model that takes every choice, and several shots."""


async def focus(pilot: Pilot[None], name: str) -> Chooser:
    app = pilot.app
    assert isinstance(app, Stage)
    field = row(app.builder, name).field
    assert isinstance(field, Chooser)
    field.focus()
    await pilot.pause()
    return field


async def test_arrows_and_space_step_and_backspace_unsets() -> None:
    app = Stage(StageService(V3))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = await focus(pilot, "mode")
        assert field.value == ""
        for key, value in (
            ("right", "std"),
            ("space", "pro"),
            ("left", "std"),
            ("left", ""),
            ("left", "4k"),
            ("home", "std"),
            ("end", "4k"),
            ("backspace", ""),
        ):
            await pilot.press(key)
            assert field.value == value
        await pilot.press("right")
        await settle(pilot)
        assert app.builder.form.texts["mode"] == "std"


async def test_typing_jumps() -> None:
    app = Stage(StageService(V3))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = await focus(pilot, "mode")
        await pilot.press("p")
        assert field.value == "pro"
        field = await focus(pilot, "duration")
        await pilot.press("1", "3")
        assert field.value == "13"


def test_one_letter_again_goes_on() -> None:
    choices = [Choice("a", "Alpha"), Choice("b", "Beta"), Choice("c", "Arc")]
    assert match(choices, "a", "") == choices[0]
    assert match(choices, "aa", "a") == choices[2]
    assert match(choices, "ar", "a") == choices[2]
    assert match(choices, "x", "a") is None


async def test_enter_lists_all_choices() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = await focus(pilot, "model_name")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ChoiceScreen)
        await pilot.press("k", "down", "enter")
        await pilot.pause()
        assert field.value
        assert field.has_focus
        chosen = field.value
        await pilot.press("enter", "down", "escape")
        await pilot.pause()
        assert field.value == chosen


async def test_an_open_choice_completes_and_lists() -> None:
    draft = Draft(account="team", operation="tx-kling2.5", texts={"ref_prompt": "x"})
    app = Stage(StageService(draft))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = row(app.builder, "aspect_ratio").field
        assert isinstance(field, FieldInput)
        field.focus()
        await pilot.press("9")
        await pilot.pause(0.1)
        await pilot.press("right")
        assert field.value == "9:16"
        await pilot.press("enter")
        await pilot.pause()
        app.screen.query_one(OptionList).highlighted = 2
        await pilot.press("enter")
        await pilot.pause()
        assert field.value == "1:1"


async def test_yes_no_or_not_set() -> None:
    app = Stage(StageService(V3))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        title = next(title for title in app.builder.query(GroupTitle) if title._title == "Motion")
        title.focus()
        await pilot.press("enter")
        field = await focus(pilot, "multi_shot")
        assert field.render().plain.startswith("◂ no if not set ▸")
        await pilot.press("y")
        assert field.value == "true"
        await pilot.press("right")
        assert field.value == "false"
        await pilot.press("right")
        assert field.value == ""


async def test_groups_are_reached_and_folded_by_keyboard() -> None:
    app = Stage(StageService(V3))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("pagedown")
        assert not isinstance(app.focused, GroupTitle), "a text keeps its own page keys"
        await focus(pilot, "mode")
        await pilot.press("pagedown")
        title = app.focused
        assert isinstance(title, GroupTitle)
        folded = [title.folded]
        await pilot.press("right")
        folded.append(title.folded)
        await pilot.press("down")
        assert row(app.builder, "multi_shot").field.has_focus
        await pilot.press("pageup", "left")
        folded.append(title.folded)
        assert folded == [True, False, True]
        await pilot.press("pagedown", "pagedown")
        assert isinstance(app.focused, GroupTitle)


async def test_arrows_leave_a_text_at_its_edges() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("enter", "x", "up")
        assert row(app.builder, "prompt").field.has_focus
        await pilot.press("up")
        assert row(app.builder, "model_name").field.has_focus
        await pilot.press("down", "down", "down")
        assert not row(app.builder, "prompt").field.has_focus


async def test_a_role_is_carried_to_another_operation_and_back() -> None:
    texts = {"prompt": "a fox", "duration": "5", "image": "https://example.com/a.png", "mode": "pro"}
    service = StageService(Draft(account="main", operation="image2video", texts=texts))
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await focus(pilot, "operation")
        await pilot.press("t")
        await settle(pilot)
        assert app.builder.draft.operation == "text2video"
        assert dict(app.builder.form.texts) == {"prompt": "a fox", "duration": "5", "mode": "pro"}
        await focus(pilot, "account")
        await pilot.press("t")
        await settle(pilot)
        assert app.builder.draft.account == "team"
        assert dict(app.builder.form.texts) == {
            "ref_prompt": "a fox",
            "video_duration": "5",
            "start_frame": "https://example.com/a.png",
            "quality_mode": "pro",
        }
        prompt = row(app.builder, "ref_prompt").field
        prompt.text = "a hare"
        await focus(pilot, "account")
        await pilot.press("m")
        await settle(pilot)
        await focus(pilot, "operation")
        await pilot.press("i")
        await settle(pilot)
        assert dict(app.builder.form.texts) == {**texts, "prompt": "a hare"}
        await settle(pilot)
        assert service.kept.operation == "image2video"


async def test_what_was_put_aside_survives_a_new_screen() -> None:
    texts = {"prompt": "a fox", "static_mask": "https://example.com/m.png"}
    service = StageService(Draft(account="main", operation="image2video", texts=texts))
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await focus(pilot, "operation")
        await pilot.press("t")
        await settle(pilot)
        await pilot.press("escape")
        await app.open()
        await pilot.pause()
        await focus(pilot, "operation")
        await pilot.press("i")
        await settle(pilot)
        assert app.builder.form.texts["static_mask"] == "https://example.com/m.png"


async def test_running_through_operations_makes_one_form() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await focus(pilot, "operation")
        before = app.builder.form._groups[0]
        await pilot.press("right", "right", "right", "right")
        await settle(pilot)
        assert app.builder.form._groups[0] is before
        await pilot.press("right", "ctrl+s")
        await settle(pilot)
        assert app.builder.draft.operation == "image2video"


async def test_another_account_of_the_same_provider_keeps_the_form() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        before = app.builder.form._groups[0]
        await focus(pilot, "account")
        await pilot.press("right")
        await settle(pilot)
        assert app.builder.draft.account == "second"
        assert app.builder.form._groups[0] is before


async def test_a_value_that_is_sent_anyway_is_offered_once() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        model = await focus(pilot, "model_name")
        assert model.unset == "kling-v1, always sent"
        assert "kling-v1" not in [choice.value for choice in model.choices]


async def test_numbers_are_in_order() -> None:
    app = Stage(StageService(V3))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        duration = [choice.value for choice in (await focus(pilot, "duration")).choices]
        assert duration == [str(number) for number in range(3, 16)]


async def test_a_draft_may_name_the_value_that_is_sent_anyway() -> None:
    app = Stage(StageService(Draft(account="main", operation="text2video", texts={"model_name": "kling-v1"})))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "kling-v1" in [choice.value for choice in (await focus(pilot, "model_name")).choices]


async def test_the_focus_has_a_mark_on_titles_and_on_the_button() -> None:
    app = Stage(StageService(TEXT, sandbox=True))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        title, button = app.builder.query(GroupTitle).first(), app.builder.query_one("#submit", Button)
        for widget in (title, button):
            assert "›" not in str(widget.render())
            widget.focus()
            await pilot.pause()
            assert "›" in str(widget.render())
        await focus(pilot, "mode")
        await pilot.press("enter")
        await pilot.pause()
        assert "SANDBOX" in str(app.screen.query_one("#box").border_subtitle)
