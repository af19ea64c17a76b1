"""Edit a text in the user's own editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App

from backend.language import _
from backend.paths import PRIVATE_FILE
from tui.lending import LendingError, lend_terminal

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
    path = await asyncio.to_thread(write_private, text, suffix)
    try:
        status = await lend_terminal(app, [*command, str(path)])
        if status != 0:
            words = _("{program} ended with status {status}: the text stays as it was")
            raise EditorError(words.format(program=command[0], status=status))
        return await asyncio.to_thread(_read, path)
    except LendingError as error:
        raise EditorError(str(error)) from None
    finally:
        path.unlink(missing_ok=True)


def write_private(text: str, suffix: str) -> Path:
    """Write a text, and a line break after it, into a new file that nobody else can read. Blocks."""
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
