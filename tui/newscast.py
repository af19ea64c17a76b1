"""Tells the user of news, several at once in one breath, and not aloud while the terminal is looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui import news as sayings

if TYPE_CHECKING:
    from textual.timer import Timer

    from backend.clock import Clock
    from backend.news import News
    from backend.notify import Notify
    from tui.app import ReeltopApp

_GATHER_SECONDS = 2.0
"""How long the first of several waits for the others."""
_PAUSE_SECONDS = 10.0
"""The least time between two bells."""


class Newscast:
    """Of one app."""

    def __init__(self, app: ReeltopApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._gathered: list[News] = []
        self._timer: Timer | None = None
        self._rang: float | None = None

    def hear(self, news: Sequence[News]) -> None:
        """Take news, to be told in a moment."""
        self._gathered += news
        if self._timer is None:
            self._timer = self._app.set_timer(_GATHER_SECONDS, self._tell)

    def _tell(self) -> None:
        self._timer = None
        news, self._gathered = self._gathered, []
        service = self._app.service
        if service is None or not news:
            return
        words, notify = sayings.words(news), service.notify
        if notify.toast:
            self._app.say(words, "warning" if sayings.is_bad(news) else "information")
        if not self._app.is_looked_at:
            self._call(words, notify)

    def _call(self, words: str, notify: Notify) -> None:
        now = self._clock.monotonic()
        if notify.bell and (self._rang is None or now - self._rang >= _PAUSE_SECONDS):
            self._rang = now
            self._app.bell()
        how = sayings.way(notify.desktop, os.environ)
        self._app.write_to_terminal(sayings.sequence(how, words, in_tmux="TMUX" in os.environ))
