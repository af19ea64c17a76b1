"""What is sent to the terminal makes it show, cell for cell, what Textual's own way of drawing would."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyte
import pytest
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.pilot import Pilot
from textual.screen import Screen

import tui.app
from backend.models import Status
from tests.tui.builder_stage import StageService
from tests.tui.fakes import FakeClock, FakeService, ago, gallery, make_task
from tests.tui.test_line_table import Terminal
from tui.app import ReeltopApp
from tui.screens.builder import BuilderScreen
from tui.terminal import display

NOTES = [
    "a cat on a train",
    "漢字かな交じり文" * 9,
    "👩‍👩‍👧‍👦 ⚠️ ▶️ é",
    "ё" * 70,
    "[red]no[/red]",
    "",
    "한국어 文 x",
]


class Watched(ReeltopApp):
    """Shows on a second screen what Textual alone would have sent."""

    CSS_PATH = str(Path(tui.app.__file__).with_name("screens") / "dashboard.tcss")

    def __init__(self, service: FakeService, clock: FakeClock) -> None:
        super().__init__(service.open, clock)
        self.driver_class = Terminal
        self.stock = pyte.Screen(80, 24)
        self.stock_bytes = 0
        self._stream = pyte.Stream(self.stock)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        update: object = renderable
        if isinstance(update, CompositorUpdate) and self._will_be_written:
            written = update.render_segments(self.console)
            self.stock_bytes += len(written.encode())
            self._stream.feed(written)
        super()._display(screen, renderable)

    @property
    def terminal(self) -> Terminal:
        assert isinstance(self._driver, Terminal)
        return self._driver

    def resize(self, width: int, height: int) -> None:
        """Do what terminals do: leave rubbish behind."""
        for screen in (self.stock, self.terminal.screen):
            screen.resize(height, width)
            screen.reset()
        for y in range(height):
            self.terminal.screen.cursor_position(y + 1, 1)
            self.terminal.screen.draw("#" * width)


@asynccontextmanager
async def watched(
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Watched, FakeService, Pilot[None]]]:
    service = FakeService(gallery())
    app = Watched(service, FakeClock())
    app.stock.resize(size[1], size[0])
    async with app.run_test(headless=False, size=size, tooltips=True, notifications=True) as pilot:
        await pilot.pause(0.1)
        yield app, service, pilot
    await app.close_service()


def cells(screen: pyte.Screen) -> list[list[Any]]:
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause(0.08)
    await pilot.pause()


def assert_same(app: Watched, done: object) -> None:
    shown, stock = cells(app.terminal.screen), cells(app.stock)
    for y, (line, expected) in enumerate(zip(shown, stock, strict=True)):
        for x, (cell, other) in enumerate(zip(line, expected, strict=True)):
            assert cell == other, f"line {y}, column {x}, after {done}"


async def _keys(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    await pilot.press(
        *chance.choices(["down", "up", "j", "pagedown", "end", "home", "e", "p", "ctrl+d"], k=3)
    )


async def _tasks(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    for _ in range(chance.randint(1, 4)):
        key = chance.choice([*service.tasks, f"new{chance.randrange(30)}"])
        status = chance.choice([Status.RUNNING, Status.QUEUED, Status.WAITING, Status.SUCCEEDED])
        words = chance.choice(NOTES)
        service.put(
            make_task(key, status, prompt=words, sent_at=ago(chance.random() * 999), progress=chance.random())
        )


async def _boxes(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    await pilot.press(chance.choice(["question_mark", "y", "a", "q", "colon", "s"]))
    await settled(pilot)
    assert_same(app, "a box")
    await _tasks(chance, app, service, pilot)
    await settled(pilot)
    assert_same(app, "changes under a box")
    await pilot.press("escape")


async def _screens(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    if chance.random() < 0.5:
        await pilot.press("enter")
    else:
        app.push_screen(BuilderScreen(StageService(sandbox=True)))  # type: ignore[arg-type]
    await settled(pilot)
    assert_same(app, "a screen")
    await pilot.press("tab", "漢", "x", "escape")


async def _resize(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    size = chance.choice([(80, 24), (60, 15), (141, 40), (110, 30)])
    app.resize(*size)
    await pilot.resize_terminal(*size)


async def _tooltip(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    app.screen.query_one("TaskTable").tooltip = chance.choice(["a tip", "漢字の説明"])
    await pilot.hover("TaskTable", offset=(chance.randint(1, 20), chance.randint(1, 9)))
    await pilot.pause(0.4)
    assert_same(app, "a tooltip")
    app.screen.query_one("TaskTable").tooltip = None


async def _words(chance: random.Random, app: Watched, service: FakeService, pilot: Pilot[None]) -> None:
    app.say(chance.choice(NOTES) or "said", chance.choice(["information", "error"]))


@pytest.mark.parametrize("seed", range(6))
async def test_the_terminal_shows_what_textual_would_have_it_show(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "screen" if seed % 3 == 0 else "xterm-256color")
    chance = random.Random(seed)
    deeds: list[Callable[..., Any]] = [_keys, _tasks, _tasks, _boxes, _screens, _resize, _tooltip, _words]
    async with watched() as (app, service, pilot):
        assert_same(app, "the start")
        for _ in range(12):
            deed = chance.choice(deeds)
            await deed(chance, app, service, pilot)
            await settled(pilot)
            assert_same(app, deed.__name__)
        assert 0 < len(app.terminal.written.encode()) < app.stock_bytes


async def test_with_another_textual_it_is_drawn_as_that_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "is_known", lambda: False)
    async with watched() as (app, service, pilot):
        assert app.frame is None
        for deed in (_keys, _tasks, _boxes):
            await deed(random.Random(1), app, service, pilot)
            await settled(pilot)
            assert_same(app, deed.__name__)
        assert len(app.terminal.written.encode()) > app.stock_bytes


async def test_frames_that_the_terminal_has_no_time_for_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched() as (app, service, pilot):
        await settled(pilot)
        monkeypatch.setattr(Terminal, "is_behind", True, raising=False)
        before = len(app.terminal.written)
        for _ in range(4):
            await _tasks(random.Random(2), app, service, pilot)
            await pilot.press("down")
            await settled(pilot)
        assert len(app.terminal.written) == before
        monkeypatch.setattr(Terminal, "is_behind", False)
        app._catch_up()
        await settled(pilot)
        assert_same(app, "catching up")


async def test_nothing_is_sent_for_a_repaint_that_changes_nothing() -> None:
    async with watched() as (app, _, pilot):
        await settled(pilot)
        before = len(app.terminal.written)
        app.screen.refresh()
        await settled(pilot)
        assert len(app.terminal.written) == before
        app.action_redraw()
        await settled(pilot)
        assert len(app.terminal.written) > before + 1000
