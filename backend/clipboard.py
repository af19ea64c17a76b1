"""Programs that put a text into a clipboard, beside what the terminal itself may do with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from backend.ssh import is_remote

Tool = Sequence[str]
"""A command that takes a text on its standard input."""

_PATIENCE_SECONDS = 3.0


def clipboard_tools(
    environment: Mapping[str, str],
    platform: str = sys.platform,
    find: Callable[[str], str | None] = shutil.which,
) -> list[Tool]:
    """Return tmux's command, if this is tmux, and the desktop's own, if the user sits before it."""
    inside = [("tmux", "load-buffer", "-w", "-")] if environment.get("TMUX") else []
    local = [] if is_remote(environment) else list(_of_desktop(environment, platform))
    return [
        *(tool for tool in inside if find(tool[0])),
        *[tool for tool in local if find(tool[0])][:1],
    ]


def give(tool: Tool, text: str) -> bool:
    """Give a text to a command; False if it did not take it. Blocks: call it in a thread."""
    try:
        # What holds a clipboard goes on in the background, with whatever output it was started with.
        done = subprocess.run(  # noqa: S603  no shell, and the text is no argument
            tool,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _of_desktop(environment: Mapping[str, str], platform: str) -> Iterator[Tool]:
    if platform == "darwin":
        yield ("pbcopy",)
    if environment.get("WAYLAND_DISPLAY"):
        yield ("wl-copy",)
    if environment.get("DISPLAY"):
        yield ("xclip", "-selection", "clipboard")
        yield ("xsel", "--clipboard", "--input")
