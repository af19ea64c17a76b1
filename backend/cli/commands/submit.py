"""``reeltop submit``: from a request to a task on disk, to one that is sent, to one that has ended."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from backend.cli.bodies import read_body
from backend.cli.command import Arguments, Command, add_timeout, count
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.cli.running import with_service
from backend.cli.tasks import see_through
from backend.errors import RequestError, UsageError

if TYPE_CHECKING:
    from backend.cli.choosing import Chosen, Given
    from backend.cli.output import Output
    from backend.preparing import Prepared
    from backend.preview import Preview
    from backend.service import Service


def read_given(args: Namespace) -> Given:
    """Return what the user said about the request's fields. Blocks; raises UsageError."""
    from backend.cli.choosing import Given, read_assignments

    return Given(
        body=read_body(args.request) if args.request else None,
        assignments=read_assignments(args.assignments),
    )


async def submit(service: Service, args: Namespace, output: Output, *, given: Given) -> Exit:
    """Send what was given, and stay for as long as was asked."""
    from backend.cli.choosing import choose

    chosen = choose(service, args.account, args.operation, given)
    prepared = service.prepare_request(chosen.account, chosen.operation, chosen.request)
    if prepared.issues or prepared.preview is None:
        raise RequestError(prepared.issues)
    say_what_to_expect(output, chosen, prepared)
    if args.dry_run:
        print_preview(output, prepared.preview)
        return Exit.DONE
    task = await service.submit(chosen.account, chosen.operation, chosen.request)
    return await see_through(service, output, task, wait=args.wait, patience=args.timeout)


def say_what_to_expect(output: Output, chosen: Chosen, prepared: Prepared) -> None:
    """Say what is doubtful about a request, where it goes and what it costs."""
    for warning in prepared.warnings:
        output.say(f"warning: {warning}")
    output.say(f"{chosen.operation} by account {chosen.account}. {prepared.cost}")


def print_preview(output: Output, preview: Preview) -> None:
    """Print the exact HTTP request, secrets as $NAMES."""
    if output.as_json:
        output.data(plain(preview))
        return
    headers = "\n".join(f"{name}: {value}" for name, value in preview.headers.items())
    output.text(f"{preview.method} {preview.url}\n{headers}\n\n{preview.json()}")


def _run(args: Namespace, output: Output) -> int:
    if args.stream:
        from backend.cli.streaming import stream

        if args.stream != "-":
            raise UsageError(f"submit takes no {args.stream!r}: only -, which reads standard input")
        if args.request or args.wait:
            raise UsageError("submit - takes no --request and needs no --wait: it stays until all have ended")
        return with_service(stream, args, output, leads=not args.dry_run)
    # Read before anything is at work: standard input may be slow.
    given = read_given(args)
    return with_service(partial(submit, given=given), args, output, leads=not args.dry_run)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "stream", nargs="?", metavar="-", help="read requests as JSON Lines from standard input, see below"
    )
    parser.add_argument("--account", metavar="NAME", help="may be left out where only one fits")
    parser.add_argument("--operation", metavar="NAME", help="may be left out where the request fits only one")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="FIELD=VALUE",
        help="a field of the request, dotted if nested, lists as JSON; goes over --request",
    )
    parser.add_argument(
        "--request",
        metavar="FILE",
        help="a JSON file with the body as the provider's page prints it, comments allowed; - reads it "
        "from standard input",
    )
    parser.add_argument("--wait", action="store_true", help="wait until the task has ended")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the exact request, secrets as $NAMES; send nothing"
    )
    parser.add_argument(
        "--in-flight", type=count, default=100, metavar="N", help="with -: unfinished tasks at a time"
    )
    add_timeout(parser)


COMMAND = Command(
    description="""\
Record a request on disk and send it. Ends when the provider has accepted or refused it; with --wait,
when the task has ended and its files are saved. Prints the task.""",
    epilog="""\
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
A request that could not be sent stays recorded: `reeltop wait ID`, or the dashboard, sends it later.""",
    arguments=_arguments,
    run=_run,
)
