"""Textual's command palette, without anything that blinks or spins."""

from __future__ import annotations

from textual.command import CommandPalette, SearchIcon
from textual.widgets import Input, LoadingIndicator


class Palette(CommandPalette):
    """Draws nothing while nobody types."""

    def on_mount(self) -> None:
        self.query_one(SearchIcon).icon = ":"
        self.query_one(Input).cursor_blink = False
        self.query_one(LoadingIndicator).auto_refresh = None
