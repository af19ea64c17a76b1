"""The way in to pictures: what a front end asks for, and what is remembered of it."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from backend.media.decoder import Decoder
from backend.media.mp4_facts import mp4_facts
from backend.media.picture import NEEDS, Box, Facts, MediaError, NoDecoderError, Picture
from backend.pictures import dimensions

_REMEMBERED = 64
_HEAD = 2**20
"""Bytes in which a picture says how large it is."""


def extra_is_there() -> bool:
    """Whether ``reeltop[preview]`` is installed. Imports nothing of it."""
    return all(find_spec(name) is not None for name in ("av", "PIL"))


def _facts(path: Path) -> Facts | None:
    head = _head(path)
    with suppress(ValueError):
        width, height = dimensions(head)
        codec = "PNG" if head.startswith(b"\x89PNG") else "JPEG"
        return Facts(width=width, height=height, codec=codec, length=path.stat().st_size)
    facts = mp4_facts(path)
    return facts and replace(facts, length=path.stat().st_size)


def _head(path: Path) -> bytes:
    # A pipe that somebody put there would never open otherwise.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
        return file.read(_HEAD) or b""


class Media:
    """Facts, first frames and playing frames of files; nothing of it blocks the event loop."""

    def __init__(
        self, has_extra: Callable[[], bool] = extra_is_there, decoder: Decoder | None = None
    ) -> None:
        self._has_extra = has_extra
        self._decoder = decoder or Decoder()
        self._known: OrderedDict[tuple[object, ...], tuple[Facts, Picture]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    @property
    def can_decode(self) -> bool:
        """Whether there can be pictures; else only facts, and :data:`NEEDS`."""
        return self._has_extra()

    async def probe(self, path: Path) -> Facts:
        """Return what a clip or a picture is, from its head where that says so. Raises MediaError."""
        try:
            facts = await asyncio.to_thread(_facts, path)
        except (OSError, ValueError) as error:
            raise MediaError(f"{path.name}: {getattr(error, 'strerror', None) or error}") from None
        if facts is not None:
            return facts
        return (await self.first_frame(path, Box(64, 64)))[0]

    async def first_frame(self, path: Path, box: Box, colours: int = 0) -> tuple[Facts, Picture]:
        """Return a clip's facts and first frame, fitted into `box`, with a palette of `colours` if any.

        Raises MediaError, NoDecoderError.
        """
        return await self._remembered("clip", path, box, colours)

    async def still(self, path: Path, box: Box, colours: int = 0) -> tuple[Facts, Picture]:
        """Return a picture file's facts and picture, likewise. Raises MediaError, NoDecoderError."""
        return await self._remembered("still", path, box, colours)

    def frames(
        self, path: Path, box: Box, fps: float, start: float = 0.0, colours: int = 0
    ) -> AsyncGenerator[Facts | Picture, None]:
        """Yield a clip's facts, then its frames from `start` seconds on, at most `fps` of a second.

        With `colours`, up to 256, each has a palette of no more. Whoever stops before the end closes the
        generator. Raises MediaError, NoDecoderError.
        """
        self._need_decoder()
        return self._decoder.frames(path, box, fps, start, colours)

    async def _remembered(self, kind: str, path: Path, box: Box, colours: int) -> tuple[Facts, Picture]:
        self._need_decoder()
        try:
            told = await asyncio.to_thread(path.stat)
        except (OSError, ValueError) as error:
            raise MediaError(f"{path.name}: {getattr(error, 'strerror', None) or error}") from None
        key = (kind, path, told.st_mtime_ns, told.st_size, box, colours)
        async with self._one_at_a_time:
            if key not in self._known:
                decode = self._decoder.still if kind == "still" else self._decoder.first_frame
                facts, picture = await decode(path, box, colours)
                self._known[key] = replace(facts, length=told.st_size), picture
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]

    def _need_decoder(self) -> None:
        if not self.can_decode:
            raise NoDecoderError(NEEDS)
