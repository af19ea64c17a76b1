"""The form: live checks at the fields, what is sent, what survives."""

from __future__ import annotations

import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from backend.errors import AccountError, Issue, RequestError, StoreError
from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.waiting import until
from tui.screens import builder_drafts
from tui.screens.builder import BuilderScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.preview import PreviewPane, PreviewScreen
from tui.widgets.field_inputs import FieldArea, FieldInput
from tui.widgets.field_row import FieldRow

TEXT = Draft(account="main", operation="text2video", texts={"prompt": "a fox"})
IMAGE = Draft(account="main", operation="image2video", texts={"image": "https://example.com/a.png"})
SMALL = (80, 24)
REST = 0.35
"""Longer than checks, switches and saves wait."""


def row(builder: BuilderScreen, name: str) -> FieldRow:
    return next(row for row in builder.query(FieldRow) if row.field_name == name)


def note(builder: BuilderScreen, name: str) -> str:
    """What is written under a field."""
    notes = [child for child in row(builder, name).query(".note").results(Static) if child.display]
    return str(notes[0].content) if notes else ""


def status(builder: BuilderScreen) -> str:
    return str(builder.query_one("#status", Static).content)


def paste(app: Stage, text: str) -> None:
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))


async def settle(pilot: Pilot[None]) -> None:
    """Wait until what was typed has been heard, checked and kept."""
    await pilot.pause(REST)
    builders = [screen for screen in pilot.app.screen_stack if isinstance(screen, BuilderScreen)]
    await until(pilot, lambda: not any(builder._delays._timers for builder in builders))


async def test_starts_at_the_prompt_and_says_what_is_missing_only_below() -> None:
    app = Stage(StageService())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert row(app.builder, "prompt").field.has_focus
        assert note(app.builder, "prompt") == ""
        assert "1 to fix: prompt" in status(app.builder)


async def test_an_error_comes_and_goes_at_its_field_while_typing() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await app.builder.form._groups[-1].unfold()
        row(app.builder, "cfg_scale").field.focus()
        await pilot.press("7")
        await settle(pilot)
        assert note(app.builder, "cfg_scale").startswith("✗ must be 1 or less")
        assert "1 to fix: guidance" in status(app.builder)
        await pilot.press("backspace", "1")
        await settle(pilot)
        assert note(app.builder, "cfg_scale") == ""
        assert status(app.builder).startswith("✓ ready")


async def test_an_empty_field_is_called_wrong_once_it_was_left() -> None:
    app = Stage(StageService())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("tab")
        assert note(app.builder, "prompt").startswith("✗ required")


async def test_a_doubt_is_shown_and_does_not_block() -> None:
    texts = {"ref_prompt": "a fox", "video_duration": "44"}
    service = StageService(Draft(account="team", operation="tx-kling2.5", texts=texts))
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert note(app.builder, "video_duration").startswith("! clients send 5 to 10")
        assert "1 doubtful" in status(app.builder)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)


async def test_the_rule_of_a_group_stands_at_its_first_field() -> None:
    texts = {"prompt": "a", "camera_control.type": "simple", "camera_control.config.pan": "0"}
    app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "exactly one of the six" in note(app.builder, "camera_control.config.horizontal")


async def test_nothing_is_sent_with_issues_and_the_first_bad_field_has_the_focus() -> None:
    service = StageService(Draft(account="main", operation="image2video", texts={"cfg_scale": "9"}))
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.builder.form._groups[-1].fold()
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, BuilderScreen)
        assert row(app.builder, "cfg_scale").field.has_focus or row(app.builder, "image").field.has_focus
        assert note(app.builder, "cfg_scale")
        assert not service.submitted


async def test_submits_once_after_a_question() -> None:
    service = StageService(TEXT)
    service.pause = 0.2
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s", "ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        texts = " ".join(str(line.content) for line in app.screen.query(Static))
        assert "Text to video · kling-v1" in texts
        assert "account main" in texts
        assert "not known before sending" in texts
        await pilot.press("y")
        await pilot.press("ctrl+s", "f5")
        await pilot.pause(0.4)
        assert [sent[:2] for sent in service.submitted] == [("main", "text2video")]
        assert app.results == ["task-1"]


async def test_the_question_can_be_denied() -> None:
    service = StageService(TEXT)
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s", "n")
        await pilot.pause()
        assert not service.submitted
        assert "Not submitted" in status(app.builder)
        await pilot.press("ctrl+s", "y")
        await pilot.pause()
        assert len(service.submitted) == 1


async def test_in_the_sandbox_the_question_says_that_nothing_costs_money() -> None:
    app = Stage(StageService(TEXT, sandbox=True))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert "othing" in " ".join(str(line.content) for line in app.screen.query(Static))
        assert "SANDBOX" in str(app.screen.query_one("#box").border_subtitle)


async def test_the_button_submits_too() -> None:
    service = StageService(TEXT)
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        app.builder.query_one("#submit").focus()
        await pilot.press("enter")
        await pilot.press("y")
        await pilot.pause()
        assert len(service.submitted) == 1


@pytest.mark.parametrize(
    "error",
    [AccountError("account main: KEY is not set"), StoreError("the disk is full")],
)
async def test_an_error_is_said_and_everything_stays(error: Exception) -> None:
    service = StageService(TEXT)
    service.refusal = error
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s", "y")
        await settle(pilot)
        assert str(error) in status(app.builder)
        assert row(app.builder, "prompt").text == "a fox"
        service.refusal = None
        await pilot.press("ctrl+s", "y")
        await pilot.pause()
        assert app.results == ["task-1"]


async def test_a_refused_request_shows_its_issues_at_the_fields() -> None:
    service = StageService(TEXT)
    service.refusal = RequestError([Issue("external_task_id", "was used before", "the ledger")])
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s", "y")
        await settle(pilot)
        assert row(app.builder, "external_task_id").field.has_focus
        assert "was used before" in note(app.builder, "external_task_id")


async def test_after_a_task_the_next_form_has_everything_but_its_own_id() -> None:
    service = StageService(Draft(account="main", operation="text2video", texts={"prompt": "a fox"}))
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await app.builder.form.focus_first_bad()
        group = app.builder.form._groups[-2]
        await group.unfold()
        row(app.builder, "external_task_id").field.focus()
        await pilot.press(*"mine")
        await pilot.press("ctrl+s", "y")
        await pilot.pause()
        assert service.kept.texts == {"prompt": "a fox"}
        await app.open()
        await pilot.pause()
        assert row(app.builder, "prompt").text == "a fox"


async def test_what_was_typed_survives_leaving() -> None:
    service = StageService()
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press(*"fox", "escape")
        await pilot.pause()
        assert app.results == [None]
        assert service.kept.texts == {"prompt": "fox"}
        await app.open()
        await pilot.pause()
        assert row(app.builder, "prompt").text == "fox"


async def test_what_was_typed_survives_quitting() -> None:
    service = StageService()
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press(*"fox")
        app.exit()
    assert service.kept.texts == {"prompt": "fox"}


async def test_typing_saves_after_a_rest_and_not_for_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder_drafts, "SAVE_AFTER", 1.5)  # keys that arrive slowly are not a rest
    service = StageService()
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press(*"fox")
        assert not service.desk.saves
        await until(pilot, lambda: bool(service.desk.saves))
        assert [draft.texts for draft in service.desk.saves] == [{"prompt": "fox"}]


async def test_a_draft_that_cannot_be_saved_keeps_the_user_here_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder_drafts, "SAVE_AFTER", 60.0)
    service = StageService()
    service.desk.error = OSError("disk full")
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("a", "escape")
        await pilot.pause()
        assert "could not be saved" in status(app.builder)
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None]


async def test_clearing_can_be_taken_back() -> None:
    service = StageService(TEXT)
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+n")
        await settle(pilot)
        assert row(app.builder, "prompt").text == ""
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert row(app.builder, "prompt").text == "a fox"
        assert service.kept.texts == {"prompt": "a fox"}


async def test_texts_are_never_markup() -> None:
    texts = {"prompt": "[/foo] [red]x[/red]", "negative_prompt": "[", "image": "[/a]"}
    app = Stage(StageService(Draft(account="main", operation="image2video", texts=texts)))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        assert row(app.builder, "prompt").text == "[/foo] [red]x[/red]"
        await pilot.press("f3", "ctrl+s")
        await settle(pilot)


async def test_a_paste_keeps_its_lines_and_loses_what_moves_the_cursor() -> None:
    app = Stage(StageService())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        paste(app, "雪の狐\r\nline two\x1b[2J\u202e\r\n\r\nend")
        await settle(pilot)
        assert row(app.builder, "prompt").text == "雪の狐\nline two\n\nend"
        assert row(app.builder, "prompt").label == "Prompt"


async def test_what_is_shown_is_what_is_sent() -> None:
    texts = {"prompt": "a\u202eb\x1b[31m c\r\nd", "negative_prompt": "\u200b"}
    app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert app.builder.form.texts == {"prompt": "ab c\nd"}
        assert row(app.builder, "prompt").field.text == "ab c\nd"


async def test_a_paste_into_one_line_keeps_all_of_it() -> None:
    app = Stage(StageService(IMAGE))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        field = row(app.builder, "image").field
        assert isinstance(field, FieldInput)
        field.focus()
        field.value = ""
        field.post_message(events.Paste("https://example.com/\n  long.png\n"))
        await settle(pilot)
        assert app.builder.form.texts["image"] == "https://example.com/   long.png"


async def test_ten_thousand_characters() -> None:
    app = Stage(StageService())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        paste(app, "狐 " * 5000)
        await settle(pilot)
        assert len(app.builder.form.texts["prompt"]) == 10_000
        assert "at most 2500 characters, this has 10000" in note(app.builder, "prompt")
        label = row(app.builder, "prompt").render()
        assert isinstance(label, Content)
        assert "! 10000/2500" in label.plain


async def test_the_preview_stands_beside_a_wide_form() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        pane = app.builder.pane
        assert app.builder.query_one(PreviewPane).display
        assert "POST https://api-main.example.com/v1/videos/text2video" in pane.text
        assert "$KLING_API_KEY" in pane.text
        await pilot.press("f2")
        assert not app.builder.query_one(PreviewPane).display


async def test_the_preview_stands_over_a_narrow_form() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert not app.builder.query_one(PreviewPane).display
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, PreviewScreen)
        await pilot.press("c", "y", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert app.copied[0].startswith("curl -X POST")


async def test_the_preview_follows_the_typing() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press(*" runs")
        await settle(pilot)
        assert '"prompt": "a fox runs"' in app.builder.pane.text
        await pilot.press("f3", "f8")
        assert app.copied[0].startswith("curl -X POST")
        app.builder.form.query_one(FieldArea).take("")
        await settle(pilot)
        assert app.builder.pane.text == ""
        await pilot.press("f8")
        assert "no complete request" in app.said[0]


async def test_the_focused_field_is_explained() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        row(app.builder, "duration").field.focus()
        await pilot.pause()
        line = str(app.builder.query_one("#help", Static).content)
        assert line.startswith("duration · 5 or 10 seconds")
        assert line.endswith("5 s if not set")
        app.builder.query_one("#submit").focus()
        await pilot.pause()
        assert str(app.builder.query_one("#help", Static).content) == "Asks first, with the cost."


async def test_without_accounts_it_says_so() -> None:
    app = Stage(StageService(providers={}))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+s", "f2", "escape", "escape", "ctrl+n")
        await pilot.pause()
        assert app.results == [None]


async def test_the_account_of_a_draft_may_be_gone() -> None:
    app = Stage(StageService(Draft(account="old", operation="text2video", texts={"prompt": "a fox"})))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert row(app.builder, "prompt").text == "a fox"
        assert "old" in status(app.builder)


async def test_a_missing_credential_is_shown_at_the_account() -> None:
    service = StageService(TEXT)
    service.problem = "environment variable STAGE_KEY is not set"
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "STAGE_KEY is not set" in note(app.builder, "account")


@pytest.mark.parametrize("size", [(60, 15), (40, 8), (20, 4), (200, 60)])
async def test_any_size_will_do(size: tuple[int, int]) -> None:
    app = Stage(StageService(IMAGE))
    async with app.run_test(size=size) as pilot:
        await pilot.press("tab", "tab", "f2", "escape", "ctrl+s")
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.resize_terminal(*size)
        await settle(pilot)
