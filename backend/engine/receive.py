"""The body of a file, from the network to the disk: what stalls, does not end or is no film is broken off.

Where a thread can take the bytes off the socket it does, and writes them itself: nothing is faster. Else the
loop receives them (TLS, a proxy) and a thread writes. Either way the loop only looks on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from backend.clock import Clock
from backend.engine.fetch_failures import broken, endless, not_a_video
from backend.engine.mp4 import begins_as_mp4
from backend.engine.part import PartFile
from backend.engine.waiting import Alarm, ended, in_thread, in_thread_of_its_own
from backend.language import recorded
from backend.models import Failure
from backend.transport_answers import FileAnswer

_SPACE = 128 * 1024
"""Bytes received before they are written, at most: such a space stays in the processor's cache."""
_LOOP_SPACE = 1024**2
"""The same where each writing costs a change of threads."""
_PIECE_SECONDS = 0.5
"""A smaller piece is written after so long: what a kill loses at most."""
_LOOK_SECONDS = 0.25
"""Seconds between two looks at how far it has come."""
_HEAD = 8
"""Bytes from which a film can be told from a page."""
_STALL_SECONDS = 60.0
_STALL_BYTES = 64 * 1024
"""Bytes that must come in :data:`_STALL_SECONDS`, or the connection counts as broken."""

Progress = Callable[[int], Awaitable[None]]
"""Told how many bytes of the file are here, often."""


async def receive(
    answer: FileAnswer, part: PartFile, end: int, clock: Clock, progress: Progress
) -> Failure | None:
    """Write what `answer` brings behind what is in `part`, up to `end`; return what is wrong with it.

    Whatever came before a break is written. Raises ProviderError for the network's troubles, OSError for the
    disk's.
    """
    bell = Alarm(clock)
    job = asyncio.ensure_future(
        in_thread_of_its_own(lambda: _receive(answer, part, end), answer.hang_up)
        if answer.leave_loop()
        else _receive_by_loop(answer, part, end, clock)
    )
    job.add_done_callback(lambda _: bell.ring())
    since, had = clock.monotonic(), part.size
    try:
        while not job.done():
            await bell.wait(_LOOK_SECONDS)
            await progress(part.size)
            if (now := clock.monotonic()) - since >= _STALL_SECONDS:
                if part.size - had < _STALL_BYTES:
                    return broken(recorded("the file comes in too slowly"))
                since, had = now, part.size
        await job
    except _NoFilmError as error:
        return not_a_video(str(error), answer.status)
    finally:
        job.cancel()
        await ended(job)
    if part.total is not None and part.size < part.total:
        words = recorded("cut off after {size} of {total} bytes")
        return broken(words.format(size=part.size, total=part.total))
    if part.total is None and part.size >= end:
        await in_thread(part.restart, "", None)
        return endless()
    return None


class _NoFilmError(Exception):
    """Something else comes in, and nothing of it is written."""


def _receive(answer: FileAnswer, part: PartFile, end: int) -> None:
    """Receive and write by turns, in a thread."""
    space, filled = memoryview(bytearray(min(_SPACE, end - part.size))), 0
    try:
        while part.size + filled < end and (count := answer.read_now(space[filled : end - part.size])):
            filled += count
            if filled >= _HEAD:
                piece, filled = space[:filled], 0
                _write(part, piece)
    finally:
        part.write(space[:filled])


async def _receive_by_loop(answer: FileAnswer, part: PartFile, end: int, clock: Clock) -> None:
    """The same for bytes that only the loop can have."""
    space, filled = memoryview(bytearray(min(_LOOP_SPACE, end - part.size))), 0
    written_at = float("-inf")
    try:
        while part.size + filled < end and (count := await answer.read_into(space[filled : end - part.size])):
            filled += count
            is_time = filled == len(space) or clock.monotonic() - written_at >= _PIECE_SECONDS
            if filled >= _HEAD and is_time:
                piece, filled = space[:filled], 0
                await in_thread(_write, part, piece)
                written_at = clock.monotonic()
    finally:
        await in_thread(part.write, space[:filled])


def _write(part: PartFile, piece: memoryview) -> None:
    head = bytes(piece[:_HEAD])
    if not part.size and not begins_as_mp4(head):
        raise _NoFilmError(recorded("not an MP4 file: it begins with {head}").format(head=repr(head)))
    if part.total is None:
        part.require_room(len(piece))
    part.write(piece)
