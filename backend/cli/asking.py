"""Asks before what costs, where there is somebody to ask."""

from __future__ import annotations

import asyncio
import os
import sys

from backend.errors import UsageError
from backend.language import _
from backend.text import clean_line


async def agree(question: str, *, yes: bool) -> None:
    """Return if `yes` was said beforehand, or now. Raises UsageError for a no, and where nobody can be asked.

    Only a terminal is asked: input that comes from a file or a pipe is no answer.
    """
    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(_("{question}? There is no terminal to ask: say --yes").format(question=question))
    sys.stderr.write(f"reeltop: {clean_line(_('{question}?').format(question=question))} [y/N] ")
    sys.stderr.flush()
    answer = await _line(sys.stdin.fileno())
    if answer.strip().lower() not in ("y", "yes"):
        raise UsageError(_("nothing was sent"))


async def _line(descriptor: int) -> str:
    """Return what a person types, without holding up whatever else is at work."""
    loop, read = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, read.set)
    try:
        await read.wait()
        return os.read(descriptor, 1024).decode("utf-8", "replace")
    finally:
        loop.remove_reader(descriptor)
