"""Wiring: the service's stream to messages, messages to screens, keys to actions."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled

from backend.clock import Clock, SystemClock
from backend.display import Display, keep_theme
from backend.errors import AccountError, ReeltopError, UsageError
from backend.language import _, spoken
from backend.text import clean_line
from tui.action import Action, Scope
from tui.actions import ACTIONS, bindings, is_writing, writes
from tui.messages import (
    AccountsChanged,
    LeadChanged,
    RequestsChanged,
    ServiceOpened,
    TasksChanged,
)
from tui.screens.dashboard import DashboardScreen
from tui.talking import TalkingApp
from tui.theme import THEMES
from tui.type_ahead import KeyTaken, TypeAhead

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

    from backend.news import News
    from backend.service import Changes, Draft, Service
    from tui.newscast import Newscast
    from tui.painters import Painters
    from tui.undo import UndoStack

WIDTHS = [(0, "-narrow"), (110, "-wide")]
HEIGHTS = [(0, "-short"), (20, "-high")]

OpenService = Callable[[], Awaitable["Service"]]
OpenPlace = Callable[[bool], Awaitable["Service"]]
"""Opens the sandbox, given True, or the user's own accounts, whatever was asked for at the start."""
Tell = Callable[["Service"], str]

_LEAST_PAUSE, _LEAN_PAUSE = 0.25, 1.0
"""Seconds between two rounds of changes: nobody reads faster, and bytes over SSH are dear."""


class ReeltopApp(TalkingApp):
    """Paints first, then opens the service."""

    TITLE = "reeltop"
    CSS_PATH = "screens/dashboard.tcss"  # Textual does not load that of a default screen
    BINDINGS = bindings(Scope.APP)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self,
        open_service: OpenService,
        clock: Clock | None = None,
        display: Display | None = None,
        open_place: OpenPlace | None = None,
    ) -> None:
        super().__init__(display or Display())
        self.service: Service | None = None
        self.held_for_comparing: str | None = None
        """The task to be compared with the next one chosen."""
        self.running_commands: list[str] = []
        """The user's own commands that are under way, by name."""
        self.animation_level = "none"
        self._open_service = open_service
        self._open_place = open_place
        self._reopening = asyncio.Lock()
        self._clock = clock or SystemClock()
        self.is_looked_at = False
        """Whether the terminal has said that it has the focus; many never say."""
        self._newscast: Newscast | None = None
        self._serving: Worker[None] | None = None
        self.type_ahead = TypeAhead(self, super().on_event)
        for name in list(self.available_themes):
            self.unregister_theme(name)
        for theme in THEMES.values():
            self.register_theme(theme)
        # An assignment would have all stylesheets parsed a second time before the first paint.
        self.set_reactive(TalkingApp.theme, self.display_settings.theme)
        self.fit_filters()
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[Any]:
        # Textual would find the classes out after the first paint, and paint everything again.
        width, height = self.size
        return DashboardScreen(self._clock, classes=f"{_fitting(WIDTHS, width)} {_fitting(HEIGHTS, height)}")

    @cached_property
    def painters(self) -> Painters:
        """What draws pictures."""
        from tui.painters import Painters

        return Painters(self, self.frame, self.display_settings)

    @cached_property
    def undo(self) -> UndoStack:
        """What can be taken back."""
        from tui.undo import UndoStack

        return UndoStack()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.type_ahead.take(event)
        else:
            await super().on_event(event)

    async def on_key_taken(self, message: KeyTaken) -> None:
        await self.type_ahead.taken(message)

    # -- The service --------------------------------------------------------------------------------------

    def on_ready(self) -> None:
        self._serving = self.run_worker(self._serve(), group="service")

    async def _serve(self, told: Tell | None = None, instead: OpenService | None = None) -> None:
        """Open the service and hand on what it tells, after what `told` says of it; `instead` opens another
        if it cannot be had."""
        try:
            try:
                service = await self._open_service()
            except (ReeltopError, OSError) as error:
                if instead is None:
                    raise
                self.notify(clean_line(str(error)), severity="error", timeout=20, markup=False)
                self._open_service, told = instead, None
                service = await self._open_service()
            async with service:
                self.service = service
                self._tell(lambda: ServiceOpened(service))
                if told is not None:
                    self.say(told(service))
                for notice in service.notices:
                    self.notify(clean_line(spoken(notice)), severity="warning", timeout=20, markup=False)
                async for changes in service.changes():
                    self._tell_of(changes)
                    await asyncio.sleep(_LEAN_PAUSE if self.display_settings.lean else _LEAST_PAUSE)
        except (ReeltopError, OSError) as error:
            self._fail(error)

    def _tell_of(self, changes: Changes) -> None:
        if changes.tasks:
            self._tell(lambda: TasksChanged(changes.tasks))
        if changes.accounts:
            self._tell(AccountsChanged)
        if changes.lead:
            self._tell(LeadChanged)
        if changes.requests:
            self._tell(RequestsChanged)
        if changes.news:
            self._tell_news(changes.news)
        for notice in changes.notices:
            self.notify(clean_line(spoken(notice)), markup=False)

    def _tell(self, message: Callable[[], Message]) -> None:
        for screen in self.screen_stack:
            screen.post_message(message())

    def _tell_news(self, news: Sequence[News]) -> None:
        if self._newscast is None:
            from tui.newscast import Newscast

            self._newscast = Newscast(self, self._clock)
        self._newscast.hear(news)

    def watch_theme(self, theme: str) -> None:
        self.fit_filters()
        if self.is_running and theme != self.display_settings.theme:
            self.display_settings = self.display_settings._replace(theme=theme)
            self.run_worker(self._keep_theme(theme), group="theme", exclusive=True)

    async def _keep_theme(self, theme: str) -> None:
        try:
            await asyncio.to_thread(keep_theme, self.display_settings, theme)
        except OSError as error:
            self.say(_("The theme cannot be kept: {reason}").format(reason=error.strerror), "warning")

    def on_app_focus(self) -> None:
        self.is_looked_at = True

    def on_app_blur(self) -> None:
        self.is_looked_at = False

    def _fail(self, error: Exception) -> None:
        from tui.screens.failed import FailedScreen

        self._return_code = _exit_code(error)
        if self.service is None:
            heading, note = _("reeltop cannot start"), _("Nothing was changed and nothing was sent.")
        else:
            heading, note = _("reeltop cannot go on"), _("What was acknowledged so far is on disk.")
        self.type_ahead.forget()
        self.push_screen(FailedScreen(heading, str(error), note))

    def take_up_accounts(self, saved: str | None = None) -> None:
        """Go on with the configuration as it has become; `saved` is the account that it is about."""
        from tui.places import saved_words

        told = None if saved is None else partial(saved_words, saved)
        self.run_worker(self._reopen(told), group="reopen")

    @property
    def can_change_place(self) -> bool:
        """Whether one can go from here to the sandbox, or back."""
        return self._open_place is not None and self.service is not None

    def change_place(self, *, sandbox: bool) -> None:
        """Go on in the sandbox, or with the user's own accounts, until reeltop is started again."""
        from tui.places import place_words

        if self._open_place is not None:
            while len(self.screen_stack) > 1:  # all of them show what is here
                self.pop_screen()
            instead, self._open_service = self._open_service, partial(self._open_place, sandbox)
            self.held_for_comparing = None
            self.say(_("Opening the sandbox …") if sandbox else _("Opening your own accounts …"))
            self.run_worker(self._reopen(place_words, instead), group="reopen")

    async def _reopen(self, told: Tell | None, instead: OpenService | None = None) -> None:
        async with self._reopening:  # a service that is just ending what it must is not cancelled twice
            self.type_ahead.hold()
            self.service = None  # nothing more is begun with it
            await self.close_service()
            self.undo.forget()
            self._serving = self.run_worker(self._serve(told, instead), group="service")

    async def close_service(self) -> None:
        """Let the service finish what it must; call it when the screen is gone."""
        if self._serving is not None:
            self._serving.cancel()
            with contextlib.suppress(WorkerCancelled):
                await self._serving.wait()

    # -- Screens --------------------------------------------------------------------------------------------

    def open_builder(self, *drafts: Draft) -> None:
        """Open the request builder, with new drafts too, and go to the task that comes of it."""
        if self.service is None:
            return
        from tui.screens.builder import BuilderScreen

        self.push_screen(BuilderScreen(self.service, drafts), self._go_to)

    def _go_to(self, task_id: str | None) -> None:
        dashboard = self.screen_stack[0]
        if task_id is not None and isinstance(dashboard, DashboardScreen):
            dashboard.post_message(TasksChanged(frozenset({task_id})))
            dashboard.call_later(dashboard.go_to, task_id)

    # -- Actions ------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show all keys."""
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            in_builder = any(Scope.BUILDER in _scopes(screen) for screen in self.screen_stack)
            self.push_screen(HelpScreen(in_builder=in_builder))

    def action_accounts(self, name: str = "") -> None:
        """Show the accounts, with the cursor on that of this name."""
        if self.service is not None:
            from tui.screens.accounts import AccountsScreen

            self.push_screen(AccountsScreen(self.service, self._clock, name))

    def action_requests(self, words: str = "") -> None:
        """Show the request log, filtered by `words`."""
        if self.service is not None:
            from tui.screens.log import LogScreen

            self.push_screen(LogScreen(self.service, words))

    def action_command_palette(self) -> None:
        from tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Choose a theme."""
        from textual.theme import ThemeProvider

        from tui.screens.palette import Palette

        self.push_screen(Palette([ThemeProvider], placeholder=_("Search for themes…"), id="--themes"))

    def action_jump(self) -> None:
        """Show a letter over every place of the screen, to go there by it."""
        from tui.screens.jump import JumpScreen

        if not isinstance(self.screen, JumpScreen):
            self.push_screen(JumpScreen(self.screen), lambda place: place and place.go())

    def action_redraw(self) -> None:
        """Paint everything again."""
        self.forget_frame()
        self.refresh(layout=True)

    def action_help_quit(self) -> None:
        self.say(_("q or ctrl+q quits; ctrl+c copies what is selected"))

    def action_suspend(self) -> None:
        """Stop, as a job of the shell."""
        self.action_suspend_process()

    async def action_quit(self) -> None:
        from tui.screens.confirm import ConfirmScreen
        from tui.wording import quit_question

        service, question = self.service, None
        if service is not None:
            drafts = await asyncio.to_thread(service.unsent_drafts)
            commands = self.running_commands
            question = quit_question(service.tasks.values(), service.leads, len(drafts), commands)
        if not question or isinstance(self.screen, ConfirmScreen):
            self.exit(return_code=self._return_code or 0)
            return
        self.push_screen(ConfirmScreen(question), self._quit_if)

    def _quit_if(self, yes: bool | None) -> None:
        if yes:
            self.exit()

    def action_leave(self) -> None:
        """Quit without a question."""
        self.exit(return_code=self._return_code or 0)

    def offers(self, action: Action) -> bool:
        """Whether an action may be done here at all."""
        return not (self.service is not None and self.service.is_read_only and writes(action))

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        if self.service is not None and self.service.is_read_only and is_writing(str(action)):
            self.say(_("Read-only: nothing is sent or changed from here"), "warning")
            return True
        return await super().run_action(action, default_namespace, namespaces)

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing here costs money."""
        return self.service is not None and self.service.is_sandbox

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        here = {Scope.APP, *_scopes(screen)}
        for action in ACTIONS:
            if action.scope in here and action.id != "palette" and self.offers(action):
                help = f"{action.shown_keys}   {_(action.help)}"
                yield SystemCommand(action.name, help, partial(self.run_action, action.call, screen))
        yield SystemCommand(_("Theme"), _("Other colours, for the next runs too"), self.action_change_theme)


def _scopes(screen: Screen[Any]) -> Sequence[Scope]:
    return getattr(screen, "SCOPES", ())


def _fitting(steps: Sequence[tuple[int, str]], length: int) -> str:
    return max(step for step in steps if step[0] <= length)[1]


def _exit_code(error: Exception) -> int:
    if isinstance(error, UsageError):
        return 2
    return 3 if isinstance(error, AccountError) else 1


async def run_app(app: ReeltopApp, *, headless: tuple[int, int] | None = None) -> int:
    """Run until the user leaves or the terminal goes; then close the service. Return the exit code.

    With a size in `headless`, no terminal is used.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, partial(app.exit, return_code=128 + number))
    try:
        await app.run_async(headless=headless is not None, size=headless)
    finally:
        await app.close_service()
    return app.return_code or 0


def run(open_service: OpenService, display: Display, open_place: OpenPlace | None = None) -> int:
    """Show the dashboard. `open_service` is awaited after the first paint, `open_place` when the user changes
    between the sandbox and the own accounts."""
    code = asyncio.run(run_app(ReeltopApp(open_service, display=display, open_place=open_place)))
    try:
        sys.stderr.flush()
        sys.stdout.flush()
    except OSError:
        # The terminal is gone: what Python has still to write at its end must not become an exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
    return code
