"""``reeltop archive``, ``export`` and ``import``: what is done with tasks, and where they come from."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from backend import transfer
from backend.cli.exits import Exit
from backend.cli.tasks import print_tasks
from backend.errors import UsageError
from backend.files import replace_file
from backend.models import Status, Task

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


async def export_tasks(service: Service, args: Namespace, output: Output) -> Exit:
    """Write all tasks, archived ones too, as JSON Lines."""
    path = _target(args.file)
    if path is not None and await asyncio.to_thread(path.exists) and not args.force:
        raise UsageError(f"{path} exists; say --force to replace it")
    _, damage = await service.shelf.archived()
    lines = await service.shelf.export()
    if path is None:
        for line in lines.splitlines():
            output.data(json.loads(line))
    else:
        await asyncio.to_thread(partial(replace_file, path, lines.decode(), private_folder=False))
    count = lines.count(b"\n")
    output.say(f"{count} tasks exported" + (f" to {path}" if path else ""))
    if damage:
        output.say(f"{damage} places in the archive are damaged and could not be exported")
        return Exit.FAILED
    return Exit.DONE


def _target(file: str | None) -> Path | None:
    return None if file in (None, "-") else Path(file).expanduser()


def read_export(source: str) -> list[Task]:
    """Return the tasks of a file, or of standard input for ``-``. Blocks; raises UsageError."""
    name = "standard input" if source == "-" else source
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is not UTF-8 text") from None
    return transfer.read_lines(text.split("\n"), name)


async def import_tasks(
    service: Service, args: Namespace, output: Output, *, given: Sequence[Task] | None
) -> Exit:
    """Add the tasks of an export, or those that a provider lists."""
    if given is not None:
        added = await service.shelf.merge(given)
        output.say(f"{len(added)} tasks added; {len(given) - len(added)} were here already")
    else:
        operation = (args.operation or "").rpartition("/")[2] or None
        added = await service.shelf.import_from(args.account, operation)
        output.say(f"{len(added)} tasks added from the provider's list")
    if any(task.status is Status.SUCCEEDED and task.artifacts for task in added):
        output.say("their files are fetched by the reeltop that is at work, or by: reeltop download ID")
    print_tasks(output, added)
    return Exit.DONE
