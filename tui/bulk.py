"""Does things to several tasks: asks, acts on exactly those, says what came of it, notes the way back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from backend.costs import total
from backend.errors import ReeltopError
from backend.language import _, ngettext
from backend.service import Prepared, Service
from backend.states import Status
from backend.text import clean_line
from tui.actions import key
from tui.bulk_words import Chosen, copies, delete_cost, parse_tags, question, stop_cost
from tui.drafts import draft_of
from tui.formatters import joined, many
from tui.screens.ask_text import AskText
from tui.screens.confirm import ConfirmScreen
from tui.undo import Step, Way
from tui.wording import Question, copyables

if TYPE_CHECKING:
    from backend.models import Task
    from tui.app import ReeltopApp

MOST_DRAFTS = 100
"""Tasks that are made drafts of at once."""
_AT_A_TIME = 20
"""Requests prepared before the screen is given a turn."""


class Bulk:
    """What can be done to the `chosen` tasks; they stay those, whatever is marked meanwhile."""

    def __init__(self, app: ReeltopApp, service: Service, chosen: Chosen) -> None:
        self._app = app
        self._service = service
        self._chosen = chosen

    async def run(self, name: str) -> None:
        """Do it; what is refused on the way is said."""
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "stop": self._stop,
            "resume": self._resume,
            "resend": self._resend,
            "retry": self._retry,
            "download": self._download,
            "delete": self._delete,
            "copy": self._copy,
            "again": self._again,
            "duplicate": self._duplicate,
            "tag": self._tag,
            "note": self._note,
            "archive": self._archive,
            "export": self._export,
        }
        try:
            await steps[name]()
        except (ReeltopError, OSError) as error:
            self._app.say(clean_line(str(error)), "error")

    # -- Sending and watching -----------------------------------------------------------------------------

    async def _stop(self) -> None:
        if await self._sure(question(_("Stop watching"), self._chosen, stop_cost(self._chosen.tasks))):
            changed = await self._service.stop(self._chosen.ids)
            lost = [task.id for task in changed if task.status is Status.LOST]
            if lost:
                tasks = many(len(lost))
                undone, done = _("{tasks} watched again"), _("{tasks} no longer watched")
                back, again = partial(self._service.resume, lost), partial(self._service.stop, lost)
                self._app.undo.did(Step(undone.format(tasks=tasks), back, done.format(tasks=tasks), again))
            words = _("{tasks} stopped; {key} watches again") if lost else _("{tasks} stopped")
            self._app.say(words.format(tasks=many(len(changed)), key=key("undo")))

    async def _resume(self) -> None:
        if await self._sure(question(_("Watch again"), self._chosen, _("Asking costs nothing."))):
            changed = await self._service.resume(self._chosen.ids)
            self._app.say(_("{tasks} watched again").format(tasks=many(len(changed))))

    async def _resend(self) -> None:
        cost = str(total(each.estimate for each in await self._prepared()))
        words = _(
            "Their first requests went unanswered, so they may exist already. THEN YOU PAY TWICE: {cost}"
        )
        if await self._sure(question(_("Send again"), self._chosen, words.format(cost=cost))):
            for task_id in self._chosen.ids:
                await self._service.resend(task_id)

    async def _retry(self) -> None:
        if not self._service.leads:
            self._app.say(_("Another reeltop does the asking; try again there"), "warning")
            return
        asked = question(_("Ask now about"), self._chosen, _("Asking costs nothing."), go=_("Ask"))
        if await self._sure(asked):
            self._service.retry_now(self._chosen.ids)

    async def _download(self) -> None:
        asked = question(_("Download"), self._chosen, _("Downloads cost nothing at the providers."))
        if await self._sure(asked):
            calls = (self._service.download(task_id) for task_id in self._chosen.ids)
            done = await asyncio.gather(*calls, return_exceptions=True)
            failed = [each for each in done if isinstance(each, BaseException)]
            for each in failed:
                if not isinstance(each, ReeltopError):
                    raise each
            fetched = many(len(done) - len(failed))
            if failed:
                words = _("{tasks} fetched; {others} not: {reason}")
                reason = clean_line(str(failed[0]))
                said = words.format(tasks=fetched, others=many(len(failed)), reason=reason)
                self._app.say(said, "warning")
            else:
                self._app.say(_("{tasks} fetched").format(tasks=fetched))

    async def _delete(self) -> None:
        able = [task for task in self._chosen.tasks if self._service.remote.can_delete(task)]
        if not able:
            self._app.say(_("No provider of these offers deleting"), "warning")
            return
        left_out = self._chosen.left_out + len(self._chosen.tasks) - len(able)
        chosen = Chosen(tuple(able), left_out, self._chosen.hidden)
        asked = question(_("Delete for good the film of"), chosen, delete_cost(able), go=_("Delete"))
        if await self._sure(asked):
            for done, task in enumerate(able, 1):
                await self._service.remote.delete(task)
                self._app.say(_("{tasks} deleted at the provider").format(tasks=many(done)))

    async def _again(self) -> None:
        prepared = await self._prepared()
        ready = [
            (task, each)
            for task, each in zip(self._chosen.tasks, prepared, strict=True)
            if each.request is not None and not each.issues
        ]
        if not ready:
            words = _("None of these requests can be sent as it was; {key} opens one in the builder")
            self._app.say(words.format(key=key("duplicate")), "warning")
            return
        left_out = self._chosen.left_out + len(prepared) - len(ready)
        chosen = Chosen(tuple(task for task, _each in ready), left_out, self._chosen.hidden)
        cost = _("New tasks, each paid for: {cost}.").format(
            cost=total(each.estimate for _task, each in ready)
        )
        if self._service.is_sandbox:
            cost = _("Costs nothing: this is the sandbox.")
        if await self._sure(question(_("Make again"), chosen, cost)):
            for task, each in ready:
                if each.request is not None:
                    await self._service.submit(task.account, task.operation, each.request, tags=task.tags)
            words = _("{tasks} on disk, sent as their accounts allow")
            self._app.say(words.format(tasks=many(len(ready))))

    async def _duplicate(self) -> None:
        able, drafts = [], []
        for place, task in enumerate(self._chosen.tasks):
            with suppress(ReeltopError):
                drafts.append(draft_of(self._service, task))
                able.append(task)
            if place % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        if not able:
            self._app.say(_("The accounts of these tasks are no longer configured"), "warning")
            return
        left_out = self._chosen.left_out + len(self._chosen.tasks) - len(able)
        cost = _("Nothing is sent: each is a draft in the builder, to change and submit.")
        if len(able) > MOST_DRAFTS:
            words = _("Only the first {most} of {tasks} are taken.")
            cost = joined((words.format(most=MOST_DRAFTS, tasks=many(len(able))), cost))
        chosen = Chosen(tuple(able[:MOST_DRAFTS]), left_out, self._chosen.hidden)
        if len(able) == 1 or await self._sure(question(_("Make drafts of"), chosen, cost, go=_("Open them"))):
            self._app.open_builder(*drafts[:MOST_DRAFTS])

    async def _prepared(self) -> list[Prepared]:
        prepared = []
        for place, task in enumerate(self._chosen.tasks):
            try:
                prepared.append(self._service.prepare(draft_of(self._service, task)))
            except ReeltopError:
                prepared.append(Prepared())
            if place % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return prepared

    # -- Labels -------------------------------------------------------------------------------------------

    async def _tag(self) -> None:
        tags = sorted({tag for task in self._chosen.tasks for tag in task.tags})
        hint = _("ad gives a tag, -ad takes it away. Now: {tags}").format(tags=" ".join(tags) or _("none"))
        title = _("Tags of {tasks}").format(tasks=many(len(self._chosen.tasks)))
        text = await self._app.push_screen_wait(AskText(title, hint))
        if text is None or not text.strip():
            return
        before = {task.id: task.tags for task in self._current()}
        add, remove = parse_tags(text)
        changed = await self._service.labels.tag(list(before), add=add, remove=remove)
        after = {task.id: task.tags for task in changed}
        back, again = partial(self._put_tags, before), partial(self._put_tags, after)
        self._did(_("Tags of {tasks}"), changed, back, again)

    async def _put_tags(self, wanted: dict[str, tuple[str, ...]]) -> None:
        for task_id, tags in wanted.items():
            if task_id in self._service.tasks:
                now = self._service.tasks[task_id].tags
                await self._service.labels.tag([task_id], add=tags, remove=set(now) - set(tags))

    async def _note(self) -> None:
        notes = {task.note for task in self._chosen.tasks}
        count = len(self._chosen.tasks)
        only = next(iter(notes)) if len(notes) == 1 else ""
        hint = _("Empty takes it away.")
        if len(notes) > 1:
            there = sum(bool(task.note) for task in self._chosen.tasks)
            words = ngettext("{count} note is replaced.", "{count} notes are replaced.", there)
            hint = joined((words.format(count=there), hint))
        asked = AskText(_("Note of {tasks}").format(tasks=many(count)), hint, only, lines=True)
        text = await self._app.push_screen_wait(asked)
        if text is None:
            return
        before = {task.id: task.note for task in self._current()}
        changed = await self._service.labels.note(list(before), text)
        after = {task.id: task.note for task in changed}
        back, again = partial(self._put_notes, before), partial(self._put_notes, after)
        self._did(_("Note of {tasks}"), changed, back, again)

    async def _put_notes(self, wanted: dict[str, str]) -> None:
        for task_id, note in wanted.items():
            if task_id in self._service.tasks:
                await self._service.labels.note([task_id], note)

    def _did(self, what: str, changed: list[Task], back: Way, again: Way) -> None:
        if changed:
            what = what.format(tasks=many(len(changed)))
            undone, done = _("{what} as before"), _("{what} changed")
            self._app.undo.did(Step(undone.format(what=what), back, done.format(what=what), again))
            self._app.say(_("{what} changed; {key} undoes it").format(what=what, key=key("undo")))
        else:
            self._app.say(_("Nothing to change"))

    # -- Putting away and handing out ---------------------------------------------------------------------

    async def _archive(self) -> None:
        cost = _(
            "They are out of the way, not lost: reeltop list --archived shows them, {key} brings them back."
        )
        if await self._sure(question(_("Archive"), self._chosen, cost.format(key=key("undo")))):
            away = [task.id for task in await self._service.shelf.put_away(self._chosen.ids)]
            stay = len(self._chosen.tasks) - len(away)
            words = _("Nothing archived")
            if away:
                words = _("{tasks} archived; {key} brings back")
                words = words.format(tasks=many(len(away)), key=key("undo"))
                back = partial(self._service.shelf.restore, away)
                again = partial(self._service.shelf.put_away, away)
                undone, done = _("{tasks} brought back from the archive"), _("{tasks} archived")
                tasks = many(len(away))
                self._app.undo.did(Step(undone.format(tasks=tasks), back, done.format(tasks=tasks), again))
            if stay:
                rest = _("{what}; {tasks} not: with files still to fetch, or running")
                words = rest.format(what=words, tasks=many(stay))
            self._app.say(words)

    async def _export(self) -> None:
        cost = _("As JSON, a task a line, into a new file in {folder}.")
        cost = cost.format(folder=self._service.paths.downloads)
        if await self._sure(question(_("Export"), self._chosen, cost)):
            path = await self._service.shelf.export_to(self._service.paths.downloads, self._chosen.ids)
            words = _("{tasks} exported to {path}")
            self._app.say(words.format(tasks=many(len(self._chosen.tasks)), path=path))

    async def _copy(self) -> None:
        from backend.ssh import here
        from tui.screens.copy_menu import CopyScreen, TextScreen

        session = here(os.environ)
        items = copies(copyables(task, session) for task in self._chosen.tasks)
        choice = await self._app.push_screen_wait(CopyScreen(items, len(self._chosen.tasks)))
        if choice is None:
            return
        name = _("{name} of {tasks}").format(name=choice.item.name, tasks=many(len(self._chosen.tasks)))
        if choice.show or not self._app.send_to_clipboard(name, choice.item.text):
            await self._app.push_screen_wait(TextScreen(name, choice.item.text))

    # -- inside -------------------------------------------------------------------------------------------

    def _current(self) -> Iterable[Task]:
        return [self._service.tasks[each] for each in self._chosen.ids if each in self._service.tasks]

    async def _sure(self, asked: Question) -> bool:
        return await self._app.push_screen_wait(ConfirmScreen(asked, is_sandbox=self._service.is_sandbox))
