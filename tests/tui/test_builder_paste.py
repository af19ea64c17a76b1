"""A curl command or a JSON body fills the form."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.test_builder import TEXT, paste, settle, status
from tests.tui.test_builder_snapshots import Compare
from tui.screens.builder import BuilderScreen
from tui.screens.builder_paste import PasteScreen

SMALL = (80, 24)
CURL = """curl https://api-second.example.com/v1/videos/image2video -H 'Authorization: Bearer sk-secret' \\
  -d '{"prompt": "雪の中を走る狐 [/b]", "image": "https://example.com/fox.png", "wings": 2}'"""


def found(app: Stage) -> str:
    return str(app.screen.query_one("#found", Static).content)


async def test_a_pasted_command_fills_the_form_and_comes_back_with_undo() -> None:
    service = StageService(TEXT)
    app = Stage(service)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f9")
        await settle(pilot)
        paste(app, CURL)
        await settle(pilot)
        assert found(app).startswith("✓ second · image2video  prompt, image")
        assert "left out, not known there: wings" in found(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, BuilderScreen)
        texts = {"prompt": "雪の中を走る狐 [/b]", "image": "https://example.com/fox.png"}
        assert app.builder.draft == Draft(account="second", operation="image2video", texts=texts)
        assert status(app.builder).startswith("Filled.")
        await settle(pilot)
        assert service.kept.texts == texts
        assert "sk-secret" not in repr(service.desk.saves)
        await app.builder.run_action("restore")
        await settle(pilot)
        assert app.builder.draft == TEXT


async def test_what_cannot_be_read_stays_to_be_mended() -> None:
    app = Stage(StageService(TEXT))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f9")
        await settle(pilot)
        paste(app, '{"prompt": ')
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, PasteScreen)
        assert found(app).startswith("✗ pasted JSON:1:")
        paste(app, '"a crow"}')
        await settle(pilot)
        assert found(app).startswith("✓ main · text2video")
        await pilot.press("escape")
        await settle(pilot)
        assert app.builder.draft == TEXT


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 45)], ids=["60x15", "80x24", "140x45"])
def test_picture(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = Stage(StageService(TEXT))

    async def before(pilot: object) -> None:
        await pilot.press("f9")  # type: ignore[attr-defined]
        await pilot.pause(0.3)  # type: ignore[attr-defined]
        paste(app, CURL)
        await pilot.pause(0.6)  # type: ignore[attr-defined]

    assert snap_compare(app, run_before=before, terminal_size=size)  # type: ignore[call-arg]
