"""The local pictures that a request names: small, with their size, found out while the form is filled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical
from textual.widgets import Static

from backend.language import _
from backend.media.picture import NEEDS, MediaError
from backend.text import clean_line
from tui.clips import no_pictures
from tui.formatters import size
from tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from backend.media.media import Media
    from tui.app import ReeltopApp

_SETTLE = 0.3
"""Seconds without a change, so that a path is not looked for at each key."""
_ROWS = 8
_MOST = 6


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture file, and what it is in the request."""

    title: str
    path: Path


class SentPictures(Vertical):
    """Takes no room while the request names no file."""

    app: ReeltopApp
    DEFAULT_CSS = """
    SentPictures { height: auto; }
    SentPictures Static { height: auto; }
    SentPictures .bad { color: $text-error; }
    """

    def __init__(self, media: Media) -> None:
        super().__init__()
        self._media = media
        self._files: tuple[SentPicture, ...] = ()

    def show(self, files: Sequence[SentPicture]) -> None:
        """Show these in the place of those before."""
        if tuple(files) != self._files:
            self._files = tuple(files)
            self._load()

    @work(group="sent pictures", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        await asyncio.sleep(_SETTLE)
        files, width = self._files, max(8, self.container_size.width - 4)
        shown = [widget for file in files[:_MOST] for widget in await self._widgets(file, width)]
        if len(files) > _MOST:
            shown.append(Static(_("… and {count} more").format(count=len(files) - _MOST), markup=False))
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(shown)

    async def _widgets(self, file: SentPicture, width: int) -> list[Static | PictureView]:
        reason, name = (
            no_pictures(self.app, self._media),
            _("{reason}: {words}").format(reason=file.title, words=clean_line(file.path.name)),
        )
        painter = await self.app.painters.choose(may_be_cut=True)
        try:
            if reason:
                facts, picture = await self._media.probe(file.path), None
            else:
                facts, picture = await self._media.still(
                    file.path, painter.room(width, _ROWS), painter.colours
                )
        except MediaError as error:
            return [
                Static(
                    _("{reason}: {words}").format(reason=name, words=clean_line(str(error))),
                    classes="bad",
                    markup=False,
                )
            ]
        words = f"{name} · {facts.words()} · {size(facts.length)}"
        if picture is None:
            return [Static("\n".join((words, *([reason] if reason == _(NEEDS) else ()))), markup=False)]
        view = PictureView()
        view.styles.height = painter.extent(picture, width, _ROWS)[1]
        view.show(await painter.prepare(picture))
        return [Static(words, markup=False), view]
