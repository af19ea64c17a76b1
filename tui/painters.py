"""Which painter draws pictures here: what the user wants, or what the terminal says that it can.

The terminal is asked when the first picture is wanted, not before: whoever looks at none waits for nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from backend.display import Display
from tui.painting import HalfCellPainter, Painter
from tui.terminal.interview import Abilities, is_worth_asking

if TYPE_CHECKING:
    from textual.app import App

    from tui.terminal.driver import TerminalDriver
    from tui.terminal.frame import Frame

_DEADLINE_SECONDS = 0.3
"""That the first picture waits for the terminal's answers. Should they come later, the next one is drawn by
them."""
_USUAL_CELL = 10, 20
"""Pixels across and down, where nobody says: it matters for the proportions alone."""
_LEAST_COLOURS = 64
"""With fewer than that, half cells show more."""


class Painters:
    """Belongs to the app."""

    def __init__(
        self,
        app: App[Any],
        frame: Frame | None,
        display: Display,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Without a `frame`, Textual draws alone, and there are half cells."""
        self._app, self._frame = app, frame
        self._wanted, self._is_lean = display.pictures, display.lean
        self._environment = environment
        self._plain = HalfCellPainter()
        self._best: Painter = self._plain
        self._best_if_cut: Painter = self._plain
        self._told: asyncio.Event | None = None
        self._is_mute = False
        self._abilities = Abilities()

    async def choose(self, *, may_be_cut: bool = False) -> Painter:
        """Return what draws pictures; `may_be_cut` for those that may be shown in part."""
        if self._told is None:
            self._told = asyncio.Event()
            self._begin()
        if not self._told.is_set() and not self._is_mute:
            try:
                await asyncio.wait_for(self._told.wait(), _DEADLINE_SECONDS)
            except TimeoutError:
                self._is_mute = True
                if self._is_forced:
                    self._take(Abilities())
        return self._best_if_cut if may_be_cut else self._best

    @property
    def _driver(self) -> TerminalDriver | None:
        if self._frame is None:
            return None
        from tui.terminal.driver import TerminalDriver

        driver = self._app._driver
        return driver if isinstance(driver, TerminalDriver) else None

    @property
    def _is_forced(self) -> bool:
        return self._wanted in ("kitty", "sixel")

    def _begin(self) -> None:
        assert self._told is not None  # noqa: S101 - for the type checker
        driver = self._driver
        if (
            driver is None
            or self._wanted == "half-cells"
            or (self._is_forced and self._known_cell)
            or not (self._is_forced or is_worth_asking(self._environment))
        ):
            self._take(Abilities())
            return
        loop = asyncio.get_running_loop()

        def ended(abilities: Abilities) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._take, abilities)

        driver.ask(ended)

    def _take(self, abilities: Abilities) -> None:
        assert self._told is not None  # noqa: S101 - for the type checker
        self._abilities = abilities
        driver, frame = self._driver, self._frame
        can_have_sixel = abilities.sixel and self._known_cell and abilities.colours >= _LEAST_COLOURS
        if driver is None or frame is None or self._wanted == "half-cells":
            pass
        elif self._wanted == "kitty" or (self._wanted == "auto" and abilities.kitty):
            from tui.kitty import KittyPainter

            painter = KittyPainter(driver.write, self._cell, lean=self._is_lean)
            driver.on_stop, driver.on_return = painter.suspend, painter.resume
            self._best = self._best_if_cut = painter
        elif self._wanted == "sixel" or (self._wanted == "auto" and can_have_sixel):
            from tui.sixel import SixelPainter

            self._best = SixelPainter(
                frame.stamps,
                self._cell,
                colours=abilities.colours,
                largest=abilities.largest,
                lean=self._is_lean,
            )
        self._told.set()

    @property
    def _known_cell(self) -> tuple[int, int] | None:
        driver = self._driver
        return driver.cell(self._abilities.cell) if driver is not None else None

    def _cell(self) -> tuple[int, int]:
        return self._known_cell or _USUAL_CELL
