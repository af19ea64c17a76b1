"""What the form can be filled with: templates, and the requests of former tasks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from backend.errors import UsageError
from backend.language import N_, _
from backend.service import Draft
from backend.text import clean_line
from tui.actions import key
from tui.drafts import draft_of
from tui.screens.dialog import Dialog
from tui.screens.list_dialog import FindDialog, LineInput
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable
from tui.wording import Question

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service
    from backend.templates import Template

_MOST_FORMER = 500
"""Former requests that are listed, the newest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list."""

    name: str
    place: str
    text: str
    source: Template | Task | Draft

    @property
    def searched(self) -> str:
        return f"{self.name} {self.place} {self.text}".casefold()


class LibraryScreen(FindDialog[Draft | None]):
    """Returns the draft that was chosen."""

    def __init__(self, service: Service) -> None:
        super().__init__(_("Templates and former requests"))
        self._service = service
        self._entries: dict[str, Entry] = {}

    def compose_box(self) -> ComposeResult:
        yield LineInput("", placeholder=_("words that it holds"))
        columns = (
            Column("name", N_("Template, or when"), 18),
            Column("place", N_("For"), 20),
            Column("text", N_("Prompt"), 10, grow=1),
        )
        yield LineTable(columns, self._row)
        yield Static(id="found", markup=False)
        fills = _("fill the form, {key} takes it back").format(key=key("restore"))
        yield KeyNote(("enter", fills), (key("close"), _("close")))

    def _row(self, key: str) -> Sequence[Cell]:
        entry = self._entries[key]
        return Cell(entry.name), Cell(entry.place), Cell(entry.text)

    @property
    def searched(self) -> Mapping[str, str]:
        return {key: entry.searched for key, entry in self._entries.items()}

    def on_mount(self) -> None:
        self._list()

    @work(group="list", exclusive=True)
    async def _list(self) -> None:
        try:
            templates = await asyncio.to_thread(self._service.templates.all)
        except OSError as error:
            templates = []
            self._complain(f"{self._service.templates.folder}: {error.strerror}")
        kept = {f"template {each.name}": _of_template(each) for each in templates}
        try:
            drafts = await asyncio.to_thread(self._service.drafts.all)
        except OSError as error:
            drafts = []
            self._complain(str(error))
        aside = {f"draft {number}": _of_draft(*each) for number, each in enumerate(drafts)}
        former = await asyncio.to_thread(_former, list(self._service.tasks.values()))
        self._entries = {**kept, **aside, **former}
        self.find()

    @on(Input.Submitted)
    @on(LineTable.RowSelected)
    def action_take(self) -> None:
        """Take what is under the cursor."""
        key = self.table.cursor_key
        if key is None:
            return
        source = self._entries[key].source
        try:
            draft = _draft(self._service, source)
        except UsageError as error:
            self._complain(str(error))
        else:
            self.dismiss(draft)

    def _complain(self, words: str) -> None:
        self.query_one("#found", Static).update(Content.styled(f"✗ {clean_line(words)}", "$text-error"))


def _draft(service: Service, source: Template | Task | Draft) -> Draft:
    from backend.models import Task

    if isinstance(source, Draft):
        return replace(source, task="")
    if isinstance(source, Task):
        return draft_of(service, source)
    if source.problem:
        raise UsageError(source.problem)
    return source.draft


def _of_template(template: Template) -> Entry:
    text = template.problem and f"✗ {template.problem}"
    return Entry(
        clean_line(template.name),
        _place(template.draft),
        clean_line(text or _prompt(template.draft)),
        template,
    )


def _of_draft(at: datetime, draft: Draft) -> Entry:
    name = _("draft {when}").format(when=f"{at.astimezone():%m-%d %H:%M}")
    return Entry(name, _place(draft), clean_line(_prompt(draft)), draft)


def _place(draft: Draft) -> str:
    return clean_line(f"{draft.account} {draft.operation}".strip())


def _prompt(draft: Draft) -> str:
    return next((text for name, text in draft.texts.items() if name.endswith("prompt") and text), "")


def _former(tasks: Sequence[Task]) -> dict[str, Entry]:
    """Return the newest requests, each once."""
    seen: set[str] = set()
    found = {}
    for task in reversed(tasks):
        same = json.dumps([task.account, task.operation, task.request], sort_keys=True, default=str)
        if same in seen:
            continue
        seen.add(same)
        when = f"{task.created_at.astimezone():%Y-%m-%d %H:%M}"
        place = clean_line(f"{task.account} {task.operation}")
        found[f"task {task.id}"] = Entry(when, place, clean_line(task.prompt), task)
        if len(found) >= _MOST_FORMER:
            break
    return found


class NameScreen(Dialog[str | None]):
    """Asks how a template is to be called."""

    def __init__(self, folder: Path) -> None:
        super().__init__(_("Save as a template"))
        self._folder = folder

    def compose_box(self) -> ComposeResult:
        yield LineInput("", placeholder=_("name"))
        where = _("in {folder}").format(folder=clean_line(str(self._folder)))
        yield KeyNote(("enter", _("save")), (key("close"), _("close")), before=where)

    def on_mount(self) -> None:
        self.query_one(LineInput).focus()

    @on(Input.Submitted)
    def _take(self) -> None:
        self.dismiss(self.query_one(LineInput).text.strip() or None)


def replace_question(name: str) -> Question:
    """Ask before a template goes for another."""
    return Question(
        title=_("Replace the template?"),
        what=(_("There is one called {name} already.").format(name=clean_line(name)),),
        cost="",
        go=_("Replace"),
    )
