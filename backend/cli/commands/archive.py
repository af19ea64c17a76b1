"""``reeltop archive``: puts finished tasks away, or brings some back."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, time_span
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import print_tasks

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def archive(service: Service, args: Namespace, output: Output) -> Exit:
    """Put old tasks away, or bring some back."""
    if args.restore:
        print_tasks(output, await service.shelf.restore(args.restore))
        return Exit.DONE
    away, kept = await service.shelf.archive(args.older_than)
    if kept:
        output.say(f"{kept} kept: their files are not fetched yet and can still be had (reeltop download ID)")
    output.say(f"{len(away)} archived; reeltop list --archived shows them")
    print_tasks(output, away)
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    return with_service(archive, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "--older-than",
        type=time_span,
        default="30d",
        metavar="SPAN",
        help="such as 30d, 12h, 4w; default 30d",
    )
    parser.add_argument("--restore", nargs="+", metavar="ID", help="bring these back instead")


COMMAND = Command(
    description="""\
Put tasks that ended long ago into a file of their own, so that the dashboard and `list` show what
matters. Nothing is lost: `list --archived`, `show` and `export` know them. Tasks whose files are not
fetched and can still be had stay.""",
    epilog="""\
examples:
  reeltop archive --older-than 90d
  reeltop archive --restore ID        bring it back""",
    arguments=_arguments,
    run=_run,
)
