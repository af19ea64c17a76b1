"""``reeltop note``: writes something about tasks."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_ids
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def note(service: Service, args: Namespace, output: Output, *, text: str) -> Exit:
    """Replace the notes of tasks."""
    ids = found_ids(service, args.ids)
    await service.labels.note(ids, text)
    print_tasks(output, [service.tasks[task_id] for task_id in ids])
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    text = args.text
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(_("standard input: is not UTF-8 text")) from None
    return with_service(partial(note, text=text), args, output)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)
    parser.add_argument(
        "--text",
        required=True,
        metavar="TEXT",
        help=_("what to write; - reads standard input"),
    )


COMMAND = Command(
    description=N_("Write a note about tasks; it replaces the one that is there."),
    epilog=N_("""\
examples:
  reeltop note 3f2a --text "the hands are wrong; try seed 12"
  reeltop note 3f2a --text ''"""),
    arguments=_arguments,
    run=_run,
)
