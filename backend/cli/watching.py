"""Follows tasks until they need no more waiting for, telling each change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from backend.cli import exits
from backend.cli.describe import progress_line
from backend.cli.exits import Exit
from backend.language import _
from backend.models import Status

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.models import Task
    from backend.service import Service

SENDING_SECONDS = 60.0
"""How long a command tries to get a request through before it leaves it on disk."""
HANDOVER_SECONDS = 10.0
"""How long it looks on while another reeltop has it in hand."""


async def settle(service: Service, output: Output, ids: Iterable[str], patience: float | None) -> list[Task]:
    """Return when nothing more happens to the tasks by itself, or cannot for trouble in sending them, or
    `patience` seconds are over."""
    started = datetime.now(UTC)
    tasks = await _follow(service, output, ids, service.is_settled, patience)
    if patience is not None and datetime.now(UTC) - started >= timedelta(seconds=patience):
        late = [task.id for task in tasks if not service.is_settled(task)]
        if late:
            output.say(
                _("--timeout ended; {count} not finished, and going on: reeltop wait {ids}").format(
                    count=len(late), ids=" ".join(late)
                )
            )
    return tasks


async def hand_in(service: Service, output: Output, task_id: str, patience: float | None) -> Task:
    """Return when the provider has accepted or refused the task or nobody knows; without that, after a
    while."""

    def is_done(task: Task) -> bool:
        return task.status not in (Status.WAITING, Status.SUBMITTING) or service.is_settled(task)

    bound = SENDING_SECONDS if service.leads else HANDOVER_SECONDS
    tasks = await _follow(service, output, [task_id], is_done, min(patience or bound, bound))
    return tasks[0]


async def sought(service: Service, output: Output, ids: Iterable[str], patience: float | None) -> list[Task]:
    """Return when unconfirmed tasks were found, or looked for in vain, or after a while."""
    at_start = {task_id: _looks(service.tasks[task_id]) for task_id in ids}

    def is_done(task: Task) -> bool:
        return task.status is not Status.UNCONFIRMED or _looks(task) > at_start[task.id]

    bound = SENDING_SECONDS if service.leads else HANDOVER_SECONDS
    return await _follow(service, output, at_start, is_done, min(patience or bound, bound))


def _looks(task: Task) -> int:
    return sum(event.what == "unconfirmed" for event in task.events)


async def _follow(
    service: Service,
    output: Output,
    ids: Iterable[str],
    is_done: Callable[[Task], bool],
    patience: float | None,
) -> list[Task]:
    import asyncio

    watched = list(ids)
    started = datetime.now(UTC)
    deadline = [started + timedelta(seconds=patience)] if patience is not None else []
    said: dict[str, str] = {}
    changes = service.changes()
    while True:
        tasks = [service.tasks[task_id] for task_id in watched]
        for task in tasks:
            _tell(output, task, said)
        now = datetime.now(UTC)
        ends = [_given_up_at(service, task, started) for task in tasks if not is_done(task)]
        if not any(end is None or end > now for end in ends) or any(end <= now for end in deadline):
            return tasks
        next_end = min((end for end in (*deadline, *ends) if end and end > now), default=None)
        try:
            async with asyncio.timeout((next_end - now).total_seconds() if next_end else None):
                await anext(changes)
        except TimeoutError:
            changes = service.changes()  # a stream ends with the wait that was interrupted


def _given_up_at(service: Service, task: Task, started: datetime) -> datetime | None:
    """Return until when a task is watched that is in trouble, or whose account is."""
    if task.status is Status.SUBMITTING:
        return None
    if task.status is Status.WAITING and task.trouble is None:
        trouble = service.health(task.account).trouble
        held_by_key = trouble is not None and exits.of_failure(trouble.failure) is Exit.ACCOUNT
        return started if held_by_key else None
    if task.trouble is None:
        return None
    if exits.of_failure(task.trouble.failure) is Exit.ACCOUNT and task.updated_at > started:
        return started  # tried since then: no time cures a wrong key
    if task.status is Status.WAITING:
        return max(task.trouble.since, started) + timedelta(seconds=SENDING_SECONDS)
    return None


def _tell(output: Output, task: Task, said: dict[str, str]) -> None:
    line = progress_line(task)
    again = task.status is Status.SUBMITTING and task.trouble is not None
    if said.get(task.id) != line and not again:
        said[task.id] = line
        output.say(line)
