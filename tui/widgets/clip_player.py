"""Plays a clip, as fast and as large as the line takes it."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from backend.media.picture import Facts, MediaError
from tui.pace import Pace
from tui.painting import Painting
from tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from backend.media.media import Media
    from tui.app import ReeltopApp

MOST_FPS = 24.0
"""Pictures a second that are asked for; a terminal shows no more."""
_LATE = 0.1
"""Seconds after which a frame is not worth to be shown any more."""
_STALE = 0.5
"""Seconds without any picture, after which a late one is better than none."""


class ClipPlayer(PictureView):
    """A clip. Closed or paused it costs nothing: the process that decodes waits, or is gone."""

    app: ReeltopApp

    @dataclass
    class Changed(Message):
        """What is known of the clip, or whether it plays, is another than before."""

        player: ClipPlayer

        @property
        def control(self) -> ClipPlayer:
            return self.player

    @dataclass
    class Shown(Message):
        """A frame is on its way to the terminal."""

        player: ClipPlayer

    def __init__(self, media: Media, path: Path, pace: Pace, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._media, self._path, self._pace = media, path, pace
        self._going = asyncio.Event()
        self._is_first = False
        self.facts = Facts()
        self.place = 0.0
        """Seconds of the clip that are past."""
        self.problem = ""
        self.has_ended = False

    @property
    def is_playing(self) -> bool:
        """Whether frames come."""
        return self._going.is_set() and not self.has_ended and not self.problem

    def play(self) -> None:
        """Go on, or start again from the beginning if it has ended."""
        self._going.set()
        if self.place == 0.0 or self.has_ended:
            self._start(0.0)
        self.post_message(self.Changed(self))

    def pause(self) -> None:
        """Hold the frame that is shown."""
        self._going.clear()
        self.post_message(self.Changed(self))

    def on_resize(self) -> None:
        super().on_resize()
        if self._is_first:
            self.show_first()

    @work(group="clip", exclusive=True, exit_on_error=False)
    async def show_first(self) -> None:
        """Show the first frame, fitted anew whenever there is more or less room, and find the facts."""
        self._is_first = True
        try:
            painter = await self.app.painters.choose()
            box = painter.room(self.size.width, self.size.height)
            self.facts, picture = await self._media.first_frame(self._path, box, painter.colours)
            painting = await painter.prepare(picture)
        except MediaError as error:
            self.problem = str(error)
            self.say(self.problem)
        else:
            self.show(painting)
        self.post_message(self.Changed(self))

    def _start(self, place: float) -> None:
        self.place, self.has_ended, self.problem, self._is_first = place, False, "", False
        self._run(place)

    @work(group="clip", exclusive=True, exit_on_error=False)
    async def _run(self, place: float) -> None:
        try:
            while await self._show_from(place):
                place = self.place
        except MediaError as error:
            self.problem = str(error)
            if self.picture is None:
                self.say(self.problem)
        else:
            self.has_ended = True
        self.post_message(self.Changed(self))

    async def _show_from(self, place: float) -> bool:
        """Show frames until the clip ends, or the room or the pace is another; return whether to go on."""
        painter = await self.app.painters.choose()
        self._pace.choose_from(painter.scales, smallest_first=painter.starts_small)
        scale, size = self._pace.scale, self.size
        box = painter.room(size.width, size.height, scale)
        wanted = self._media.frames(self._path, box, MOST_FPS, place, painter.clip_colours)
        began: float | None = None
        last_shown = 0.0
        async with aclosing(wanted) as frames:
            async for message in frames:
                if isinstance(message, Facts):
                    self.facts = message
                    self.post_message(self.Changed(self))
                    continue
                if not self._going.is_set():
                    await self._going.wait()
                    began = None
                now = time.monotonic()
                if began is None:
                    began = now - (message.seconds - place)
                due = began + message.seconds - place
                await asyncio.sleep(due - now)
                now = max(now, due)
                self.place = message.seconds
                is_late = time.monotonic() - due > _LATE and now - last_shown < _STALE
                if self._pace.may_show() and not is_late:
                    last_shown = now
                    self._show(await painter.prepare(message))
                if self._pace.scale != scale or self.size != size:
                    return True
        return False

    def _show(self, painting: Painting) -> None:
        self.show(painting)
        self._pace.sent()
        if self._pace.asks:
            self.call_after_refresh(self.app.ask_terminal)
        self.post_message(self.Shown(self))
