"""Runs the user's own programs: the words of the configuration, read by no shell.

What a program is told about goes to its standard input and its environment, never into a command line.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

_GRACE_SECONDS = 2.0
"""How long one that is told to end may take."""
_LAST_WORDS_SECONDS = 0.5
"""How long output is waited for after the end: what was left in the background may hold it open."""
_CHUNK = 64 * 1024


class Program:
    """One run of one program, and of whatever it starts."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        environment: Mapping[str, str],
        seconds: float,
        keep: int = 0,
    ) -> None:
        """`environment` is added to ours; after `seconds` it is ended; `keep` is how many bytes of what it
        prints are kept, with 0 none is read."""
        self._words = tuple(words)
        self._environment = environment
        self._seconds = seconds
        self._keep = keep
        self._kept = bytearray()
        self.left_out = 0
        """Bytes that it printed beyond those kept."""

    @property
    def output(self) -> str:
        """What it has printed so far, as it came: it may hold anything."""
        return self._kept.decode("utf-8", "replace")

    async def run(self, data: bytes) -> int:
        """Run it with `data` on its standard input; return its exit code, below 0 the signal that ended it.

        Raises TimeoutError, OSError if it cannot be started, and ValueError for words that no program takes.
        Cancelled, it ends the program.
        """
        output = await self._listen() if self._keep else None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=PIPE,
                stdout=output.descriptor if output else DEVNULL,
                stderr=output.descriptor if output else DEVNULL,
                env=os.environ | self._environment,
                start_new_session=True,
            )
        except BaseException:
            if output:
                output.transport.close()
            raise
        finally:
            if output:
                os.close(output.descriptor)
        feeding = asyncio.create_task(_feed(process, data))
        try:
            async with asyncio.timeout(self._seconds):
                code = await process.wait()
            if output:
                with suppress(TimeoutError):
                    await asyncio.wait_for(output.ended.wait(), _LAST_WORDS_SECONDS)
            return code
        finally:
            feeding.cancel()
            if output:
                output.transport.close()
            if process.returncode is None:
                await _end(process)

    def take(self, data: bytes) -> None:
        """Keep what was printed, as far as it is kept."""
        room = self._keep - len(self._kept)
        self._kept += data[:room]
        self.left_out += len(data) - len(data[:room])

    async def _listen(self) -> _Output:
        # Not asyncio's own pipe: that stays open, and is waited for, as long as anything holds its other end.
        reading, writing = os.pipe()
        ended = asyncio.Event()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: _Listener(self, ended), os.fdopen(reading, "rb", 0)
        )
        return _Output(writing, transport, ended)


class _Output(NamedTuple):
    descriptor: int
    """Where the program writes."""
    transport: asyncio.ReadTransport
    ended: asyncio.Event


class _Listener(asyncio.Protocol):
    def __init__(self, program: Program, ended: asyncio.Event) -> None:
        self._program = program
        self._ended = ended

    def data_received(self, data: bytes) -> None:
        self._program.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended.set()


async def _feed(process: Process, data: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # it need not read it
        for start in range(0, len(data), _CHUNK):
            process.stdin.write(data[start : start + _CHUNK])
            await process.stdin.drain()
    process.stdin.close()


async def _end(process: Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
            return
