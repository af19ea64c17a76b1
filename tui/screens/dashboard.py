"""The first screen: all tasks, and the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize, ScreenResume, ScreenSuspend
from textual.timer import Timer

from backend.clock import Clock
from backend.language import _
from tui.action import Scope
from tui.actions import ACTIONS, BY_ID, bindings, has_cause, key
from tui.cells import is_live
from tui.formatters import within
from tui.messages import AccountsChanged, FilterLeft, FilterOpened, LeadChanged, ServiceOpened, TasksChanged
from tui.screens.dashboard_marks import MarkingScreen
from tui.widgets.header_bar import HeaderBar, NoticeLine
from tui.widgets.line_table import LineTable
from tui.widgets.status_bar import Hint, StatusBar
from tui.widgets.task_table import TaskTable
from tui.widgets.view_bar import ViewBar

if TYPE_CHECKING:
    from backend.failure_groups import FailureGroups
    from backend.models import AccountHealth, Task
    from backend.states import FailureKind
    from tui.widgets.detail_pane import DetailPane

_LOOK_AGAIN = 5
"""Ticks after which it is looked again for what time alone has changed."""
_SETTLE = 0.06
"""Seconds the cursor rests before the pane follows, so that a held key does not repaint it at each step."""

_OF_MARKS = (
    "again", "tag", "archive", "export", "clear_marks", "note", "download", "copy", "stop", "undo"
)  # fmt: skip
"""What the bottom line offers while tasks are marked, as far as there is room."""


class DashboardScreen(MarkingScreen):
    """Wires messages to widgets; draws nothing itself."""

    SCOPES = (Scope.DASHBOARD, Scope.TASK)
    BINDINGS = bindings(*SCOPES)

    def __init__(self, clock: Clock, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._clock = clock
        self._follows = False
        self._live: set[str] = set()
        self._ticks: Timer | None = None
        self._settling: Timer | None = None
        self._troubled: dict[str, AccountHealth] = {}
        self._failures: FailureGroups | None = None
        self._problems: list[str] = []
        self._ticked = 0
        self._pane: DetailPane | None = None

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield NoticeLine()
        yield ViewBar()
        with Container(id="body"):
            yield TaskTable(self._clock.now)
        yield StatusBar()

    def on_mount(self) -> None:
        self._ticks = self.set_interval(self.app.display_settings.refresh, self._tick, pause=True)
        self.table.focus()
        self._show_hints()

    @property
    def pane(self) -> DetailPane | None:
        """The detail beside or below it; there is none before there is a task."""
        return self._pane

    def task_at_hand(self) -> Task | None:
        key = self.table.cursor_key
        return self.service.tasks.get(key) if self.service and key is not None else None

    # -- What the service says ----------------------------------------------------------------------------

    @on(ServiceOpened)
    async def _fill(self, event: ServiceOpened) -> None:
        service = event.service
        from backend.failure_groups import FailureGroups

        mounting = self._restore(service, self._clock)
        self._failures = FailureGroups()
        self._failures.learn(service.tasks, service.tasks)
        self._learn_troubles()
        self.table.show(self.tasks, service.tasks, service.typical_seconds, service.past_runs)
        self._live = {key for key, task in service.tasks.items() if is_live(task)}
        self._show_list()
        self._show_around()
        if self._pane is not None and self.task_at_hand() is None:
            self._pane.remove()  # what it shows is of the service before
            self._pane = None
        self._show_task()
        self._wake()
        if mounting is not None:
            await mounting
        self.app.type_ahead.let_go()

    @on(TasksChanged)
    def _update(self, event: TasksChanged) -> None:
        if self.service is None:
            return
        tasks = self.service.tasks
        self.table.update(event.ids)
        if self._failures is not None:
            self._failures.learn(tasks, event.ids)
            self._show_notices()
        self._show_counts()
        self._live.difference_update(event.ids)
        self._live.update(key for key in event.ids if key in tasks and is_live(tasks[key]))
        if self._follows and (newest := self.table.newest()) is not None:
            self.table.move_to(newest)
        if self.table.cursor_key in event.ids:
            self._show_task()
        self.query_one(HeaderBar).show(self.service, event.ids)
        self._show_hints()
        self._wake()

    @on(LeadChanged)
    def _show_around(self) -> None:
        if self.service is not None:
            self.query_one(HeaderBar).show(self.service)
        self._show_hints()

    @on(AccountsChanged)
    def _learn_troubles(self) -> None:
        if self.service is not None:
            accounts = self.service.accounts()
            self._problems = [
                _("{reason}: {words}").format(reason=account.name, words=account.problem)
                for account in accounts
                if account.problem
            ]
            health = {account.name: self.service.health(account.name) for account in accounts}
            self._troubled = {name: each for name, each in health.items() if each.trouble}
            self._heed(health)
            self._show_notices()
        self._wake()

    def _heed(self, health: Mapping[str, AccountHealth]) -> None:
        """Look again at which tasks need a person, if the trouble of an account is another one."""
        before = self.tasks.accounts or {}
        self.tasks.accounts = health
        kinds = [{name: _kind(each) for name, each in known.items()} for known in (before, health)]
        if kinds[0] != kinds[1] and self.table.has_tasks:
            self.tasks.refresh()
            self._show_list()

    def _show_notices(self) -> None:
        notices: Sequence[str] = ()
        groups = self._failures.groups() if self._failures is not None else ()
        if groups or self._troubled:
            from tui.failure_words import notices_of

            notices = notices_of(groups, self._troubled, self._clock.now())
        self.query_one(NoticeLine).show(" · ".join((*self._problems, *notices)))

    # -- The clock ----------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.table.refresh_rows(key for key in self.table.visible_keys() if key in self._live)
        if self.table.cursor_key in self._live:
            self._show_detail()
        self._show_notices()
        self._ticked += 1
        if self._ticked % _LOOK_AGAIN == 0 and self.tasks.moves:
            self.tasks.look_again()
            self._show_list()
        self._wake()

    def _wake(self) -> None:
        if self._ticks is None:
            return
        if self.is_current and (self._live or self._troubled or (self._is_filled and self.tasks.query.moves)):
            self._ticks.resume()
        else:
            self._ticks.pause()

    @on(ScreenSuspend)
    def _rest(self) -> None:
        if self._ticks is not None:
            self._ticks.pause()

    @on(ScreenResume)
    def _return(self) -> None:
        if self.service is not None:
            self.table.refresh_visible()
            self._show_around()
            self._show_task()
        self._wake()

    # -- The task under the cursor ------------------------------------------------------------------------

    @on(LineTable.CursorMoved)
    def _move(self) -> None:
        if self.table.cursor_key != self.table.newest():
            self._follows = False
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_SETTLE, self._show_task)

    def _show_task(self) -> None:
        task = self.task_at_hand()
        if self.service is not None:
            is_open = task is not None and not self.has_class("-no-pane")
            self.service.focus([task.id] if task is not None and is_open else [])
            if self.tasks.by_batch:
                self._show_counts()
        self._show_detail()
        self._show_hints()

    def _show_detail(self) -> None:
        task = self.task_at_hand()
        if self.service is None:
            return
        if task is None:
            if self._pane is not None:
                self._pane.show_nothing(self.service.media)
            return
        if self._pane is None:
            self._pane = self._add_pane()
        typical, media = self.service.typical_seconds(task), self.service.media
        coming = self.service.download_progress(task.id)
        self._pane.show(task, self._clock.now(), typical, media, coming, self.service.past_runs(task))

    def _add_pane(self) -> DetailPane:
        from tui.widgets.detail_pane import DetailPane

        pane = DetailPane()
        self.query_one("#body").mount(pane)
        return pane

    @on(Resize)
    def _fit(self) -> None:
        self.call_after_refresh(self._show_detail)

    # -- The bottom line ----------------------------------------------------------------------------------

    def _show_hints(self) -> None:
        if self.is_filtering:
            first = [(key("complete"), _("complete")), ("enter", _("keep")), (key("earlier"), _("earlier"))]
            then = [(key("explain"), _("what it can say")), (key("give_up"), _("as before"))]
            self.query_one(StatusBar).show(first, then)
            return
        last: list[Hint] = [(key(name), _(BY_ID[name].hint)) for name in ("help", "quit")]
        if self.table.marks:
            actions = [BY_ID[name] for name in _OF_MARKS if self.app.offers(BY_ID[name])]
            words = [each.hint or each.title for each in actions]
            for_marks = [(each.first_key, within(_(word))) for each, word in zip(actions, words, strict=True)]
            self.query_one(StatusBar).show(for_marks, last, self._note())
            return
        task = self.task_at_hand()
        hints = [
            (action.first_key, _(action.hint))
            for action in ACTIONS
            if action.hint
            and action.scope in (*self.SCOPES, Scope.APP)
            and action.id not in ("help", "quit", "back")
            and self.app.offers(action)
            and (action.scope is not Scope.TASK or action.id == "accounts" or has_cause(action.id, task))
            and not (task is None and action.id in ("open", "problem", "follow", "pane"))
        ]
        fixes = self.service is not None and self.app.offers(BY_ID["fix"])
        if self.service is not None and fixes and (step := self._next_step(self.service)):
            hints.insert(0, (key("fix"), step))
        self.query_one(StatusBar).show(hints, last, self._note())

    @on(FilterOpened)
    @on(FilterLeft)
    def _change_hints(self) -> None:
        self._show_hints()

    def _note(self) -> str:
        if self.service is not None and self.service.is_read_only:
            return _("follows another reeltop")
        if self.service is not None and not self.service.leads:
            return _("another reeltop polls")
        return _("following the newest") if self._follows else ""

    # -- Actions ------------------------------------------------------------------------------------------

    @on(LineTable.RowSelected)
    def action_open(self) -> None:
        """Show the task at hand on the whole screen."""
        task = self.task_at_hand()
        if task is not None:
            from tui.screens.detail import DetailScreen

            self.app.push_screen(DetailScreen(task.id, self._clock))

    def action_new(self) -> None:
        """Make a request."""
        self.app.open_builder()

    def action_pane(self) -> None:
        """Show or hide the detail pane."""
        self.toggle_class("-no-pane")
        if self.has_class("-no-pane"):
            self.table.focus()
        self.call_after_refresh(self._show_detail)

    def action_problem(self, step: int) -> None:
        """Go to the next task that needs a look, or to the one before."""
        key = self.table.next_problem(step)
        if key is None:
            self.app.say(_("No task is in trouble"))
        else:
            self.table.move_to(key)

    def action_failures(self) -> None:
        """List what fails alike; the chosen group becomes the filter."""
        from tui.screens.failure_list import FailureList

        if self.service is not None and self._failures is not None and self._failures.groups():
            self.app.push_screen(FailureList(self.service.tasks, self._clock.now), self._filter_if)
        else:
            self.app.say(_("No task has failed or is in trouble"))

    def _filter_if(self, text: str | None) -> None:
        if text is not None:
            self.filter_everything(text)

    def action_follow(self) -> None:
        """Go to the newest task and stay with what comes in."""
        self._release()
        newest = self.table.newest()
        if newest is not None:
            self._follows = True
            self.table.move_to(newest)
            self._show_hints()

    def action_scroll_detail(self, direction: int) -> None:
        """Scroll the detail pane from wherever the focus is."""
        if self._pane is not None:
            self._pane.scroll_half_page(direction)

    def action_back(self) -> None:
        """Return from the pane to the table; there, take the filter away."""
        if self.table.has_focus:
            self._drop_filter()
        self.table.focus()

    def go_to(self, task_id: str) -> None:
        """Put the cursor on a task, even if it was filtered out."""
        if self.service is not None and task_id in self.service.tasks:
            self._make_visible(self.service.tasks[task_id])
        self.table.move_to(task_id)


def _kind(health: AccountHealth) -> FailureKind | None:
    return health.trouble.failure.kind if health.trouble else None
