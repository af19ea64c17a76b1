"""``reeltop download``: fetches result files."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli import exits
from backend.cli.command import Arguments, Command, add_ids, path
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def download(service: Service, args: Namespace, output: Output) -> Exit:
    """Fetch the tasks' files, one task after the other."""
    tasks = []
    for task_id in found_ids(service, args.ids):
        output.say(f"{task_id}  fetching")
        tasks.append(await service.download(task_id, args.output))
    print_tasks(output, tasks)
    return exits.gravest(map(exits.of_task, tasks))


def _run(args: Namespace, output: Output) -> int:
    return with_service(download, args, output, leads=True)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)
    parser.add_argument("--output", type=path, metavar="DIR", help="put the files there as well")


COMMAND = Command(
    description="""\
Fetch the tasks' files, again if need be. Never makes a new generation, never overwrites a file.""",
    arguments=_arguments,
    run=_run,
)
