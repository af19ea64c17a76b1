"""Lends the terminal to another program; the event loop, and with it the polling, goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from textual.app import App, SuspendNotSupported

from backend.language import _

_LINE = 4096
"""Bytes of a typed line that are taken off the keyboard."""
_GRACE = 2.0
"""Seconds that the program has to end when reeltop does."""


class LendingError(Exception):
    """The program could not be run; its text is one line for the user."""


async def lend_terminal(
    app: App[Any], command: Sequence[str], environment: Mapping[str, str] | None = None, *, goodbye: str = ""
) -> int:
    """Run a program in the terminal and return its exit code; `environment` is added to ours.

    With a `goodbye`, say it below what the program printed, and take the terminal back only after enter.
    Raises LendingError.
    """
    # An exception inside App.suspend() would leave the terminal with the program, so none passes through it.
    outcome: int | BaseException
    try:
        with app.suspend(), _deaf_to_interrupts():
            outcome = await _run(command, os.environ | (environment or {}))
            if goodbye and isinstance(outcome, int):
                outcome = await _after_enter(goodbye) or outcome
    except SuspendNotSupported:
        raise LendingError(_("this terminal cannot be lent to another program")) from None
    if isinstance(outcome, OSError):
        words = _("{program} cannot be started: {reason}")
        raise LendingError(words.format(program=command[0], reason=outcome.strerror or outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def _run(command: Sequence[str], environment: Mapping[str, str]) -> int | BaseException:
    try:
        process = await asyncio.create_subprocess_exec(*command, env=environment)
    except OSError as error:
        return error
    try:
        return await process.wait()
    except asyncio.CancelledError as cancelled:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except TimeoutError:
            process.kill()
            await process.wait()
        return cancelled


async def _after_enter(words: str) -> BaseException | None:
    """Wait until a line is typed; return what broke that off."""
    keyboard, screen = sys.__stdin__, sys.__stdout__
    if keyboard is None or screen is None or not keyboard.isatty():
        return None
    screen.write(f"\n{words} ")
    screen.flush()
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(keyboard.fileno(), typed.set)
    line = b" "
    try:
        # What came before the terminal was lent, such as an answer of its own, ends no line.
        while line and not line.endswith(b"\n"):
            await typed.wait()
            typed.clear()
            line = os.read(keyboard.fileno(), _LINE)
    except asyncio.CancelledError as cancelled:
        return cancelled
    finally:
        loop.remove_reader(keyboard.fileno())
    return None


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave ctrl+c to the program. It is a handler, not SIG_IGN, because the program would inherit that."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
