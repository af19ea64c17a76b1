"""Textual's command palette, without anything that blinks or spins."""

from __future__ import annotations

from textual.command import CommandPalette, SearchIcon
from textual.widgets import Input, LoadingIndicator

from backend.language import _
from tui.widgets.header_bar import SANDBOX


class Palette(CommandPalette):
    """Draws nothing while nobody types."""

    DEFAULT_CSS = "Palette #--input { border-title-color: $warning; border-title-style: bold; }"

    def on_mount(self) -> None:
        if getattr(self.app, "is_sandbox", False):
            self.query_one("#--input").border_title = _(SANDBOX)
        self.query_one(SearchIcon).icon = ":"
        self.query_one(Input).cursor_blink = False
        self.query_one(LoadingIndicator).auto_refresh = None
