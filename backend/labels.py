"""What the user says of tasks: tags and notes. They change nothing of the job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.language import _
from backend.models import Task
from backend.text import clean_block, clean_line

if TYPE_CHECKING:
    from backend.ledger.store import Change, TaskStore

LONGEST_TAG = 40
"""Characters."""
LONGEST_NOTE = 2000
"""Characters."""


class Labels:
    """Of one service."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store

    async def tag(
        self, ids: Iterable[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> list[Task]:
        """Give tasks tags and take others away; return those that changed.

        A tag in both is added. Raises UsageError for what is no tag or no task's id, StoreError.
        """
        added, removed = {tidy_tag(tag) for tag in add}, {tidy_tag(tag) for tag in remove}

        def change(task: Task) -> Task:
            return replace(task, tags=tuple(sorted((set(task.tags) - removed) | added)))

        return await self._change(ids, change)

    async def note(self, ids: Iterable[str], text: str) -> list[Task]:
        """Replace the notes of tasks; return those that changed. Raises UsageError, StoreError."""
        note = clean_block(text).strip()
        if len(note) > LONGEST_NOTE:
            raise UsageError(
                _("a note has up to {most} characters, this one has {count}").format(
                    most=LONGEST_NOTE, count=len(note)
                )
            )
        return await self._change(ids, lambda task: replace(task, note=note))

    async def _change(self, ids: Iterable[str], change: Change) -> list[Task]:
        known = list(dict.fromkeys(ids))
        for task_id in known:
            if task_id not in self._store.tasks:
                raise UsageError(_("no task {task!r}").format(task=task_id))

        tasks = self._store.tasks
        wanted = [task_id for task_id in known if change(tasks[task_id]) != tasks[task_id]]
        return list(await asyncio.gather(*(self._store.update(task_id, change) for task_id in wanted)))


def tidy_tag(text: str) -> str:
    """Return a tag as it is kept. Raises UsageError for what cannot be one."""
    tag = clean_line(text).strip()
    if not tag or len(tag) > LONGEST_TAG or any(mark.isspace() or mark in ',:"' for mark in tag):
        raise UsageError(
            _(
                "{text!r} is no tag: one word of up to {most} characters, without comma, colon and quote"
            ).format(text=text, most=LONGEST_TAG)
        )
    return tag
