"""A clip on the whole screen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from backend.language import _
from backend.text import clean_line
from tui.messages import TerminalAnswered
from tui.pace import Pace
from tui.widgets.clip_player import ClipPlayer
from tui.widgets.detail_lines import cut

if TYPE_CHECKING:
    from backend.media.media import Media
    from tui.app import ReeltopApp


class PlayerScreen(Screen[None]):
    """Plays at once. Space holds it and lets it go on; any other key ends it."""

    app: ReeltopApp
    CSS = """
    PlayerScreen { background: black; }
    PlayerScreen Static { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    """

    def __init__(self, media: Media, path: Path, title: str) -> None:
        """`title` says which clip it is, in words of users and servers."""
        super().__init__()
        self._title_words = clean_line(title)
        self._pace = Pace(time.monotonic)
        self.player = ClipPlayer(media, path, self._pace)
        self._second = -1

    def compose(self) -> ComposeResult:
        yield self.player
        yield Static(markup=False)

    def on_mount(self) -> None:
        self.call_after_refresh(self.player.play)

    @on(TerminalAnswered)
    def _go_on(self) -> None:
        self._pace.answered()

    @on(ClipPlayer.Shown)
    def _count(self) -> None:
        if round(self.player.place) != self._second:
            self._tell()

    @on(ClipPlayer.Changed)
    @on(events.Resize)
    def _tell(self) -> None:
        player = self.player
        self._second = round(player.place)
        if player.problem:
            keys = _("any key: back")
        elif player.is_playing:
            keys = _("space: hold · any other key: back")
        elif player.has_ended:
            keys = _("space: again · any other key: back")
        else:
            keys = _("space: go on · any other key: back")
        facts = player.facts.words() if not player.problem or player.picture else ""
        if facts and player.facts.seconds:
            facts = _("{seconds} s of {facts}").format(seconds=self._second, facts=facts)
        width = self.size.width - 2
        words = "   ".join(part for part in (facts, keys) if part)
        if cell_len(words) > width:
            words = keys
        title = cut(self._title_words, max(0, width - cell_len(words) - 3))
        gap = " " * max(0, width - cell_len(title) - cell_len(words))
        self.query_one(Static).update(title + gap + words, layout=False)

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key != "space" or self.player.problem:
            self.dismiss(None)
        elif self.player.is_playing:
            self.player.pause()
        else:
            self.player.play()
