"""What the detail of a task shows of its clip: facts and first frame, found out while it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.worker import Worker

from backend.language import _
from backend.media.picture import NEEDS, Facts, MediaError, Picture
from backend.text import clean_line
from tui.clips import no_pictures
from tui.detail import Row, Section
from tui.halfcells import half_cells, room

if TYPE_CHECKING:
    from backend.media.media import Media

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
        self._wanted = wanted
        if self._worker is not None:
            self._worker.cancel()
        if wanted is not None:
            # Not the coroutine: a worker that is cancelled before it starts would leave it behind.
            look = partial(self._look, media, *wanted)
            self._worker = self._owner.run_worker(look, group="clip section", exit_on_error=False)

    async def _look(self, media: Media, path: Path, width: int, rows: int) -> None:
        await asyncio.sleep(_SETTLE)
        picture, reason = None, no_pictures(self._owner.app, media)
        try:
            if reason:
                facts = await media.probe(path)
            else:
                facts, picture = await media.first_frame(path, room(width, rows))
        except MediaError as error:
            self._section = Section(
                _("Clip"),
                (Row("", _("cannot be shown: {reason}").format(reason=clean_line(str(error))), "doubtful"),),
            )
        else:
            self._section = _section(facts, picture, reason)
        self._changed()


def _section(facts: Facts, picture: Picture | None, reason: str) -> Section:
    rows = [Row("", clean_line(facts.words()))]
    if reason == _(NEEDS):
        rows.append(Row("", reason, "muted"))
    art = tuple(map(tuple, half_cells(picture))) if picture is not None else ()
    return Section(_("Clip"), tuple(rows), art)
