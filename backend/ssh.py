"""Whether reeltop is seen through an SSH session, and how the other end reaches this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backend.text import clean_line

_USUAL_PORT = "22"


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether the user sits at another machine: its desktop is not here, and the line may be slow."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


class Session(NamedTuple):
    """This machine as an SSH session reached it."""

    user: str
    host: str
    port: str = _USUAL_PORT

    def scp(self, paths: Sequence[str]) -> str:
        """Return the line that, typed at the other end, copies these files there; empty if there are none.

        The host is the one that the session itself was opened to; behind a jump host it has another name.
        """
        import shlex  # not needed for the first paint

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
