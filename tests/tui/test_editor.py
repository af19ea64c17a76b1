"""Editing a text elsewhere."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tests.tui.test_builder import SMALL, row, settle, status
from tui.editor import EditorError, edit_text, editor_command


class Lender(Stage):
    """The headless terminal cannot be lent, so this one only pretends."""

    lent = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.lent += 1
        yield


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A script to be filled in; its files lie in the test's own folder."""
    script = tmp_path / "editor.sh"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"sh '{script}'")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return script


def write(editor: Path, script: str) -> None:
    editor.write_text(script)


def left_over(editor: Path) -> list[str]:
    return [path.name for path in editor.parent.glob("reeltop-*")]


async def test_returns_what_the_editor_wrote(editor: Path) -> None:
    write(editor, 'printf "雪 [b]\\nnew\\n" > "$1"')
    assert await edit_text(Lender(StageService()), "old") == "雪 [b]\nnew"
    assert left_over(editor) == []


@pytest.mark.parametrize("text", ["", "one", "one\n", "one\n\ntwo\n\n"])
async def test_an_untouched_text_stays_exactly_as_it_was(editor: Path, text: str) -> None:
    write(editor, "true")
    assert await edit_text(Lender(StageService()), text) == text


async def test_the_file_is_private(editor: Path) -> None:
    seen = editor.parent / "seen"
    write(editor, f'stat -c %a "$1" > "{seen}"')
    await edit_text(Lender(StageService()), "secret")
    assert int(seen.read_text(), 8) == stat.S_IRUSR | stat.S_IWUSR


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('printf new > "$1"; exit 3', "status 3"),
        ('printf "\\377" > "$1"', "cannot be read"),
        ('rm "$1"', "cannot be read"),
    ],
)
async def test_a_failing_editor_changes_nothing(editor: Path, script: str, words: str) -> None:
    write(editor, script)
    with pytest.raises(EditorError, match=words):
        await edit_text(Lender(StageService()), "old")
    assert left_over(editor) == []


async def test_an_editor_that_is_not_there(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "/nowhere/editor --wait")
    with pytest.raises(EditorError, match="cannot be started"):
        await edit_text(Lender(StageService()), "old")
    assert left_over(editor) == []


async def test_a_terminal_that_cannot_be_lent(editor: Path) -> None:
    app = Stage(StageService())
    async with app.run_test(size=SMALL):
        with pytest.raises(EditorError, match="cannot be lent"):
            await edit_text(app, "old")
    assert left_over(editor) == []


async def test_the_loop_goes_on_meanwhile(editor: Path) -> None:
    write(editor, "sleep 0.3")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await edit_text(Lender(StageService()), "old")
    ticking.cancel()
    assert ticks > 5


async def test_cancelled_it_gives_the_terminal_back(editor: Path) -> None:
    write(editor, "exec sleep 30")
    app = Lender(StageService())
    editing = asyncio.create_task(edit_text(app, "old"))
    await asyncio.sleep(0.3)
    assert app.lent == 1
    editing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await editing
    assert left_over(editor) == []


def test_visual_goes_before_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "code --wait")
    monkeypatch.setenv("EDITOR", "nano")
    assert editor_command() == ["code", "--wait"]
    monkeypatch.setenv("VISUAL", "")
    assert editor_command() == ["nano"]
    monkeypatch.setenv("EDITOR", "it's broken")
    with pytest.raises(EditorError, match="cannot be read"):
        editor_command()


@pytest.mark.parametrize("key", ["f4", "ctrl+e"])
async def test_the_key_edits_the_prompt(editor: Path, key: str) -> None:
    write(editor, 'printf " and more\\n" >> "$1"')
    app = Lender(StageService(Draft(account="main", operation="text2video", texts={"prompt": "a fox"})))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await app.workers.wait_for_complete()
        await settle(pilot)
        assert row(app.builder, "prompt").text == "a fox\n and more"
        assert app.lent == 1
        await pilot.press("ctrl+z")
        assert row(app.builder, "prompt").field.text == "a fox"


async def test_the_screen_says_what_went_wrong(editor: Path) -> None:
    write(editor, "exit 1")
    app = Lender(StageService(Draft(account="main", operation="text2video", texts={"prompt": "a fox"})))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("f4")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "status 1" in status(app.builder)
        assert row(app.builder, "prompt").text == "a fox"
