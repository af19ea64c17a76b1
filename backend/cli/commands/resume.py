"""``reeltop resume``: watches lost tasks again."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_ids
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_changed
from backend.language import N_

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def resume(service: Service, args: Namespace, output: Output) -> Exit:
    """Watch lost tasks again."""
    ids = found_ids(service, args.ids)
    changed = await service.resume(ids)
    return print_changed(service, output, ids, changed)


def _run(args: Namespace, output: Output) -> int:
    return with_service(resume, args, output)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)


COMMAND = Command(
    description=N_("Watch tasks again that are lost."),
    arguments=_arguments,
    run=_run,
)
