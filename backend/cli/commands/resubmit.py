"""``reeltop resubmit``: a new task from an old one's request."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import (
    Arguments,
    Command,
    add_assignments,
    add_dry_run,
    add_id,
    add_timeout,
    add_wait,
)
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import find_anywhere, see_through
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def resubmit(service: Service, args: Namespace, output: Output) -> Exit:
    """Send an old task's request again, changed or not, as a task of its own."""
    from backend.cli.choosing import choose_again, read_assignments
    from backend.cli.previewing import print_preview, say_what_to_expect

    old = await find_anywhere(service, args.id)
    account = args.account or old.account
    chosen = choose_again(service, account, old, read_assignments(args.assignments))
    preview = say_what_to_expect(service, output, chosen)
    if args.dry_run:
        print_preview(output, preview)
        return Exit.DONE
    if not args.yes and not service.is_sandbox:
        raise UsageError(
            _("this makes a new film beside task {old}, and is paid as one; say --yes").format(old=old.id)
        )
    task = await service.submit(chosen.account, chosen.operation, chosen.request, tags=old.tags)
    return await see_through(service, output, task, wait=args.wait, patience=args.timeout)


def _run(args: Namespace, output: Output) -> int:
    return with_service(resubmit, args, output, leads=not args.dry_run)


def _arguments(parser: Arguments) -> None:
    add_id(parser)
    add_assignments(parser, _("a field to change; an empty value takes it out"))
    parser.add_argument("--account", metavar="NAME", help=_("another account that has the same operation"))
    add_wait(parser)
    parser.add_argument("--yes", action="store_true", help=_("yes, it is paid like any new task"))
    add_dry_run(parser)
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Make a new task from the request of an old one, with some fields changed. The old task stays as it is.
Its tags go with it, its id at the provider does not."""),
    epilog=N_("""\
examples:
  reeltop resubmit 3f2a --yes
  reeltop resubmit 3f2a --set duration=10 --set prompt="the same cat, at night" --dry-run"""),
    arguments=_arguments,
    run=_run,
)
