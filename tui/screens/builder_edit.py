"""The builder's part that changes a request that waits to be sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.language import _
from backend.service import Draft
from backend.text import clean_line
from tui.actions import BY_ID
from tui.messages import TasksChanged
from tui.screens.builder_draft import Carrier
from tui.screens.builder_fill import BuilderFill
from tui.screens.builder_target import nearest
from tui.screens.builder_words import change_question
from tui.screens.confirm import ConfirmScreen
from tui.widgets.header_bar import HeaderBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.service import Prepared
    from tui.screens.builder_target import Target


class BuilderEdit(BuilderFill):
    """Mixed into the builder."""

    def on_tasks_changed(self, event: TasksChanged) -> None:
        """Say at once that the task was sent while its request was being changed."""
        if self._editing not in event.ids or self._submitting:
            return
        if not self._service.queue.can_edit(self._service.tasks.get(self._editing)):
            self.run_worker(self.become_new(), group="become new", exclusive=True)

    async def become_new(self) -> None:
        """Go on as a draft of a new request: the task is past being changed."""
        task_id, self._editing = self._editing, ""
        if not task_id:
            return
        await self.take_drafts([replace(self.draft, task="")])
        self.query_one(HeaderBar).rename(self.heading)
        if not self._save_failed:
            with suppress(OSError):
                await asyncio.to_thread(self._service.drafts.drop, task_id)
        task = self._service.tasks.get(task_id)
        words = _(
            "Task {task} is {status}, so its request was not changed. This is a draft of a new request now: "
            "{key} sends it as another task, which costs on its own."
        )
        state = task.status.word if task is not None else _("gone")
        self._say(words.format(task=task_id, status=state, key=BY_ID["submit"].first_key), bad=True)

    async def send_change(
        self, target: Target, prepared: Prepared, settings: Sequence[str], prompts: Sequence[str]
    ) -> bool:
        """Ask, and replace the request of the task. Returns whether that was done. Raises ReeltopError."""
        task_id = self._editing
        question = change_question(target, task_id, prepared, settings, prompts)
        if not await self.app.push_screen_wait(ConfirmScreen(question, is_sandbox=target.account.sandbox)):
            self._say(_("Not changed; everything is still here."))
            return False
        task = self._service.tasks.get(task_id)
        if task is None or prepared.request is None or not self._service.queue.can_edit(task):
            await self.become_new()
            return False
        try:
            await self._service.queue.edit(task, prepared.request)
        except UsageError:
            if self._service.queue.can_edit(self._service.tasks.get(task_id)):
                raise
            await self.become_new()
            return False
        with suppress(OSError):  # it is found in the list of drafts, no more
            await asyncio.to_thread(self._service.drafts.drop, task_id)
        return True

    def as_change(self, draft: Draft) -> Draft:
        """Return a draft from elsewhere as one that changes the same task, of the same operation."""
        task = self._service.tasks.get(self._editing)
        if task is None:
            return draft
        here = nearest(self._service, task.account, task.operation)
        there = nearest(self._service, draft.account or task.account, draft.operation or task.operation)
        if here is None or there is None or here.key == there.key:
            return replace(draft, account=task.account, operation=task.operation, task=task.id)
        carrier = Carrier({})
        carrier.leave(there.key, there.specs, draft.texts)
        return replace(here.draft(carrier.enter(here.key, here.specs)), task=task.id)

    async def leave_change(self, first: Draft, now: Draft) -> None:
        """Forget what was typed if it is what the task has."""
        typed = {name: text for name, text in now.texts.items() if not name.startswith("@")}
        if typed == dict(first.texts):
            with suppress(OSError):
                await asyncio.to_thread(self._service.drafts.drop, self._editing)

    @property
    def heading(self) -> str:
        if not self._editing:
            return super().heading
        return _("change the waiting request {task}").format(task=clean_line(self._editing))
