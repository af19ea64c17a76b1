"""``reeltop export``: every task as JSON Lines."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.errors import UsageError
from backend.files import replace_file
from backend.language import N_, _, ngettext

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def export_tasks(service: Service, args: Namespace, output: Output) -> Exit:
    """Write all tasks, archived ones too, as JSON Lines."""
    path = _target(args.file)
    if path is not None and await asyncio.to_thread(path.exists) and not args.force:
        raise UsageError(_("{path} exists; say --force to replace it").format(path=path))
    _entries, damage = await service.shelf.archived()
    lines = await service.shelf.export()
    if path is None:
        for line in lines.splitlines():
            output.data(json.loads(line))
    else:
        await asyncio.to_thread(partial(replace_file, path, lines.decode(), private_folder=False))
    count = lines.count(b"\n")
    told = ngettext("{count} tasks exported", "{count} tasks exported", count)
    if path:
        told = ngettext("{count} tasks exported to {path}", "{count} tasks exported to {path}", count)
    output.say(told.format(count=count, path=path))
    if damage:
        output.say(
            _("{count} places in the archive are damaged and could not be exported").format(count=damage)
        )
        return Exit.FAILED
    return Exit.DONE


def _target(file: str | None) -> Path | None:
    return None if file in (None, "-") else Path(file).expanduser()


def _run(args: Namespace, output: Output) -> int:
    return with_service(export_tasks, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help=_("where to; - or nothing: standard output"))
    parser.add_argument("--force", action="store_true", help=_("replace the file if it exists"))


COMMAND = Command(
    description=N_("""\
Write every task, archived ones too, one JSON object a line: a backup that `reeltop import` reads."""),
    arguments=_arguments,
    run=_run,
)
