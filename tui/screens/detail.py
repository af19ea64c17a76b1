"""One task on the whole screen."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.events import Resize, ScreenResume, ScreenSuspend
from textual.timer import Timer

from backend.clock import Clock
from backend.language import _
from backend.models import Task
from tui.action import Scope
from tui.actions import ACTIONS, BY_ID, bindings, has_cause, key
from tui.cells import is_live
from tui.messages import TasksChanged
from tui.task_actions import TaskScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.header_bar import HeaderBar
from tui.widgets.status_bar import StatusBar


class DetailScreen(TaskScreen):
    """Like the pane of the dashboard, with room."""

    SCOPES = (Scope.TASK, Scope.TEXT)
    CSS = "DetailScreen DetailPane { height: 1fr; }"
    BINDINGS = bindings(Scope.TASK)

    def __init__(self, task_id: str, clock: Clock) -> None:
        super().__init__()
        self._task_id = task_id
        self._clock = clock
        self._ticks: Timer | None = None

    def compose(self) -> ComposeResult:
        yield HeaderBar(self.service)
        yield DetailPane()
        yield StatusBar()

    def task_at_hand(self) -> Task | None:
        return self.service.tasks.get(self._task_id) if self.service else None

    def on_mount(self) -> None:
        self._ticks = self.set_interval(self.app.display_settings.refresh, self._show)
        self.query_one(DetailPane).focus()

    @on(Resize)
    @on(ScreenResume)
    def _show(self) -> None:
        task = self.task_at_hand()
        if task is None or self.service is None or self._ticks is None:
            return
        self.service.focus([task.id])
        typical, media = self.service.typical_seconds(task), self.service.media
        coming = self.service.download_progress(task.id)
        self.query_one(DetailPane).show(
            task, self._clock.now(), typical, media, coming, self.service.past_runs(task)
        )
        hints = [
            (action.first_key, _(action.hint))
            for action in ACTIONS
            if action.hint and action.scope is Scope.TASK and action.id not in ("quit", "back")
            if has_cause(action.id, task) and self.app.offers(action)
        ]
        back, help = BY_ID["back"], BY_ID["help"]
        self.query_one(StatusBar).show(
            hints,
            [(key("find"), _("find")), (help.first_key, _(help.hint)), (back.first_key, _(back.hint))],
        )
        if is_live(task):
            self._ticks.resume()
        else:
            self._ticks.pause()

    @on(TasksChanged)
    def _update(self, event: TasksChanged) -> None:
        if self.service is not None:
            self.query_one(HeaderBar).show(self.service, event.ids)
        if self._task_id in event.ids:
            self._show()

    @on(ScreenSuspend)
    def _rest(self) -> None:
        if self._ticks is not None:
            self._ticks.pause()

    def action_scroll_detail(self, direction: int) -> None:
        """Scroll by half a page."""
        self.query_one(DetailPane).scroll_half_page(direction)

    def action_back(self) -> None:
        """Return to the table."""
        self.dismiss(None)
