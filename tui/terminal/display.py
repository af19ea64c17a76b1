"""Sends frames to the terminal: what differs from the one before, and no faster than it takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.events import Resize
from textual.filter import Monochrome, NoColor
from textual.geometry import Size
from textual.screen import Screen

from tui.terminal.frame import Frame, Piece
from tui.terminal.known import erases_in_colour, is_known

_AT_ONCE = 100
"""Bytes that reach a terminal in one go, so that it need not be told to wait for the rest of the frame."""


class TerminalApp(App[None]):
    """An app that draws only what differs; with a Textual it does not know, as Textual does."""

    frame: Frame | None
    """What the terminal shows; None to draw as Textual does."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        known = is_known()
        if driver_class is None and known:
            driver_class = _driver_class(self.get_driver_class())
        super().__init__(driver_class=driver_class)
        self.frame = Frame(erases=erases_in_colour()) if known else None
        self._is_small = False
        self._is_late = False
        self._new_size: Size | None = None

    def _build_driver(self, *args: Any, **options: Any) -> Driver:
        from tui.terminal.driver import TerminalDriver

        driver = super()._build_driver(*args, **options)
        if isinstance(driver, TerminalDriver):
            driver.on_start, driver.on_idle = self.forget_frame, self._catch_up
        return driver

    def fit_filters(self) -> None:
        """Let the filters of colours suit the theme, which Textual does for its first one alone."""
        self._refresh_truecolor_filter(self.ansi_theme)
        for place, each in enumerate(self._filters):
            if isinstance(each, NoColor | Monochrome):
                self._filters[place] = NoColor() if self.native_ansi_color else Monochrome()

    def forget_frame(self) -> None:
        """Send the next frame whole."""
        if self.frame is not None:
            self.frame.forget()

    def on_resize(self, event: Resize) -> None:
        # Terminals move what they show, each in its own way. What is sent before Textual has laid the screen
        # out for the new size may end up anywhere, so nothing is taken for granted until then.
        self._new_size = event.size
        if self.screen_stack and self.screen._compositor.size == event.size:
            self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self.frame is None or renderable is None or not self._will_be_written:
            super()._display(screen, renderable)
            return
        if screen._compositor.size == self._new_size:
            self.frame.forget()
            self._new_size = None
        pieces = _pieces(renderable)
        if pieces is None:
            self.frame.forget()
            super()._display(screen, renderable)
        elif getattr(self._driver, "is_behind", False):
            self._is_late = True
            super()._display(screen, None)
        else:
            written = self.frame.draw(pieces, self.console)
            self._is_small = len(written) <= _AT_ONCE
            stays = self.cursor_position == self._previous_cursor_position
            super()._display(screen, None if stays and not written else _Drawn(written))
            self._is_small = False

    @property
    def _will_be_written(self) -> bool:
        return self._running and not (self._closed or self._batch_count or self.is_headless)

    def _catch_up(self) -> None:
        """Show how things stand now: frames since the terminal fell behind were left out."""
        if self._is_late and self._running:
            self._is_late = False
            self.screen.refresh()

    def _begin_update(self) -> None:
        if not self._is_small:
            super()._begin_update()

    def _end_update(self) -> None:
        if not self._is_small:
            super()._end_update()


class _Drawn(CompositorUpdate):
    """A frame that is ready to be written."""

    def __init__(self, written: str) -> None:
        self._written = written

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        raise NotImplementedError  # Textual asks a frame only for what to write

    def render_segments(self, console: Console) -> str:
        return self._written


def _driver_class(default: type[Driver]) -> type[Driver]:
    from tui.terminal.driver import TerminalDriver

    return TerminalDriver if TerminalDriver.__base__ is default else default


def _pieces(update: RenderableType) -> Iterator[Piece] | None:
    """Return the pieces of a frame, those that Textual would send; None for a frame of another kind."""
    if isinstance(update, ChopsUpdate):
        return _of_chops(update)
    return _of_layout(update) if isinstance(update, LayoutUpdate) else None


def _of_layout(update: LayoutUpdate) -> Iterator[Piece]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield x, y, strip
            x += strip.cell_length


def _of_chops(update: ChopsUpdate) -> Iterator[Piece]:
    for y, start, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if strip is not None and x <= stop and end > start:
                yield x, y, strip if end <= stop else strip.crop(0, stop - x)
