"""``reeltop edit``: changes a request that waits to be sent."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_assignments
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import print_tasks
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.choosing import Given
    from backend.cli.output import Output
    from backend.service import Service


async def edit(service: Service, args: Namespace, output: Output, *, given: Given) -> Exit:
    """Replace what was given, or the whole request by a body."""
    from backend.cli.choosing import build

    task = service.find(args.id)
    operation = service.operation(task.account, task.operation)
    request = build(operation, given, over=task.request)
    print_tasks(output, [await service.queue.edit(task, request)])
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    from backend.cli.choosing import read_given

    given = read_given(args)
    if given.is_nothing:
        raise UsageError(_("edit: nothing to change; say --set FIELD=VALUE or --request FILE"))
    return with_service(partial(edit, given=given), args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("id", metavar="ID", help=_("of the task; may be cut as long as it is unambiguous"))
    add_assignments(parser, _("a field of the request, dotted if nested, lists as JSON"))
    parser.add_argument(
        "--request",
        metavar="FILE",
        help=_("a JSON file with a body that takes the place of the whole request"),
    )


COMMAND = Command(
    description=N_("""\
Change the request of a task that waits to be sent; it keeps its place in the queue. Once it has begun to
leave it cannot be changed any more, and that is said. Prints the task."""),
    epilog=N_("""\
examples:
  reeltop accounts pause kling
  reeltop edit 7f3k --set prompt="a dog on a train" --set duration=10
  reeltop accounts resume kling"""),
    arguments=_arguments,
    run=_run,
)
