"""Opening a saved file where the user sits: a link, the desktop's own player.

Pure but for :func:`open_here`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.errors import UsageError
from backend.language import _
from backend.ssh import is_remote
from backend.text import clean_line

_PATIENCE_SECONDS = 2.0
"""For a program that opens files to say that it cannot; those that go on are the players themselves."""


def file_link(path: str) -> str:
    """Return a ``file://`` link to an absolute path; empty for what is none."""
    return Path(path).as_uri() if path.startswith("/") and clean_line(path) == path else ""


def opener(
    environment: Mapping[str, str],
    platform: str = sys.platform,
    find: Callable[[str], str | None] = shutil.which,
) -> str:
    """Return the program that opens files on the desktop before which the user sits.

    Raises UsageError that says why there is none.
    """
    if is_remote(environment):
        raise UsageError(_("over SSH your desktop is not here"))
    if platform == "darwin":
        return "/usr/bin/open"
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise UsageError(_("there is no desktop here to open it on"))
    found = find("xdg-open")
    if found is None:
        raise UsageError(_("xdg-open is not installed"))
    return found


def open_here(program: str, path: Path) -> None:
    """Open a file with `program`, which goes on when reeltop ends. Blocks a moment: call it in a thread.

    Raises UsageError if it cannot.
    """
    if not path.is_file():
        raise UsageError(_("{path} is not there any more; download it again").format(path=path))
    try:
        process = subprocess.Popen(  # noqa: S603  no shell: a program and an absolute path
            [program, str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(
            _("{program} cannot be started: {reason}").format(program=program, reason=error.strerror or error)
        ) from None
    try:
        code = process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # takes note of its end
        return
    if code:
        raise UsageError(
            _("{path} ended with status {code}: nothing here opens such a file").format(
                path=Path(program).name, code=code
            )
        )
