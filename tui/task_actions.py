"""What can be done with one task, shared by every screen that shows one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from backend.errors import ReeltopError, UsageError
from backend.language import _
from backend.states import Status
from backend.text import clean_line
from tui.action import Scope
from tui.actions import key, refusal
from tui.clips import clip_of, clip_title, no_pictures
from tui.formatters import capital

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service
    from tui.app import ReeltopApp


class TaskScreen(Screen[None]):
    """A screen with a task at hand. What it starts runs on the app, so that closing it cuts nothing off."""

    app: ReeltopApp
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TASK,)

    @property
    def service(self) -> Service | None:
        """The service, once it is open."""
        return self.app.service

    def task_at_hand(self) -> Task | None:
        """Return the task that actions are about."""
        return None

    def chosen(self) -> list[Task]:
        """Return the tasks that an action for many is about."""
        task = self.task_at_hand()
        return [task] if task is not None else []

    def action_own_commands(self) -> None:
        """Choose one of the user's own commands."""
        if self.service is not None:
            from tui.own_commands import choose_command

            calling = choose_command(self.app, self.service, self.chosen())
            self.app.run_worker(calling, group="own commands")

    def action_own_command(self, place: int) -> None:
        """Run one of them."""
        if self.service is not None:
            from tui.own_commands import run_command

            calling = run_command(self.app, self.service, place, self.chosen())
            self.app.run_worker(calling, group="own commands")

    def action_task(self, name: str) -> None:
        """Do something with the task at hand, or say why not."""
        task, service = self.task_at_hand(), self.service
        if service is None:
            return
        reason = refusal(name, task)
        if reason or task is None:
            self.app.say(capital(reason), "warning")
            return
        steps = {
            "stop": self._stop,
            "resume": self._resume,
            "resend": self._resend,
            "retry": self._retry,
            "download": self._download,
            "delete": self._delete,
            "open_file": self._open_file,
            "view": self._view,
            "compare": self._compare,
            "copy": self._copy,
            "log": self._log,
            "page_text": self._page,
            "duplicate": self._duplicate,
            "edit": self._edit,
        }
        self.app.run_worker(steps[name](service, task), group=f"task {name}", exit_on_error=True)

    async def _stop(self, service: Service, task: Task) -> None:
        from tui.screens.confirm import ConfirmScreen
        from tui.undo import Step
        from tui.wording import stop_question

        question = ConfirmScreen(stop_question(task), is_sandbox=service.is_sandbox)
        if await self.app.push_screen_wait(question):
            await self._attempt(service.stop([task.id]))
            if service.tasks[task.id].status is Status.LOST:
                back, again = partial(service.resume, [task.id]), partial(service.stop, [task.id])
                undone, done = _("the task is watched again"), _("the task is no longer watched")
                self.app.undo.did(Step(undone, back, done, again))

    async def _resume(self, service: Service, task: Task) -> None:
        await self._attempt(service.resume([task.id]))

    async def _resend(self, service: Service, task: Task) -> None:
        from tui.drafts import cost_of
        from tui.screens.confirm import ConfirmScreen
        from tui.wording import resend_question

        question = resend_question(task, cost_of(service, task))
        if await self.app.push_screen_wait(ConfirmScreen(question, is_sandbox=service.is_sandbox)):
            await self._attempt(service.resend(task.id))

    async def _retry(self, service: Service, task: Task) -> None:
        if service.leads:
            service.retry_now([task.id])
            self.app.say(_("Asking now"))
        else:
            self.app.say(_("Another reeltop does the asking; try again there"), "warning")

    async def _download(self, service: Service, task: Task) -> None:
        await self._attempt(service.download(task.id))

    async def _delete(self, service: Service, task: Task) -> None:
        from tui.bulk import Bulk
        from tui.bulk_words import Chosen

        await Bulk(self.app, service, Chosen((task,))).run("delete")

    async def _view(self, service: Service, task: Task) -> None:
        from tui.screens.player import PlayerScreen

        path, reason = clip_of(task), no_pictures(self.app, service.media)
        if reason:
            self.app.say(reason, "warning")
        elif path is not None:
            await self.app.push_screen_wait(PlayerScreen(service.media, path, clip_title(task)))

    async def _compare(self, service: Service, task: Task) -> None:
        from tui.screens.compare import CompareScreen

        first = service.tasks.get(self.app.held_for_comparing or "")
        if first is None:
            self.app.held_for_comparing = task.id
            words = _("Now move to the task to compare it with, and press {key} again")
            self.app.say(words.format(key=key("compare")))
            return
        self.app.held_for_comparing = None
        self.app.clear_notifications()
        if first.id == task.id:
            self.app.say(_("Nothing is compared"))
        else:
            await self.app.push_screen_wait(CompareScreen(service, first, task))

    async def _open_file(self, service: Service, task: Task) -> None:
        from backend.handover import open_here, opener

        paths = [artifact.path for artifact in task.artifacts if artifact.path]
        try:
            program = opener(os.environ)
            for path in paths:
                await asyncio.to_thread(open_here, program, Path(path))
        except UsageError as error:
            words = _("{why}: {copy} copies where it is, {view} plays it here")
            why = capital(clean_line(str(error)))
            self.app.say(words.format(why=why, copy=key("copy"), view=key("view")), "warning")
        else:
            self.app.say(_("Opened with this desktop's own program"))

    async def _log(self, service: Service, task: Task) -> None:
        self.app.action_requests(task.id)

    async def _page(self, service: Service, task: Task) -> None:
        from tui.detail import as_text
        from tui.lending import LendingError
        from tui.pager import page_text

        text = await asyncio.to_thread(as_text, task, datetime.now(UTC))
        try:
            await page_text(self.app, _("Task {task}").format(task=task.id), text)
        except (LendingError, OSError) as error:
            self.app.say(clean_line(str(error)), "error")

    async def _copy(self, service: Service, task: Task) -> None:
        from backend.ssh import here
        from tui.drafts import curl_of
        from tui.screens.copy_menu import CopyScreen, TextScreen
        from tui.wording import copyables

        choice = await self.app.push_screen_wait(
            CopyScreen(copyables(task, here(os.environ), curl_of(service, task)))
        )
        if choice is None:
            return
        if choice.show or not self.app.send_to_clipboard(choice.item.name, choice.item.text):
            await self.app.push_screen_wait(TextScreen(choice.item.name, choice.item.text))

    async def _duplicate(self, service: Service, task: Task) -> None:
        from tui.drafts import draft_of

        try:
            draft = draft_of(service, task)
        except ReeltopError as error:
            self.app.say(str(error), "error")
            return
        self.app.open_builder(draft)

    async def _edit(self, service: Service, task: Task) -> None:
        from tui.drafts import change_of

        if not service.queue.can_edit(task):
            words = _("It may have been made already under its id: its request cannot change any more")
            self.app.say(words, "warning")
            return
        try:
            draft = change_of(service, task)
        except ReeltopError as error:
            self.app.say(str(error), "error")
            return
        self.app.open_builder(draft)

    async def _attempt(self, call: Awaitable[object]) -> None:
        try:
            await call
        except ReeltopError as error:
            self.app.say(clean_line(str(error)), "error")
