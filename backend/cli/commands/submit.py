"""``reeltop submit``: from a request to a task on disk, to one that is sent, to one that has ended."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_assignments, add_dry_run, add_timeout, add_wait, count
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import see_through
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.choosing import Given
    from backend.cli.output import Output
    from backend.service import Service


async def submit(service: Service, args: Namespace, output: Output, *, given: Given) -> Exit:
    """Send what was given, and stay for as long as was asked."""
    from backend.cli.choosing import choose
    from backend.cli.previewing import print_preview, say_what_to_expect

    chosen = choose(service, args.account, args.operation, given)
    preview = say_what_to_expect(service, output, chosen)
    if args.dry_run:
        print_preview(output, preview)
        return Exit.DONE
    task = await service.submit(chosen.account, chosen.operation, chosen.request)
    return await see_through(service, output, task, wait=args.wait, patience=args.timeout)


def _run(args: Namespace, output: Output) -> int:
    if args.stream:
        from backend.cli.streaming import stream

        if args.stream != "-":
            raise UsageError(
                _("submit takes no {stream!r}: only -, which reads standard input").format(stream=args.stream)
            )
        if args.request or args.wait:
            raise UsageError(
                _("submit - takes no --request and needs no --wait: it stays until all have ended")
            )
        return with_service(stream, args, output, leads=not args.dry_run)
    from backend.cli.choosing import read_given

    # Read before anything is at work: standard input may be slow.
    given = read_given(args)
    return with_service(partial(submit, given=given), args, output, leads=not args.dry_run)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "stream", nargs="?", metavar="-", help=_("read requests as JSON Lines from standard input, see below")
    )
    parser.add_argument("--account", metavar="NAME", help=_("may be left out where only one fits"))
    parser.add_argument(
        "--operation", metavar="NAME", help=_("may be left out where the request fits only one")
    )
    add_assignments(parser, _("a field of the request, dotted if nested, lists as JSON; goes over --request"))
    parser.add_argument(
        "--request",
        metavar="FILE",
        help=_(
            "a JSON file with the body as the provider's page prints it, comments allowed; - reads it "
            "from standard input"
        ),
    )
    add_wait(parser)
    add_dry_run(parser)
    parser.add_argument(
        "--in-flight", type=count, default=100, metavar="N", help=_("with -: unfinished tasks at a time")
    )
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Record a request on disk and send it. Ends when the provider has accepted or refused it; with --wait,
when the task has ended and its files are saved. Prints the task."""),
    epilog=N_("""\
examples:
  reeltop submit --account kling --operation text2video --set prompt="a cat" --set duration=10
  reeltop submit --account kling --request body.json --set prompt="another cat" --wait --json
  pbpaste | reeltop submit --account relay --request - --dry-run

pipes:
  Each line of `reeltop submit -` is an object with the fields of the request, and account, operation, tags
  and ref if wanted; --account, --operation and --set go over them. A line is printed for each task when it
  has ended, in the order in which they do: {"line", "ref", "error": null, "task": {…}}, and for a line that
  cannot be submitted {"line", "ref", "error": "…", "task": null}; the rest goes on, and the exit code is 1
  or graver.

    producer | reeltop submit - --account kling --operation text2video | consumer

What --operation may be is listed by `reeltop operations`, the fields by `reeltop operations NAME`.
A request that could not be sent stays recorded: `reeltop wait ID`, or the dashboard, sends it later."""),
    arguments=_arguments,
    run=_run,
)
