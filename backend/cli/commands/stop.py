"""``reeltop stop``: withdraws tasks, or watches them no longer."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_ids
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_changed
from backend.language import N_, _
from backend.models import Status

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def stop(service: Service, args: Namespace, output: Output) -> Exit:
    """Withdraw tasks, or stop watching them."""
    ids = found_ids(service, args.ids)
    changed = await service.stop(ids)
    if any(task.status is Status.LOST for task in changed):
        output.say(_("no longer watched; the provider goes on and may charge"))
    return print_changed(service, output, ids, changed)


def _run(args: Namespace, output: Output) -> int:
    return with_service(stop, args, output)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)


COMMAND = Command(
    description=N_("""\
Withdraw what was not sent yet, and stop watching the rest. No provider offers a cancel: it goes on
with what was sent, and may charge."""),
    arguments=_arguments,
    run=_run,
)
