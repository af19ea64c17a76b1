"""Show a text in the user's own pager, or here if there is none."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from typing import Any

from textual.app import App

from backend.language import _
from tui.editor import write_private
from tui.lending import LendingError, lend_terminal
from tui.screens.copy_menu import TextScreen


def pager_command() -> list[str]:
    """Return ``$PAGER`` as words, else ``less`` if that is installed; empty if there is none.

    Raises LendingError.
    """
    value = os.environ.get("PAGER", "").strip()
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise LendingError(_("${name} cannot be read: {reason}").format(name="PAGER", reason=error)) from None
    return words or (["less"] if shutil.which("less") else [])


async def page_text(app: App[Any], heading: str, text: str) -> None:
    """Return when the user has read `text`, which is clean already; the event loop goes on meanwhile.

    Raises LendingError.
    """
    command = pager_command()
    if not command:
        await app.push_screen_wait(TextScreen(heading, text))
        return
    path = await asyncio.to_thread(write_private, text, ".txt")
    try:
        await lend_terminal(app, [*command, str(path)])
    finally:
        path.unlink(missing_ok=True)
