"""``reeltop sheet``: the first frames of many results as one picture."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, count, path
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.media.sheet import Cell
    from backend.models import Artifact, Task
    from backend.service import Service


async def sheet(service: Service, args: Namespace, output: Output) -> Exit:
    """Draw the sheet and say where it is."""
    from backend.files import replace_file
    from backend.media.picture import NEEDS, NoDecoderError
    from backend.media.sheet import columns_for, draw

    target: Path = await asyncio.to_thread(args.output.absolute)
    tasks = _wanted(service, args)
    if not tasks:
        raise UsageError(_("no task fits, so there is nothing to draw"))
    if await asyncio.to_thread(target.exists) and not args.force:
        raise UsageError(_("{target} exists; say --force to replace it").format(target=target))
    if not service.media.can_decode:
        raise NoDecoderError(_(NEEDS))
    cells = [cell for task in tasks for cell in await _cells(service, task)]
    png = await asyncio.to_thread(draw, cells, args.columns or columns_for(len(cells)))
    await asyncio.to_thread(partial(replace_file, target, png, private_folder=False))
    shown = sum(cell.picture is not None for cell in cells)
    if output.as_json:
        output.data({"path": str(target), "clips": shown, "missing": len(cells) - shown})
    else:
        output.text(str(target))
    if shown < len(cells):
        output.say(
            _("{count} of {total} have no picture: reeltop download fetches files").format(
                count=len(cells) - shown, total=len(cells)
            )
        )
    return Exit.DONE


def _wanted(service: Service, args: Namespace) -> Sequence[Task]:
    """Return the tasks that are meant, in the order given, or as the filter says. Raises UsageError."""
    from backend.query import parse
    from backend.query_fields import Moment

    if bool(args.ids) == bool(args.filter):
        raise UsageError(_("a sheet of which tasks? name them by their ids, or say --filter"))
    if args.ids:
        return [service.tasks[task_id] for task_id in found_ids(service, args.ids)]
    health = {account.name: service.health(account.name) for account in service.accounts()}
    newest_first = reversed(list(service.tasks.values()))
    return parse(args.filter).select(newest_first, Moment(datetime.now(UTC), health))


async def _cells(service: Service, task: Task) -> list[Cell]:
    from backend.media.sheet import Cell

    title = " · ".join(filter(None, (task.account, task.model or task.operation, task.id)))
    if not task.artifacts:
        return [Cell(title, task.prompt, None, task.status.word)]
    return [await _cell(service, task, each, title) for each in task.artifacts if each.remote.kind == "video"]


async def _cell(service: Service, task: Task, artifact: Artifact, title: str) -> Cell:
    from backend.media.picture import MediaError
    from backend.media.sheet import FRAME, Cell

    if artifact.path is None:
        return Cell(title, task.prompt, None, _("not saved"))
    try:
        _facts, picture = await service.media.first_frame(Path(artifact.path), FRAME)
    except MediaError as error:
        return Cell(title, task.prompt, None, str(error))
    return Cell(title, task.prompt, picture)


def _run(args: Namespace, output: Output) -> int:
    return with_service(sheet, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=_("a task's id or the beginning of it"))
    parser.add_argument(
        "--filter", metavar="FILTER", help=_("all that the filter lets through, instead of ids")
    )
    parser.add_argument("--output", type=path, required=True, metavar="FILE", help=_("where to: a PNG"))
    parser.add_argument("--columns", type=count, metavar="N", help=_("clips in a row"))
    parser.add_argument("--force", action="store_true", help=_("replace the file if it exists"))


COMMAND = Command(
    description=N_("""\
Draw a contact sheet: the first frame of each task's clip with account, model, id and prompt, as one PNG.
Takes the files that are saved here; needs reeltop[preview]."""),
    arguments=_arguments,
    run=_run,
    epilog=N_("""\
examples:
  reeltop sheet ID ID ID --output sheet.png
  reeltop sheet --filter 'batch:cats status:succeeded' --columns 5 --output cats.png"""),
)
