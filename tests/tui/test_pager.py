"""A task in the user's own pager."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.models import Status
from tests.tui.fakes import BROKEN, FakeClock, FakeService, make_task
from tests.tui.test_dashboard import shown
from tests.tui.test_own_commands import Lender
from tests.tui.waiting import until
from tui.pager import pager_command

ANSWER = '{"words": "' + "x" * 30_000 + ' \x1b[31m终 [b]"}'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    task = make_task("a1", Status.FAILED, prompt="雨\x1b[2J [b]", failure=BROKEN, last_answer=ANSWER)
    return Lender(FakeService([task]).open, FakeClock())


async def test_failure_request_and_whole_answer_are_paged_without_an_escape(
    app: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, seen = tmp_path / "pager.sh", tmp_path / "seen"
    script.write_text(f'cp "$1" "{seen}.part" && mv "{seen}.part" "{seen}"')
    monkeypatch.setenv("PAGER", f"sh '{script}'")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.service is not None)
        await pilot.press("O")
        await until(pilot, seen.exists)
        await until(pilot, lambda: not left_over(tmp_path))
    await app.close_service()
    text = seen.read_text()
    assert "\x1b" not in text
    for words in (BROKEN.words, BROKEN.next_step, "雨 [b]", "x" * 30_000, "终 [b]"):
        assert words in text


async def test_without_a_pager_it_is_shown_here(
    app: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.service is not None)
        await pilot.press("O")
        await until(pilot, lambda: "Task a1" in shown(pilot))
    await app.close_service()


def test_which_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "bat --paging always")
    assert pager_command() == ["bat", "--paging", "always"]


def left_over(folder: Path) -> list[Path]:
    return list(folder.glob("reeltop-*"))
