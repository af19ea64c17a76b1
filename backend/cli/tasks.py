"""What several commands do with tasks: find them, see them through, print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from backend.cli import describe, exits, watching
from backend.cli.describe import failure_words
from backend.cli.exits import Exit
from backend.errors import UsageError
from backend.language import _
from backend.models import Status, Task
from backend.records import to_json

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


def found_ids(service: Service, handles: Iterable[str]) -> list[str]:
    """Return the tasks' ids, each once. Raises UsageError before anything is done to any of them."""
    return list(dict.fromkeys(service.find(handle).id for handle in handles))


async def find_anywhere(service: Service, handle: str) -> Task:
    """Return a task, be it archived. Raises UsageError."""
    try:
        return service.find(handle)
    except UsageError as error:
        try:
            return await service.shelf.find_archived(handle)
        except UsageError:
            raise error from None


async def see_through(
    service: Service, output: Output, task: Task, *, wait: bool, patience: float | None
) -> Exit:
    """Stay until a recorded task is accepted, or with `wait` until it has ended; print it."""
    if wait:
        task = (await watching.settle(service, output, [task.id], patience))[0]
        code = exits.of_task(task)
    else:
        task = await watching.hand_in(service, output, task.id, patience)
        code = exits.of_submission(task)
    if task.status is Status.WAITING:
        if service.queue.is_paused(task.account):
            output.say(
                _("recorded; account {account} is paused: reeltop accounts resume {account}").format(
                    account=task.account
                )
            )
            code = code if wait else Exit.DONE
        elif not service.leads and task.trouble is None:
            output.say(_("recorded; another reeltop is at work and sends it"))
            code = Exit.DONE
        else:
            held = service.health(task.account).trouble if task.trouble is None else None
            if held is not None:
                code = exits.of_failure(held.failure)
                output.say(
                    _("account {account} is on hold: {words}").format(
                        account=task.account, words=failure_words(held.failure)
                    )
                )
            output.say(_("not sent yet; it stays recorded: reeltop wait {task}").format(task=task.id))
    elif wait and not service.is_settled(task):
        output.say(_("not finished in time, it goes on: reeltop wait {task}").format(task=task.id))
    print_tasks(output, [task])
    return code


def print_tasks(output: Output, tasks: Sequence[Task]) -> None:
    """Print tasks that a command worked on, one a line."""
    if output.as_json:
        for task in tasks:
            output.data(to_json(task))
    else:
        output.rows([describe.summary_row(task) for task in tasks])


def print_changed(service: Service, output: Output, ids: Sequence[str], changed: Sequence[Task]) -> Exit:
    for task_id in ids:
        if not any(task.id == task_id for task in changed):
            output.say(
                _("{task} is {status}: nothing to do").format(
                    task=task_id, status=service.tasks[task_id].status.word
                )
            )
    print_tasks(output, [service.tasks[task_id] for task_id in ids])
    return Exit.DONE
