"""``reeltop submit -``: requests as JSON Lines in, results as JSON Lines out, in the order of their ends."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from backend.batches.following import obstacle
from backend.batches.sheet import BatchError, RawRow, Sheet, flatten
from backend.batches.tables import read_object
from backend.cli import exits
from backend.cli.batching import cells_over, resolver
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.errors import ReeltopError, StoreError, UsageError
from backend.language import _, in_english
from backend.records import to_json

if TYPE_CHECKING:
    from backend.batches.rows import Places
    from backend.cli.output import Output
    from backend.models import Task
    from backend.service import Changes, Service

_TICK = 2.0
_LONGEST_LINE = 32 * 2**20
"""Bytes: a picture as Base64 fits."""

_Line = tuple[int, bytes]


async def stream(service: Service, args: Namespace, output: Output) -> Exit:
    """Submit each line of standard input as it comes; print each task when it is settled.

    Raises StoreError.
    """
    return await _Stream(service, args, output).run()


class _Stream:
    def __init__(self, service: Service, args: Namespace, output: Output) -> None:
        self._service = service
        self._args = args
        self._output = output
        self._over = cells_over(args)
        self._open: dict[str, tuple[int, Any]] = {}
        """By task, the line that it came from and what that calls itself."""
        self._places: Places = {}
        self._codes: set[Exit] = set()
        self._started = datetime.now(UTC)

    async def run(self) -> Exit:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._args.timeout if self._args.timeout else None
        if sys.stdin is None:
            raise UsageError(_("standard input is closed: there is nothing to read requests from"))
        lines, changes = _stdin(sys.stdin.fileno()), self._service.changes()
        reading: asyncio.Future[_Line | None] | None = _ahead(lines)
        changing = asyncio.ensure_future(_next(changes))
        tick = loop.time() + _TICK
        try:
            while (reading or self._open) and (end is None or loop.time() < end):
                awaited: set[asyncio.Future[Any]] = {changing}
                if reading is not None and len(self._open) < self._args.in_flight:
                    awaited.add(reading)
                until = tick if end is None else min(tick, end)
                timeout = max(0.0, until - loop.time())
                await asyncio.wait(awaited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if changing.done():
                    self._settle(changing.result().tasks)
                    changing = asyncio.ensure_future(_next(changes))
                if reading is not None and reading in awaited and reading.done():
                    line = reading.result()
                    reading = None if line is None else _ahead(lines)
                    if line is not None:
                        with in_english():  # an error goes into the data
                            await self._take(*line)
                if loop.time() >= tick:
                    tick = loop.time() + _TICK
                    if self._is_stuck() and (reading is None or len(self._open) >= self._args.in_flight):
                        break
        finally:
            changing.cancel()
            if reading is not None:
                reading.cancel()
        if reading is not None:
            self._output.say(_("the rest of the input was not read"))
            self._codes.add(Exit.UNKNOWN)
        for task_id in list(self._open):
            self._print(task_id)
        return exits.gravest(self._codes)

    async def _take(self, number: int, data: bytes) -> None:
        """Submit what one line says; an error is told in the output, and the rest goes on."""
        if not data.strip():
            return
        ref = None
        try:
            if len(data) > _LONGEST_LINE:
                raise ValueError(_("has more than {most} MB").format(most=_LONGEST_LINE // 2**20))
            values = read_object(data.decode("utf-8-sig"))
            ref = values.pop("ref", None)
            await self._submit(number, ref, values)
        except StoreError:
            raise
        except BatchError as error:
            self._error(number, ref, "; ".join(map(str, error.problems)))
        except (ReeltopError, ValueError) as error:
            self._error(
                number, ref, str(error) if not isinstance(error, UnicodeError) else _("is not UTF-8 text")
            )

    async def _submit(self, number: int, ref: Any, values: Mapping[str, Any]) -> None:
        service = self._service
        rows = [RawRow(number, number, flatten(values))]
        sheet = Sheet(file=_("standard input"), folder=Path(), rows=rows)
        checked = await service.batches.check(sheet, resolver(service), over=self._over, places=self._places)
        for row in checked.rows:
            request = service.operation(row.account, row.operation).model.parse(row.values)
            if self._args.dry_run:
                preview = service.prepare_request(row.account, row.operation, request).preview
                self._output.data({"line": number, "ref": ref, "error": None, "request": plain(preview)})
                continue
            task = await service.submit(row.account, row.operation, request, tags=row.tags)
            self._open[task.id] = (number, ref)
        self._settle(self._open.keys())

    def _settle(self, ids: Any) -> None:
        tasks = self._service.tasks
        for task_id in [task_id for task_id in ids if task_id in self._open]:
            if task_id not in tasks or self._service.is_settled(tasks[task_id]):
                self._print(task_id)

    def _print(self, task_id: str) -> None:
        number, ref = self._open.pop(task_id)
        task = self._service.tasks.get(task_id)
        if task is not None:
            self._codes.add(exits.of_task(task))
            self._output.data({"line": number, "ref": ref, "error": None, "task": to_json(task)})

    def _error(self, number: int, ref: Any, words: str) -> None:
        self._codes.add(Exit.FAILED)
        made = "request" if self._args.dry_run else "task"
        self._output.data({"line": number, "ref": ref, "error": words, made: None})

    def _is_stuck(self) -> bool:
        """Whether every open task waits for the user to cure its account."""
        by_account: dict[str, list[Task]] = {}
        for task_id in self._open:
            task = self._service.tasks[task_id]
            by_account.setdefault(task.account, []).append(task)
        return bool(by_account) and all(
            obstacle(self._service, account, tasks, self._started) for account, tasks in by_account.items()
        )


async def _stdin(descriptor: int) -> AsyncIterator[_Line]:
    """Yield the numbered lines of standard input as they come; one that cannot be read has ended.

    The thread is a daemon: nothing can wake it from a read, and it must not keep the process alive.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[_Line | None] = asyncio.Queue(1)

    def put(line: _Line | None) -> bool:
        try:
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
        except RuntimeError:  # the loop has ended
            return False
        return True

    def read() -> None:
        with suppress(OSError):
            for line in enumerate(_split(descriptor), 1):
                if not put(line):
                    return
        put(None)

    Thread(target=read, name=_("standard input"), daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _split(descriptor: int) -> Iterator[bytes]:
    """Yield the lines that a file has, without buffering by Python: its lock would outlive the program's end.

    Of a line that is too long, enough comes to tell that it is.
    """
    pending, is_full = b"", False
    while data := os.read(descriptor, 2**16):
        *whole, rest = data.split(b"\n")
        for line in whole:
            yield pending if is_full else pending + line
            pending, is_full = b"", False
        if not is_full:
            pending += rest
            is_full = len(pending) > _LONGEST_LINE
    if pending:
        yield pending


async def _next(changes: AsyncIterator[Changes]) -> Changes:
    return await anext(changes)


def _ahead(lines: AsyncIterator[_Line]) -> asyncio.Future[_Line | None]:
    async def read() -> _Line | None:
        return await anext(lines, None)

    return asyncio.ensure_future(read())
