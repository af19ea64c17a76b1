"""Commands about recorded tasks: list, show, wait, download, stop, resume, resend."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.cli import describe, exits, watching
from backend.cli.exits import Exit
from backend.errors import UsageError
from backend.models import Status, Task
from backend.records import to_json

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def list_tasks(service: Service, args: Namespace, output: Output) -> Exit:
    """Print the recorded tasks, newest first."""
    put_away = await _put_away(service, args, output) if args.archived or args.all else []
    known = {task.account for task in put_away}
    tasks = [] if args.archived else list(_filtered(service, args, known))
    if put_away:
        tasks = sorted([*tasks, *put_away], key=lambda task: task.created_at, reverse=True)
    tasks = tasks[: args.limit]
    if output.as_json:
        output.array(map(to_json, tasks))
    elif tasks:
        now = datetime.now(UTC)
        output.rows([describe.LIST_HEAD, *(describe.list_row(task, now) for task in tasks)])
    else:
        output.say("no tasks")
    return Exit.DONE


async def show(service: Service, args: Namespace, output: Output) -> Exit:
    """Print one task in full."""
    try:
        task = service.find(args.id)
    except UsageError as error:
        try:
            task = await service.shelf.find_archived(args.id)
        except UsageError:
            raise error from None
    if output.as_json:
        output.data(to_json(task))
    else:
        output.text(describe.sheet(task))
    return Exit.DONE


async def wait(service: Service, args: Namespace, output: Output) -> Exit:
    """Stay until the tasks have ended."""
    ids = found_ids(service, args.ids)
    tasks = await watching.settle(service, output, ids, args.timeout)
    print_tasks(output, tasks)
    return exits.gravest(map(exits.of_task, tasks))


async def download(service: Service, args: Namespace, output: Output) -> Exit:
    """Fetch the tasks' files, one task after the other."""
    tasks = []
    for task_id in found_ids(service, args.ids):
        output.say(f"{task_id}  fetching")
        tasks.append(await service.download(task_id, args.output))
    print_tasks(output, tasks)
    return exits.gravest(map(exits.of_task, tasks))


async def stop(service: Service, args: Namespace, output: Output) -> Exit:
    """Withdraw tasks, or stop watching them."""
    ids = found_ids(service, args.ids)
    changed = await service.stop(ids)
    if any(task.status is Status.LOST for task in changed):
        output.say("no longer watched; the provider goes on and may charge")
    return _print_changed(service, output, ids, changed)


async def resume(service: Service, args: Namespace, output: Output) -> Exit:
    """Watch lost tasks again."""
    ids = found_ids(service, args.ids)
    changed = await service.resume(ids)
    return _print_changed(service, output, ids, changed)


async def resend(service: Service, args: Namespace, output: Output) -> Exit:
    """Send an unconfirmed task again, on the user's word."""
    from backend.cli.submit import see_through

    task = service.find(args.id)
    if not args.yes and task.status is Status.UNCONFIRMED:
        raise UsageError(f"task {task.id} may exist and be paid twice if it is sent again; say --yes")
    task = await service.resend(task.id)
    return await see_through(service, output, task, wait=False, patience=args.timeout)


def found_ids(service: Service, handles: Iterable[str]) -> list[str]:
    """Return the tasks' ids, each once. Raises UsageError before anything is done to any of them."""
    return list(dict.fromkeys(service.find(handle).id for handle in handles))


def print_tasks(output: Output, tasks: Sequence[Task]) -> None:
    """Print tasks that a command worked on, one a line."""
    if output.as_json:
        for task in tasks:
            output.data(to_json(task))
    else:
        output.rows([describe.summary_row(task) for task in tasks])


async def _put_away(service: Service, args: Namespace, output: Output) -> list[Task]:
    """Return the archived tasks that are wanted; only those are read in full."""
    wanted = {_status(word) for word in args.status or ()}
    entries, damage = await service.shelf.archived()
    fitting = [
        entry
        for entry in reversed(entries)
        if (not wanted or entry.status in wanted) and args.account in (None, entry.account)
    ][: args.limit]
    if damage:
        output.say(f"{damage} places in the archive are damaged and cannot be read")
    return await asyncio.to_thread(lambda: [entry.task() for entry in fitting])


def _filtered(service: Service, args: Namespace, known: Container[str]) -> Iterator[Task]:
    wanted = {_status(word) for word in args.status or ()}
    mine = args.account is None or args.account in known
    if not mine and not any(task.account == args.account for task in service.tasks.values()):
        service.account(args.account)  # an account that is gone from the configuration may have tasks
    for task in reversed(list(service.tasks.values())):
        if (not wanted or task.status in wanted) and args.account in (None, task.account):
            yield task


def _status(word: str) -> Status:
    try:
        return Status(word)
    except ValueError:
        raise UsageError(f"--status {word!r}: known: {', '.join(Status)}") from None


def _print_changed(service: Service, output: Output, ids: Sequence[str], changed: Sequence[Task]) -> Exit:
    for task_id in ids:
        if not any(task.id == task_id for task in changed):
            output.say(f"{task_id} is {service.tasks[task_id].status}: nothing to do")
    print_tasks(output, [service.tasks[task_id] for task_id in ids])
    return Exit.DONE
