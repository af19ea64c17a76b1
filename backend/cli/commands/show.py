"""``reeltop show``: all that is known of one task."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli import describe
from backend.cli.command import Arguments, Command, add_id
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import find_anywhere
from backend.language import N_
from backend.records import to_json

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def show(service: Service, args: Namespace, output: Output) -> Exit:
    """Print one task in full."""
    task = await find_anywhere(service, args.id)
    if output.as_json:
        output.data(to_json(task))
    else:
        output.text(describe.sheet(task))
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    return with_service(show, args, output)


def _arguments(parser: Arguments) -> None:
    add_id(parser)


COMMAND = Command(
    description=N_("Show all that is known of one task."),
    arguments=_arguments,
    run=_run,
)
