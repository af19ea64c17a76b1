"""Getting a saved file from here to where the user sits: an ``scp`` line, a link, the desktop's own player.

Pure but for :func:`open_here`.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.errors import UsageError
from backend.text import clean_line

_USUAL_PORT = "22"
_PATIENCE_SECONDS = 2.0
"""For a program that opens files to say that it cannot; those that go on are the players themselves."""


@dataclass(frozen=True, slots=True)
class Session:
    """This machine as an SSH session reached it."""

    user: str
    host: str
    port: str = _USUAL_PORT

    def scp(self, paths: Sequence[str]) -> str:
        """Return the line that, typed at the other end, copies these files there; empty if there are none.

        The host is the one that the session itself was opened to; behind a jump host it has another name.
        """
        fit = [path for path in paths if path.startswith("/") and clean_line(path) == path]
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _USUAL_PORT else f"-P {self.port} "
        files = " ".join(shlex.quote(f"{self.user}@{host}:{path}") for path in fit)
        return f"scp {port}{files} ." if fit else ""


def session(environment: Mapping[str, str], user: str) -> Session | None:
    """Return the SSH session that this process runs in, by what sshd says of it; None if there is none."""
    words = environment.get("SSH_CONNECTION", "").split()
    if len(words) != 4 or not user or not words[3].isdecimal():
        return None
    return Session(user, words[2], words[3])


def here(environment: Mapping[str, str]) -> Session | None:
    """Return the SSH session of this process, under the name that the system knows its user by."""
    import getpass

    try:
        return session(environment, getpass.getuser())
    except (OSError, KeyError):  # a user without a name
        return None


def file_link(path: str) -> str:
    """Return a ``file://`` link to an absolute path; empty for what is none."""
    return Path(path).as_uri() if path.startswith("/") and clean_line(path) == path else ""


def opener(
    environment: Mapping[str, str],
    platform: str = sys.platform,
    find: Callable[[str], str | None] = shutil.which,
) -> str:
    """Return the program that opens files on the desktop before which the user sits.

    Raises UsageError that says why there is none, and what to do instead.
    """
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        raise UsageError("over SSH your desktop is not here: y, then s copies an scp line; v plays it")
    if platform == "darwin":
        return "/usr/bin/open"
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise UsageError("there is no desktop here to open it on: y copies its path; v plays it")
    found = find("xdg-open")
    if found is None:
        raise UsageError("xdg-open is not installed: copy the file's path instead")
    return found


def open_here(program: str, path: Path) -> None:
    """Open a file with `program`, which goes on when reeltop ends. Blocks a moment: call it in a thread.

    Raises UsageError if it cannot.
    """
    if not path.is_file():
        raise UsageError(f"{path} is not there any more; download it again")
    try:
        process = subprocess.Popen(  # noqa: S603  no shell: a program and an absolute path
            [program, str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"{program} cannot be started: {error.strerror or error}") from None
    try:
        code = process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # takes note of its end
        return
    if code:
        raise UsageError(f"{Path(program).name} ended with status {code}: nothing here opens such a file")
