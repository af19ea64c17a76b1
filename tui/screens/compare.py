"""Two tasks side by side: their clips, and in what they differ."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from backend.language import _
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.clips import clip_of, clip_title, no_pictures
from tui.differences import differences
from tui.messages import TerminalAnswered
from tui.pace import Pace
from tui.widgets.clip_player import ClipPlayer
from tui.widgets.detail_lines import cut
from tui.widgets.header_bar import HeaderBar
from tui.widgets.picture_view import PictureView
from tui.widgets.section_view import SectionView
from tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service
    from tui.app import ReeltopApp


class CompareScreen(Screen[None]):
    """Shows the first frames; space plays both at the same time."""

    app: ReeltopApp
    CSS = """
    CompareScreen #pictures { height: 1fr; }
    CompareScreen Vertical { width: 1fr; padding: 0 1; }
    CompareScreen .title { height: 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    CompareScreen .facts { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    CompareScreen SectionView { height: 40%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.COMPARING),
        also("close", "back"),
        also("close_list", "back"),
        also("compare", "back"),
    ]

    def __init__(self, service: Service, left: Task, right: Task) -> None:
        super().__init__()
        self._service = service
        self._tasks = (left, right)
        self._pace = Pace(time.monotonic)
        self._players: list[ClipPlayer] = []

    def compose(self) -> ComposeResult:
        yield HeaderBar(self._service, _("compare"))
        with Horizontal(id="pictures"):
            for number, task in enumerate(self._tasks, 1):
                with Vertical():
                    yield Static(f"{number}  {clip_title(task)}", classes="title", markup=False)
                    yield self._view(task)
                    yield Static(classes="facts", markup=False)
        yield SectionView(differences(*self._tasks))
        yield StatusBar(
            [(key("play_both"), _("play or hold both")), ("↑↓", _("scroll the differences"))],
            [(key("close"), _("back"))],
        )

    def _view(self, task: Task) -> PictureView:
        path, reason = clip_of(task), no_pictures(self.app, self._service.media)
        if path is None or reason:
            view = PictureView()
            view.say(reason if path is not None else _("no file of it is saved here"))
            return view
        player = ClipPlayer(self._service.media, path, self._pace)
        self._players.append(player)
        return player

    def on_mount(self) -> None:
        self.query_one(SectionView).focus()
        self.call_after_refresh(self._show_first)

    def _show_first(self) -> None:
        for player in self._players:
            player.show_first()

    @on(TerminalAnswered)
    def _go_on(self) -> None:
        self._pace.answered()

    @on(ClipPlayer.Changed)
    def _tell(self, event: ClipPlayer.Changed) -> None:
        player = event.player
        words = player.problem or player.facts.words()
        if player.parent is not None:
            player.parent.query_one(".facts", Static).update(cut(words, player.size.width), layout=False)

    def action_play(self) -> None:
        """Play both, from the beginning if both have ended; or hold both."""
        if any(player.is_playing for player in self._players):
            for player in self._players:
                player.pause()
            return
        ended = all(player.has_ended for player in self._players)
        for player in self._players:
            if ended or not player.has_ended:
                player.play()

    def action_back(self) -> None:
        """Return to where it was opened."""
        self.dismiss(None)
