"""``reeltop wait``: stays until tasks have ended."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli import exits, watching
from backend.cli.command import Arguments, Command, add_ids, add_timeout
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.language import N_

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def wait(service: Service, args: Namespace, output: Output) -> Exit:
    """Stay until the tasks have ended."""
    ids = found_ids(service, args.ids)
    tasks = await watching.settle(service, output, ids, args.timeout)
    print_tasks(output, tasks)
    return exits.gravest(map(exits.of_task, tasks))


def _run(args: Namespace, output: Output) -> int:
    return with_service(wait, args, output, leads=True)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Wait until each task has ended and its files are saved. Works on them itself unless another reeltop
already does. Prints the tasks in the order given."""),
    arguments=_arguments,
    run=_run,
)
