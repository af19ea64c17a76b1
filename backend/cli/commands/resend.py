"""``reeltop resend``: sends an unconfirmed task again, on the user's word."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_id, add_timeout
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import see_through
from backend.errors import UsageError
from backend.language import N_, _
from backend.models import Status

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def resend(service: Service, args: Namespace, output: Output) -> Exit:
    """Send an unconfirmed task again, on the user's word."""
    task = service.find(args.id)
    if not args.yes and task.status is Status.UNCONFIRMED:
        raise UsageError(
            _("task {task} may exist and be paid twice if it is sent again; say --yes").format(task=task.id)
        )
    task = await service.resend(task.id)
    return await see_through(service, output, task, wait=False, patience=args.timeout)


def _run(args: Namespace, output: Output) -> int:
    return with_service(resend, args, output, leads=True)


def _arguments(parser: Arguments) -> None:
    add_id(parser)
    parser.add_argument("--yes", action="store_true", help=_("yes, it may be paid twice"))
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Send an unconfirmed task again. The first request may have been accepted: it may be paid twice."""),
    arguments=_arguments,
    run=_run,
)
