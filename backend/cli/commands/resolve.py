"""``reeltop resolve``: settles an unconfirmed task by what the user found out."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli import exits, watching
from backend.cli.command import Arguments, Command, add_ids, add_timeout
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import UsageError
from backend.language import N_, _
from backend.models import Status

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def resolve(service: Service, args: Namespace, output: Output) -> Exit:
    """Look for unconfirmed tasks again, or record what the user says of them."""
    ids = found_ids(service, args.ids)
    if args.exists is not None:
        if len(ids) != 1:
            raise UsageError(_("--exists: an id at the provider belongs to one task"))
        await service.doubts.exists(ids[0], args.exists)
    elif args.not_created:
        if not args.yes:
            raise UsageError(
                _(
                    "{count} tasks end as cancelled and are not looked for any more; if one exists after "
                    "all, it is charged and its film is not fetched; say --yes"
                ).format(count=len(ids))
            )
        await service.doubts.not_created(ids)
    else:
        await service.doubts.look_again(ids)
        if service.leads:
            service.retry_now(ids)
        await watching.sought(service, output, ids, args.timeout)
    tasks = [service.tasks[task_id] for task_id in ids]
    print_tasks(output, tasks)
    if any(task.status is Status.UNCONFIRMED for task in tasks):
        output.say(_("still unconfirmed: look at the provider's own page, then --exists ID or --not-created"))
        return Exit.UNKNOWN
    return exits.gravest(map(exits.of_submission, tasks)) if not args.not_created else Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    return with_service(resolve, args, output, leads=not args.not_created)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)
    found = parser.add_mutually_exclusive_group()
    found.add_argument("--exists", metavar="REMOTE-ID", help=_("it exists at the provider under this id"))
    found.add_argument("--not-created", action="store_true", help=_("the provider made nothing of it"))
    parser.add_argument("--yes", action="store_true", help=_("with --not-created: yes, for good"))
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Settle tasks that were sent and never answered for. Without an option the provider is asked once more;
with one, what you found out on its own page counts. Where the provider refuses a second task with the same
id of ours, asking may mean sending the request once more with that id, which cannot make a second film;
elsewhere nothing is sent. To send it as a new task is `resend`."""),
    epilog=N_("""\
examples:
  reeltop resolve 3f2a                      look once more
  reeltop resolve 3f2a --exists 8623144     it is there, under this id: watch and fetch it
  reeltop resolve 3f2a --not-created --yes  it is not there: forget it"""),
    arguments=_arguments,
    run=_run,
)
