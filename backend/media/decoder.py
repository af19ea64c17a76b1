"""Runs the process that decodes, and believes nothing that it says without a look."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import fields
from pathlib import Path

from backend.language import _, recorded, spoken
from backend.media.picture import Box, Facts, MediaError, Picture

PATIENCE_SECONDS = 15.0
"""For the next message of the process; then it is ended."""
LARGEST_SIDE = 2048
_CHILD = Path(__file__).with_name("child.py")
_MESSAGE = struct.Struct(">cI")
_FRAME = struct.Struct(">dHHH")
_LONGEST_FRAME = _FRAME.size + 3 * 256
"""Bytes, without those of its pixels."""
_LONGEST_TEXT = 64 * 1024
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")

_WORDS_OF_THE_CHILD = (
    recorded("it is neither MP4 nor WebM"),
    recorded("there is no picture in it"),
    recorded("its pictures are {width} × {height} pixels"),
    recorded("too much of it is broken ({error})"),
    recorded("no picture in it can be decoded"),
    recorded("it needs too much memory"),
    recorded("a part of reeltop[preview] does not load ({error})"),
    recorded("it is broken ({error})"),
)
"""For the catalogue: the child imports nothing of ours."""


class Decoder:
    """Decodes files, each in a process of its own that ends with the reading of it."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        """`patience` is how many seconds the process may be silent while it is listened to."""
        self._patience = patience

    async def still(self, path: Path, box: Box, colours: int = 0) -> tuple[Facts, Picture]:
        """Return a PNG, JPEG or WebP file, fitted into `box`, with a palette of `colours` if there are any.

        Raises MediaError.
        """
        return await _first(self._run("still", path, box, colours))

    async def first_frame(self, path: Path, box: Box, colours: int = 0) -> tuple[Facts, Picture]:
        """Return the first frame of an MP4 or WebM file, likewise. Raises MediaError."""
        return await _first(self._run("frames", path, box, colours, "1", "0"))

    def frames(
        self, path: Path, box: Box, fps: float, start: float = 0.0, colours: int = 0
    ) -> AsyncGenerator[Facts | Picture, None]:
        """Yield the facts of a clip, then its frames from `start` seconds on, no more than `fps` of a second.

        With `colours`, up to 256, each frame has a palette of no more. The process waits while nobody takes a
        frame. Close the generator to end it. Raises MediaError.
        """
        return self._run("frames", path, box, colours, f"{fps:.3f}", f"{start:.3f}")

    async def _run(
        self, task: str, path: Path, box: Box, colours: int, *options: str
    ) -> AsyncGenerator[Facts | Picture, None]:
        box = Box(min(max(1, box.width), LARGEST_SIDE), min(max(1, box.height), LARGEST_SIDE))
        try:
            file = await asyncio.to_thread(_open, path)
        except (OSError, ValueError) as error:
            raise MediaError(f"{path.name}: {getattr(error, 'strerror', None) or error}") from None
        try:
            process = subprocess.Popen(  # noqa: ASYNC220, S603  our own program; it waits only for its start
                [sys.executable, "-P", _CHILD, task, *map(str, (box.width, box.height, colours)), *options],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
                start_new_session=True,  # a ctrl+c of the terminal is not for it
            )
        except OSError as error:
            raise MediaError(
                _("no process can be started to decode it: {reason}").format(reason=error.strerror)
            ) from None
        finally:
            os.close(file)
        # Not asyncio's own subprocess: it never ends while there is output that nobody has read.
        assert process.stdout is not None  # noqa: S101  it is a pipe
        pipe: asyncio.BaseTransport | None = None
        try:
            reader = asyncio.StreamReader()
            pipe, _protocol = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), process.stdout
            )
            async for message in self._messages(reader, box):
                yield message
            code = await asyncio.to_thread(process.wait, self._patience)
            if code:
                raise MediaError(_ended(code))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise MediaError(_("it takes too long to decode")) from None
        finally:
            (pipe or process.stdout).close()
            process.kill()
            # Nothing is awaited here: this may be the end of the event loop.
            threading.Thread(target=process.wait, name="decoder ends", daemon=True).start()

    async def _messages(self, pipe: asyncio.StreamReader, box: Box) -> AsyncIterator[Facts | Picture]:
        while True:
            try:
                head = await asyncio.wait_for(pipe.readexactly(_MESSAGE.size), self._patience)
            except asyncio.IncompleteReadError:
                return
            kind, length = _MESSAGE.unpack(head)
            most = _LONGEST_FRAME + 3 * box.width * box.height if kind == b"f" else _LONGEST_TEXT
            if length > most:
                raise MediaError(_("the process that decodes it talks nonsense"))
            try:
                body = await asyncio.wait_for(pipe.readexactly(length), self._patience)
            except asyncio.IncompleteReadError:
                return
            yield _read(kind, body)


def _open(path: Path) -> int:
    # A pipe that somebody put there would never open otherwise.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise ValueError(_("is no file"))


async def _first(messages: AsyncGenerator[Facts | Picture, None]) -> tuple[Facts, Picture]:
    facts = Facts()
    async with aclosing(messages):
        async for message in messages:
            if isinstance(message, Picture):
                return facts, message
            facts = message
    raise MediaError(_("there is no picture in it"))


def _read(kind: bytes, body: bytes) -> Facts | Picture:
    if kind == b"x":
        raise MediaError(spoken(body.decode("utf-8", "replace"), is_ours=True))
    try:
        if kind == b"f":
            seconds, width, height, colours = _FRAME.unpack_from(body)
            pixels_at = _FRAME.size + 3 * colours
            palette, pixels = body[_FRAME.size : pixels_at], body[pixels_at:]
            if (
                width
                and height
                and len(pixels) == width * height * (1 if colours else 3)
                and (not colours or max(pixels) < colours)
            ):
                return Picture(width, height, pixels, seconds, palette)
        elif kind == b"i":
            values = json.loads(body)
            facts = Facts(**values)
            kinds = {field.name: (str,) if field.type == "str" else (int, float) for field in fields(Facts)}
            if all(isinstance(getattr(facts, name), kind) for name, kind in kinds.items()):
                return facts
    except (ValueError, TypeError, AttributeError, struct.error):
        pass
    raise MediaError(_("the process that decodes it talks nonsense"))


def _ended(code: int) -> str:
    if code < 0:
        return _(
            "the process that decodes it was ended by signal {number}: the file is broken or too large"
        ).format(number=-code)
    return _("the process that decodes it ended with code {code}").format(code=code)
