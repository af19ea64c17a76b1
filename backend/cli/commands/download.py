"""``reeltop download``: fetches result files."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.cli import exits
from backend.cli.command import Arguments, Command, path, time_span
from backend.cli.exits import Exit
from backend.cli.output import complain
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import ReeltopError, UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from backend.cli.output import Output
    from backend.models import Task
    from backend.service import Service


async def download(service: Service, args: Namespace, output: Output) -> Exit:
    """Fetch the tasks' files, as many at a time as the configuration says."""
    from backend.cli.progress import shown

    ids = _wanted(service, args)
    if not ids:
        output.say(_("there is nothing to fetch"))
        return Exit.DONE
    async with shown(service, output, ids):
        outcomes = await asyncio.gather(
            *(_fetch(service, output, task_id, args.output) for task_id in ids), return_exceptions=True
        )
    print_tasks(output, [each for each in outcomes if not isinstance(each, BaseException)])
    code = exits.gravest(exits.of_task(each) for each in outcomes if not isinstance(each, BaseException))
    for error in outcomes:
        if isinstance(error, BaseException):
            if not isinstance(error, ReeltopError):
                raise error
            complain(str(error))
            code = code or exits.of_error(error)
    return code


async def _fetch(service: Service, output: Output, task_id: str, folder: Path | None) -> Task:
    from backend import expiry

    if expiry.unsaved([service.tasks[task_id]]):
        output.say(_("{task}  fetching").format(task=task_id))
    return await service.download(task_id, folder)


def _wanted(service: Service, args: Namespace) -> list[str]:
    """Return the ids of the tasks that are meant. Raises UsageError."""
    from backend import expiry

    if sum((bool(args.ids), args.expiring, args.all)) != 1:
        raise UsageError(_("download which? name tasks by their ids, or say --expiring or --all"))
    if args.within is not None and not args.expiring:
        raise UsageError(_("--within goes with --expiring"))
    if args.ids:
        return found_ids(service, args.ids)
    tasks = service.tasks.values()
    if args.all:
        return [task.id for task in expiry.unsaved(tasks)]
    return [task.id for task in expiry.expiring(tasks, datetime.now(UTC), args.within or expiry.WITHIN)]


def _run(args: Namespace, output: Output) -> int:
    return with_service(download, args, output, leads=True)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=_("a task's id or the beginning of it"))
    parser.add_argument(
        "--expiring", action="store_true", help=_("all that is not saved and goes soon, or nobody knows when")
    )
    parser.add_argument(
        "--within", type=time_span, metavar="SPAN", help=_("with --expiring: how soon; 48h if left out")
    )
    parser.add_argument("--all", action="store_true", help=_("all that is not saved"))
    parser.add_argument("--output", type=path, metavar="DIR", help=_("put copies there as well"))


COMMAND = Command(
    description=N_("""\
Fetch the tasks' files, again if need be, several at a time. Never makes a new generation, never overwrites a
file. On a terminal it shows how they come in."""),
    arguments=_arguments,
    run=_run,
    epilog=N_("""\
examples:
  reeltop download ID ID --output ./clips
  reeltop download --expiring                 what goes within 48 hours
  reeltop download --expiring --within 7d
  reeltop download --all"""),
)
