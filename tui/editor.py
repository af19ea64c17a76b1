"""Edit a text in the user's own editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from backend.language import _
from backend.paths import PRIVATE_FILE

_GRACE = 2.0
"""Seconds that an editor has to end when reeltop does."""
_USUAL = ("sensible-editor", "nano", "vi")


class EditorError(Exception):
    """The editor could not be used; its text is one line for the user."""


def editor_command() -> list[str]:
    """Return ``$VISUAL`` or ``$EDITOR`` as words, else an editor that is installed. Raises EditorError."""
    for name in ("VISUAL", "EDITOR"):
        value = os.environ.get(name, "").strip()
        if value:
            try:
                return shlex.split(value)
            except ValueError as error:
                raise EditorError(
                    _("${name} cannot be read: {reason}").format(name=name, reason=error)
                ) from None
    for usual in _USUAL:
        if shutil.which(usual):
            return [usual]
    raise EditorError(_("no editor found: set $EDITOR"))


async def edit_text(app: App[Any], text: str, *, suffix: str = ".txt") -> str:
    """Return `text` as the user left it in the editor. Raises EditorError: then nothing was changed.

    The terminal is lent to the editor; the event loop goes on.
    """
    command = editor_command()
    path = await asyncio.to_thread(_write, text, suffix)
    try:
        await _lend_terminal(app, [*command, str(path)])
        return await asyncio.to_thread(_read, path)
    finally:
        path.unlink(missing_ok=True)


async def _lend_terminal(app: App[Any], command: Sequence[str]) -> None:
    # An exception inside App.suspend() would leave the terminal with the editor, so none passes through it.
    outcome: int | BaseException
    try:
        with app.suspend(), _deaf_to_interrupts():
            outcome = await _run(command)
    except SuspendNotSupported:
        raise EditorError(_("this terminal cannot be lent to an editor")) from None
    if isinstance(outcome, OSError):
        words = _("{program} cannot be started: {reason}")
        raise EditorError(words.format(program=command[0], reason=outcome.strerror or outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    if outcome != 0:
        words = _("{program} ended with status {status}: the text stays as it was")
        raise EditorError(words.format(program=command[0], status=outcome))


async def _run(command: Sequence[str]) -> int | BaseException:
    try:
        process = await asyncio.create_subprocess_exec(*command)
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


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave ctrl+c to the editor. It is a handler, not SIG_IGN, because the editor would inherit that."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write(text: str, suffix: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="reeltop-", suffix=suffix)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        os.fchmod(file.fileno(), PRIVATE_FILE)
        # Editors end a file with a line break; ours is taken off again.
        file.write(f"{text}\n")
    return Path(name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorError(_("the edited text cannot be read: {reason}").format(reason=error)) from None
