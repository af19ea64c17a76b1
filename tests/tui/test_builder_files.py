"""Choosing a picture of the user's disk for a field."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from backend.picture_files import PictureFiles
from backend.pictures import local_path
from backend.providers import registry
from backend.providers.fields import field_specs
from backend.providers.kling_omni_fields import OmniVideo
from backend.service import Draft
from tests.backend.media.test_media import png
from tests.tui.builder_stage import KLING, Stage, StageService, lay_out
from tests.tui.test_builder import paste, row
from tests.tui.test_builder_snapshots import Compare
from tests.tui.waiting import until
from tui.screens.builder import BuilderScreen
from tui.screens.builder_files import FilesScreen
from tui.screens.builder_no_file import NoFileScreen
from tui.screens.builder_path import completed, folder_of, is_path, named, unquoted
from tui.screens.builder_pick import with_file
from tui.widgets.line_table import LineTable
from tui.widgets.picture_view import PictureView

SMALL = (80, 24)
IMAGE = Draft(account="main", operation="image2video", texts={"prompt": "a fox"})
HOSTILE = "fox 雪 [b]\n.png"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of all sorts in `~/Pictures`, where reeltop was started."""
    pictures = tmp_path / "Pictures"
    (pictures / "frames").mkdir(parents=True)
    for name in ("shot 9.png", "shot 10.png", HOSTILE, ".hidden.png", "frames/a.png"):
        (pictures / name).write_bytes(png(400, 300))
    (pictures / "tiny.png").write_bytes(png(40, 30))
    (pictures / "notes.txt").write_text("x")
    for path in [*pictures.rglob("*"), pictures]:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(pictures)
    return tmp_path


@pytest.fixture
def app(home: Path) -> Stage:
    service = StageService(IMAGE)
    service.picture_files = PictureFiles(home / "data" / "picture-folder")
    return Stage(service)


def files(app: Stage) -> FilesScreen:
    return cast(FilesScreen, app.screen)


def names(app: Stage) -> list[str]:
    return list(app.screen.query_one(LineTable).keys)


def said(app: Stage, id: str) -> str:
    return str(app.screen.query_one(id, Static).content)


async def browse(app: Stage, pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(app.screen, FilesScreen) and bool(names(app)))


def wait(pilot: Pilot[None], app: Stage, wanted: list[str]) -> Awaitable[None]:
    return until(pilot, lambda: names(app) == wanted)


async def test_a_file_found_by_words_goes_into_the_first_field_that_takes_one(app: Stage, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        assert names(app) == ["..", "frames", HOSTILE, "shot 9.png", "shot 10.png", "tiny.png"]
        assert "~/Pictures · 5 of 7 shown · 1 hidden · 1 no picture" in said(app, "#where")
        await pilot.press(*"10 sh")
        assert names(app) == ["shot 10.png"]
        await until(pilot, lambda: "400×300 · PNG" in said(app, "#facts"))
        assert "✓ can be sent" in said(app, "#facts")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert row(app.builder, "image").text == "~/Pictures/shot 10.png"
        assert row(app.builder, "image").field.has_focus
        assert app.service.picture_files.last_folder() == home / "Pictures"


async def test_what_the_provider_would_refuse_is_said_before_and_needs_a_second_enter(app: Stage) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        await pilot.press(*"tiny", "enter")
        await until(pilot, lambda: "would be refused" in said(app, "#where"))
        assert "✗ is 40 × 30 pixels; each side must have 300 or more" in said(app, "#facts")
        assert isinstance(app.screen, FilesScreen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert row(app.builder, "image").text == "~/Pictures/tiny.png"


async def test_a_hostile_name_is_shown_harmless_and_names_the_file(app: Stage, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        await pilot.press(*"fox", "enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        text = row(app.builder, "image").text
        assert local_path(text) == home / "Pictures" / HOSTILE
        await until(pilot, lambda: app.service.kept.texts.get("image") == text)


async def test_folders_open_by_arrows_and_enter_and_the_cursor_comes_back(app: Stage, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        await pilot.press("down", "right")
        await wait(pilot, app, ["..", "a.png"])
        await pilot.press("left")
        await until(pilot, lambda: "frames" in names(app))
        assert app.screen.query_one(LineTable).cursor_key == "frames"
        await pilot.press("enter")
        await wait(pilot, app, ["..", "a.png"])
        await pilot.press("enter")
        await until(pilot, lambda: "frames" in names(app))
        await pilot.press("backspace")
        await wait(pilot, app, ["..", "Pictures"])


async def test_a_typed_path_is_completed_though_its_folder_is_not_read_yet(app: Stage) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        await pilot.press(*"~/pic", "tab")
        await until(pilot, lambda: files(app)._input.value == "~/Pictures/")
        await until(pilot, lambda: "shot 9.png" in names(app))
        await pilot.press(*"sh", "tab")
        assert files(app)._input.value == "~/Pictures/shot "
        await pilot.press(*"9", "tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert row(app.builder, "image").text == "~/Pictures/shot 9.png"


@pytest.mark.parametrize("typed", ["/gone/away/", "~nobody-here/", "notes.txt/"])
async def test_a_folder_that_cannot_be_read_says_so_and_the_way_back_is_open(app: Stage, typed: str) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        paste(app, typed)
        await until(pilot, lambda: said(app, "#where").startswith("✗"))
        assert names(app) == []
        await pilot.press("enter", "ctrl+u")
        await until(pilot, lambda: "shot 9.png" in names(app))


async def test_hidden_files_all_files_and_the_newest_first(app: Stage, home: Path) -> None:
    os.utime(home / "Pictures" / "tiny.png", (1_800_000_000, 1_800_000_000))
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        await pilot.press("f2", "f3")
        assert {".hidden.png", "notes.txt"} <= set(names(app))
        await pilot.press("f2", "f3", "f4")
        assert names(app)[:3] == ["..", "frames", "tiny.png"]
        await pilot.press(*"./.h")
        assert names(app) == [".hidden.png"]


async def test_a_file_dragged_into_the_terminal_is_found(app: Stage, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        paste(app, f"'{home}/Pictures/shot 9.png' ")
        await wait(pilot, app, ["shot 9.png"])


async def test_it_begins_at_the_file_that_is_named_else_where_it_was_last(app: Stage, home: Path) -> None:
    texts = {"image": "~/Pictures/frames/a.png"}
    lay_out(app.service.desk, Draft(account="main", operation="image2video", texts=texts))
    app.service.picture_files.remember(home / "Pictures")
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        assert names(app) == ["..", "a.png"]
        assert app.screen.query_one(LineTable).cursor_key == "a.png"
        await pilot.press("escape")
        await pilot.pause()
        app.builder.form._groups[1].rows["image"].field.text = "https://example.com/a.png"
        os.chdir("/")
        await browse(app, pilot)
        assert "shot 9.png" in names(app)


@pytest.mark.parametrize(
    ("operation", "words"),
    [("text2video", "No field here takes a file"), ("generate", "only an address: put the picture where")],
)
async def test_where_no_file_is_taken_a_path_typed_on_goes_nowhere(operation: str, words: str) -> None:
    gateway = {"main": KLING, "web": registry.provider("openai-video")}
    account = "web" if operation == "generate" else "main"
    app = Stage(StageService(Draft(account=account, operation=operation), providers=gateway))
    async with app.run_test(size=SMALL) as pilot:
        before = app.builder.draft
        await pilot.press("f6", *"~/pics/red fox.png", "enter")
        await until(pilot, lambda: isinstance(app.screen, NoFileScreen))
        assert words in " ".join(str(each.content) for each in app.screen.query(Static))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert app.builder.draft == before


async def test_after_a_folder_words_find_anywhere_and_beginnings_come_first(app: Stage, home: Path) -> None:
    for name in ("scène-雨夜.png", "雨.png", "[b] 夜 雨.png"):
        (home / "Pictures" / name).write_bytes(png(400, 300))
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        paste(app, "~/Pictures/雨")
        await wait(pilot, app, ["雨.png", "[b] 夜 雨.png", "scène-雨夜.png"])
        await pilot.press(*" 夜 sc")
        await wait(pilot, app, ["scène-雨夜.png"])
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, BuilderScreen))
        assert row(app.builder, "image").text == "~/Pictures/scène-雨夜.png"


async def test_ten_thousand_files_leave_the_keys_alive(app: Stage, home: Path) -> None:
    for number in range(10_000):
        (home / "Pictures" / "frames" / f"frame {number}.png").touch()
    async with app.run_test(size=SMALL) as pilot:
        await browse(app, pilot)
        paste(app, "~/Pictures/frames/")
        await until(pilot, lambda: len(names(app)) == 10_001)
        async with asyncio.timeout(60):  # squares of ten thousand would take minutes
            await pilot.press(*"frame 77")
        assert names(app)[0] == "frame 77.png"


def test_paths_and_words_are_told_apart() -> None:
    assert [is_path(text) for text in ("fox", "fox snow", "~", "..", "./a", "/", "a/b", "~x")] == [
        False, False, True, True, True, True, True, False,
    ]  # fmt: skip
    base = Path("/home/ana/pics")
    assert folder_of("..", base) == Path("/home/ana")
    assert folder_of("a/b", base) == base / "a"
    assert folder_of("/x/y/z", base) == Path("/x/y")
    assert (named("a/b"), named("fox"), named("..")) == ("b", "", "")


def test_completion_goes_as_far_as_there_is_no_choice() -> None:
    there = {"shot 1.png": False, "shot 2.png": False, "狐": True}
    assert completed("./sh", there) == "./shot "
    assert completed("./shot 2", there) == "./shot 2.png"
    assert completed("./狐", there) == "./狐/"
    assert completed("./x", there) == "./x"
    assert completed("a/雨 夜", {"夜雨.png": False}) == "a/夜雨.png"
    assert completed("~", {}) == "~/"
    assert completed("fo", {"fox.png": False}) == "./fox.png"


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        ("/a b.png", "/a b.png"),
        ("'/a b.png'", "/a b.png"),
        ("/a\\ b.png", "/a b.png"),
        ("file:///a%20b.png", "/a b.png"),
        ("it's", "it's"),
    ],
)
def test_what_terminals_make_of_a_dragged_file(pasted: str, path: str) -> None:
    assert unquoted(pasted) == path


def test_in_a_list_a_file_is_one_more() -> None:
    spec = next(spec for spec in field_specs(OmniVideo) if spec.name == "image_list")
    once = with_file(spec, "", "~/a.png")
    twice = with_file(spec, once, "~/雪.png")
    assert json.loads(twice) == [{"image_url": "~/a.png"}, {"image_url": "~/雪.png"}]
    assert with_file(spec, "[{", "~/a.png").startswith("[{\n")


def test_snapshot(snap_compare: Compare, app: Stage) -> None:
    async def ready(pilot: Pilot[None]) -> None:
        await browse(app, pilot)
        await pilot.press(*["down"] * 2)
        await until(pilot, lambda: app.screen.query_one(PictureView).picture is not None)

    assert snap_compare(app, run_before=ready, terminal_size=SMALL)  # type: ignore[call-arg]
