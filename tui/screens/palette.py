"""Textual's command palette, without anything that blinks or spins."""

from __future__ import annotations

from functools import partial

from rich.align import Align
from rich.text import Text
from textual.command import CommandList, CommandPalette, ProviderSource, SearchIcon
from textual.widgets import Input, LoadingIndicator
from textual.widgets.option_list import Option

from backend.language import _
from tui.widgets.header_bar import SANDBOX


class Palette(CommandPalette):
    """Draws nothing while nobody types, and speaks the user's language."""

    DEFAULT_CSS = "Palette #--input { border-title-color: $warning; border-title-style: bold; }"

    def __init__(self, providers: ProviderSource | None = None, *, placeholder: str = "", id: str) -> None:
        super().__init__(providers, placeholder=placeholder or _("Search for commands…"), id=id)

    def on_mount(self) -> None:
        if getattr(self.app, "is_sandbox", False):
            self.query_one("#--input").border_title = _(SANDBOX)
        self.query_one(SearchIcon).icon = ":"
        self.query_one(Input).cursor_blink = False
        self.query_one(LoadingIndicator).auto_refresh = None

    def _start_no_matches_countdown(self, search_value: str) -> None:
        # Textual's own method, which says so in English only.
        self._stop_no_matches_countdown()
        self._no_matches_timer = self.set_timer(
            self._NO_MATCHES_COUNTDOWN, partial(self._say_no_matches, search_value)
        )

    def _say_no_matches(self, search_value: str) -> None:
        if search_value:
            words = Align.center(Text(_("No matches found"), style="not bold"))
            self.query_one(CommandList).add_option(Option(words, disabled=True, id=self._NO_MATCHES))
        self._list_visible = bool(search_value)
