"""Every screen in both languages, with failures and CJK text, as the text that is on it.

The texts lie in ``__screens__``; regenerate them with ``pytest tests/tui/test_screens.py --snapshot-update``
and read the difference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from textual._context import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from backend.account_book import AccountBook
from backend.errors import ConfigError
from backend.language import LANGUAGES, speak
from backend.models import Failure, Status, Trouble
from backend.own_commands import OwnCommand, Showing
from backend.providers.failures import NOTHING_CHARGED
from backend.providers.kling_errors import CODES
from backend.service import Draft, Service
from backend.templates import Templates
from tests.tui.builder_stage import Stage, StageService
from tests.tui.clips import task_with_clip
from tests.tui.fakes import UNREACHABLE, FakeClock, FakeService, ago, ahead, make_task
from tests.tui.test_builder_snapshots import EMPTY, FULL, READY
from tests.tui.test_finding_snapshots import tasks
from tests.tui.test_log import HOSTILE, entry
from tests.tui.waiting import until
from tui.app import ReeltopApp
from tui.screens.failed import FailedScreen
from tui.widgets.clip_player import ClipPlayer

TEXTS = Path(__file__).parent / "__screens__"
SIZES = [(80, 24), (140, 45)]

Steps = tuple[str, tuple[str, ...]]
"""The name of a screen, and the keys that lead to it from the one before."""

DASHBOARD: tuple[Steps, ...] = (
    ("dashboard", ()),
    ("needs attention", ("3",)),
    ("detail of a failure", ("1", "home", "enter")),
    ("help", ("question_mark",)),
    ("quit question", ("escape", "escape", "q")),
    ("accounts", ("n", "a")),
    ("account presets", ("n",)),
    ("account form", ("enter",)),
    ("filter", ("escape", "escape", "slash", *"code", "colon", *"13 status", "colon", "f")),
    ("filter help", ("f1",)),
    ("columns", ("escape", "escape", "C")),
    ("sort", ("escape", "S")),
    ("failures", ("escape", "F")),
    ("copy", ("escape", "y")),
    ("palette", ("escape", "colon")),
    ("tags", ("escape", "escape", "t")),
    ("archive question", ("escape", "space", "space", "A")),
    ("log", ("n", "minus", "L")),
    ("request", ("enter",)),
    ("words found", ("slash", *"post", "enter")),
    ("own commands", ("escape", "escape", "escape", "exclamation_mark")),
)
BUILDER: tuple[Steps, ...] = (
    ("builder refused", ("ctrl+s",)),
    ("builder request", ("f2",)),
    ("builder paste", ("escape", "f9")),
    ("builder accounts", ("escape", "ctrl+t")),
    ("builder library", ("escape", "ctrl+o")),
    ("builder template name", ("escape", "f12")),
)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen, with what shines through from below."""
    visible_screen_stack.set(app._background_screens)
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()) + "\n"


class Walk:
    """Goes from screen to screen and compares each with the text that is kept of it."""

    def __init__(self, language: str, size: tuple[int, int], *, update: bool) -> None:
        self.size = size
        self._folder = TEXTS / f"{language}-{size[0]}x{size[1]}"
        self._update = update

    async def run(self, app: App[Any], ready: Callable[[Pilot[Any]], Awaitable[None]], *steps: Steps) -> None:
        """Run `app` until it is ready, and take the steps."""
        async with app.run_test(size=self.size) as pilot:
            await ready(pilot)
            for name, keys in steps:
                for key in keys:
                    await pilot.press(key)
                    await pilot.pause()
                await self.compare(pilot, name)
        if isinstance(app, ReeltopApp):
            await app.close_service()

    async def compare(self, pilot: Pilot[Any], name: str) -> None:
        """Wait until the screen is as it was; keep it if that is wanted."""
        path = self._folder / f"{name}.txt"
        app = pilot.app
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(await settled(pilot), encoding="utf-8")
            return
        known = path.read_text(encoding="utf-8")

        def is_same() -> bool:
            _still(app)
            return screen_text(app) == known

        with suppress(TimeoutError):
            await until(pilot, is_same)
        assert screen_text(app) == known, f"{path.name} has changed: see --snapshot-update in {__file__}"


async def settled(pilot: Pilot[Any]) -> str:
    """Return what is on the screen once it has not changed for a while."""
    before, text = "", screen_text(pilot.app)
    while text != before:
        await pilot.pause(1.0)
        _still(pilot.app)
        before, text = text, screen_text(pilot.app)
    return text


def _still(app: App[Any]) -> None:
    for line in app.screen.query(Input).results():
        line.cursor_blink = False


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("update_snapshots", default=False))


def service_of_screens(folder: Path) -> FakeService:
    """Return a service with trouble of every sort, requests in its log, and a configuration."""
    cause = CODES["1301"]
    refused = Failure(
        kind=cause.kind,
        code="1301",
        http_status=400,
        words="内容安全审核未通过 [policy]",
        request_id="CjMT7WdSwWcAAAAAALvB3g",
        meaning=cause.meaning,
        money=NOTHING_CHARGED,
        next_step=cause.next_step,
    )
    failed = make_task("v1fail", Status.FAILED, prompt="雨夜的霓虹市场 [/b]", failure=refused, tags=("广告",))
    service = FakeService([*tasks(), failed])
    service.troubles["avatars"] = Trouble(failure=UNREACHABLE, since=ago(40), count=3, next_try=ahead(8))
    for each in (entry(1), entry(2, status=429, words="slow down 请稍后"), HOSTILE):
        service.log.note(each)
    vars(service)["account_book"] = AccountBook(folder / "config.toml")
    publish = OwnCommand("发布 [b]", ("publish", "--to", "clips"), confirm=True)
    service.own_commands = (publish, OwnCommand("Frames", ("frames",), output=Showing.TEXT))
    return service


async def filled(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: pilot.app.screen.query("DetailPane"))


async def drawn(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: pilot.app.screen.query("FieldRow"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_screens_of_the_dashboard(
    language: str, size: tuple[int, int], update: bool, tmp_path: Path
) -> None:
    speak(language)
    walk = Walk(language, size, update=update)
    await walk.run(ReeltopApp(service_of_screens(tmp_path).open, FakeClock()), filled, *DASHBOARD)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_screens_of_the_builder(
    language: str, size: tuple[int, int], update: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(language)
    monkeypatch.chdir(tmp_path)
    walk = Walk(language, size, update=update)
    await walk.run(Stage(StageService(EMPTY)), drawn, ("builder empty", ()), ("builder no file", ("f6",)))
    service = StageService(FULL)
    service.templates = Templates(Path("templates"))
    crow = Draft(account="second", operation="text2video", texts={"prompt": "雪の鴉 [/b]", "mode": "pro"})
    service.templates.save("crow", crow)
    await walk.run(Stage(service), drawn, *BUILDER)
    await walk.run(Stage(StageService(READY)), drawn, ("submit question", ("ctrl+s",)))
    await walk.run(Stage(StageService(READY), crow), drawn, ("builder drafts", ()))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_screens_of_clips_and_of_failing(
    language: str, size: tuple[int, int], update: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the detail names the file
    speak(language)
    walk = Walk(language, size, update=update)
    clips = [task_with_clip(Path(), "b2clip", prompt="a boat"), task_with_clip(Path(), "c3clip", prompt="猫")]
    app = ReeltopApp(FakeService(clips).open, FakeClock())

    async def play(pilot: Pilot[Any]) -> None:
        await filled(pilot)
        await pilot.press("v")
        await until(pilot, lambda: any(each.place > 0 for each in pilot.app.screen.query(ClipPlayer)))
        player = pilot.app.screen.query_one(ClipPlayer)
        player.pause()
        player.place, player.has_ended = 0.0, False
        await player.show_first().wait()
        await walk.compare(pilot, "player")
        await pilot.press("escape")

    compare = ("compare", ("equals_sign", "down", "equals_sign"))
    await walk.run(app, play, compare)

    async def fail() -> Service:
        raise ConfigError("/home/me/config.toml:3: accounts.账号.api_key: [b]")

    async def failed(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, FailedScreen))

    await walk.run(ReeltopApp(fail, FakeClock()), failed, ("failed", ()))
