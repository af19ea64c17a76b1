"""What the detail of a task shows of its clip: facts and first frame, found out while it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.widget import Widget
from textual.worker import Worker

from backend.language import _
from backend.media.picture import NEEDS, Facts, MediaError
from backend.text import clean_line
from tui.clips import no_pictures
from tui.detail import Row, Section
from tui.halfcells import Cells
from tui.painting import Painter

if TYPE_CHECKING:
    from backend.media.media import Media
    from tui.app import ReeltopApp

_SETTLE = 0.15
"""Seconds that a task is looked at before its clip is: not while a key is held down."""
_LEAST_ROWS, _MOST_ROWS = 6, 24


class ClipSection:
    """Belongs to the widget that shows it; :meth:`sections` is what there is to show so far."""

    def __init__(self, owner: Widget, changed: Callable[[], None]) -> None:
        """`changed` is called when there is more to show."""
        self._owner = owner
        self._changed = changed
        self._wanted: tuple[Path, int, int] | None = None
        self._section: Section | None = None
        self._worker: Worker[None] | None = None
        self._painter: Painter | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The section of the clip that was asked for; none before anything is known of it."""
        return (self._section,) if self._section is not None else ()

    def want(self, media: Media, path: Path | None) -> None:
        """Find out about a clip, or about none; quick, and what was asked for before is dropped."""
        size = self._owner.scrollable_content_region
        rows = min(max(size.height // 2, _LEAST_ROWS), _MOST_ROWS)
        wanted = (path, size.width, rows) if path is not None and size.width else None
        if wanted == self._wanted:
            return
        if self._wanted is None or wanted is None or wanted[0] != self._wanted[0]:
            self._section = None
            self.let_go()
        self._wanted = wanted
        if self._worker is not None:
            self._worker.cancel()
        if wanted is not None:
            # Not the coroutine: a worker that is cancelled before it starts would leave it behind.
            look = partial(self._look, media, *wanted)
            self._worker = self._owner.run_worker(look, group="clip section", exit_on_error=False)

    def let_go(self) -> None:
        """Forget the picture: it is shown no more."""
        if self._painter is not None:
            self._painter.let_go(self)
            self._painter = None

    async def _look(self, media: Media, path: Path, width: int, rows: int) -> None:
        await asyncio.sleep(_SETTLE)
        app = cast("ReeltopApp", self._owner.app)
        art: Cells = []
        reason = no_pictures(app, media)
        try:
            if reason:
                facts = await media.probe(path)
            else:
                painter = await app.painters.choose(may_be_cut=True)
                facts, picture = await media.first_frame(path, painter.room(width, rows), painter.colours)
                painting = await painter.prepare(picture)
                if painter is not self._painter:
                    self.let_go()
                self._painter = painter
                art = painter.draw(painting, self, width, rows)
        except MediaError as error:
            self._section = Section(
                _("Clip"),
                (Row("", _("cannot be shown: {reason}").format(reason=clean_line(str(error))), "doubtful"),),
            )
        else:
            self._section = _section(facts, art, reason)
        self._changed()


def _section(facts: Facts, art: Cells, reason: str) -> Section:
    rows = [Row("", clean_line(facts.words()))]
    if reason == _(NEEDS):
        rows.append(Row("", reason, "muted"))
    return Section(_("Clip"), tuple(rows), tuple(map(tuple, art)))
