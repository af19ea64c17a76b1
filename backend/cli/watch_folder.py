"""``reeltop batch --watch``: makes every batch file that appears in a folder."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from backend.batches.folder import DONE, FAILED, Inbox
from backend.batches.reading import read_sheet
from backend.batches.recording import BusyError, batch_name, only_one
from backend.batches.sheet import BatchError
from backend.cli.batching import run_batch
from backend.cli.exits import Exit
from backend.errors import UsageError
from backend.language import _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service

LOOK_SECONDS = 2.0
"""Between two looks: a file that is the same in both is complete."""
_MOST_PROBLEMS = 1000


async def watch_folder(service: Service, args: Namespace, output: Output) -> Exit:
    """Do so until ended. Raises UsageError where --yes is missing, OSError for a folder that is gone."""
    folder: Path = args.watch
    if not (args.yes or service.is_sandbox):
        raise UsageError(_("--watch sends what appears without asking: say --yes"))
    inbox = Inbox(folder)
    working: dict[Path, asyncio.Task[None]] = {}
    output.say(_("watching {folder}; ctrl+c ends it").format(folder=folder))
    try:
        while True:
            for path in await asyncio.to_thread(lambda: list(inbox.complete())):
                if path not in working:
                    working[path] = asyncio.create_task(_see_to(service, args, output, inbox, path))
            for path in [path for path, task in working.items() if task.done()]:
                working.pop(path).result()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        for task in working.values():
            task.cancel()
        await asyncio.gather(*working.values(), return_exceptions=True)


async def _see_to(service: Service, args: Namespace, output: Output, inbox: Inbox, path: Path) -> None:
    """Make one file's batch and put the file away, unless what is wrong is not wrong with the file."""
    try:
        name = batch_name(path)
        sheet = await asyncio.to_thread(read_sheet, path)
        with only_one(service.paths.data, name):
            await run_batch(service, args, output, name=name, path=path, sheet=sheet)
    except BusyError:
        return  # it is looked at again
    except UsageError as error:
        problems = error.lines(_MOST_PROBLEMS) if isinstance(error, BatchError) else [str(error)]
        told = _("{path}: {problem} (and {count} more)") if problems[1:] else "{path}: {problem}"
        output.say(told.format(path=path, problem=problems[0], count=len(problems) - 1))
        where, text = FAILED, "\n".join([*problems, ""])
    else:
        where, text = DONE, ""
    target = await asyncio.to_thread(inbox.put_away, path, where, text)
    output.say(_("{path} is now {target}").format(path=path, target=target))
