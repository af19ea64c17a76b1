"""``reeltop import``: adds the tasks of a backup, or those that a provider lists."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from backend import transfer
from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import print_tasks
from backend.errors import UsageError
from backend.language import N_, _
from backend.models import Status, Task

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


def read_export(source: str) -> list[Task]:
    """Return the tasks of a file, or of standard input for ``-``. Blocks; raises UsageError."""
    name = _("standard input") if source == "-" else source
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or _('cannot be read')}") from None
    except UnicodeDecodeError:
        raise UsageError(_("{name}: is not UTF-8 text").format(name=name)) from None
    return transfer.read_lines(text.split("\n"), name)


async def import_tasks(
    service: Service, args: Namespace, output: Output, *, given: Sequence[Task] | None
) -> Exit:
    """Add the tasks of an export, or those that a provider lists."""
    if given is not None:
        added = await service.shelf.merge(given)
        output.say(
            _("{count} tasks added; {known} were here already").format(
                count=len(added), known=len(given) - len(added)
            )
        )
    else:
        operation = (args.operation or "").rpartition("/")[2] or None
        added = await service.shelf.import_from(args.account, operation)
        output.say(_("{count} tasks added from the provider's list").format(count=len(added)))
    if any(task.status is Status.SUCCEEDED and task.artifacts for task in added):
        output.say(_("their files are fetched by the reeltop that is at work, or by: reeltop download ID"))
    print_tasks(output, added)
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    given = read_export(args.file) if args.file else None
    return with_service(partial(import_tasks, given=given), args, output)


def _arguments(parser: Arguments) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", metavar="FILE", help=_("an export; - reads standard input"))
    source.add_argument("--account", metavar="NAME", help=_("ask this account's provider for its list"))
    parser.add_argument("--operation", metavar="NAME", help=_("with --account: only its tasks"))


COMMAND = Command(
    description=N_("""\
Add the tasks of an export that are not here yet, or with --account those that the provider lists and
that were made elsewhere. What is here is never changed, and nothing is sent: a task that was still
waiting when the backup was made comes in as unconfirmed."""),
    epilog=N_("""\
examples:
  reeltop import backup.jsonl
  reeltop import --account kling --operation text2video"""),
    arguments=_arguments,
    run=_run,
)
