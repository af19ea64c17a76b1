"""Secrets are references until the moment they are used (DESIGN section 5).

``env:NAME``, ``file:PATH``, ``keyring:SERVICE/NAME``, ``command:PROGRAM ARGUMENT…``; anything else is the
secret itself, accepted only from a file that nobody else can read.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.errors import AccountError
from backend.language import pgettext

_COMMAND_SECONDS = 15.0
_KINDS = ("env", "file", "keyring", "command")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret comes from. Its repr and its text never hold the secret."""

    kind: str
    """``env``, ``file``, ``keyring``, ``command`` or ``literal``."""
    target: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> SecretRef:
        """Read a reference as it stands in the configuration."""
        kind, colon, target = text.partition(":")
        return cls(kind, target.strip()) if colon and kind in _KINDS else cls("literal", text)

    def __str__(self) -> str:
        if self.kind == "literal":
            return "config.toml"
        # A command's arguments may themselves be private.
        shown = self.target.split(" ", 1)[0] if self.kind == "command" else self.target
        return f"{self.kind}:{shown}"

    def resolve(self) -> str:
        """Return the secret. May read a file or run a program. Raises AccountError that says why not."""
        try:
            secret = _RESOLVERS[self.kind](self.target).strip()
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise AccountError(f"{self}: {_reason(error)}") from None
        if not secret:
            raise AccountError(pgettext("record", "{source}: is empty").format(source=self))
        return secret

    def problem(self) -> str:
        """Say why the secret cannot be had, as far as that is known without running anything."""
        match self.kind:
            case "env" if not os.environ.get(self.target):
                return pgettext("record", "environment variable {name} is not set").format(name=self.target)
            case "file" if not Path(self.target).expanduser().is_file():
                return pgettext("record", "file {path} does not exist").format(path=self.target)
            case _:
                return ""


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ValueError(pgettext("record", "the environment variable is not set"))
    return value


def _from_file(path: str) -> str:
    return Path(path).expanduser().read_text(encoding="utf-8")


def _from_keyring(target: str) -> str:
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise ValueError(pgettext("record", "needs the Python package keyring beside reeltop")) from None
    service, _, name = target.partition("/")
    value = keyring.get_password(service, name)
    if value is None:
        raise ValueError(pgettext("record", "the keyring has no such entry"))
    return str(value)


def _from_command(command: str) -> str:
    return subprocess.run(  # noqa: S603  the user's own words, split without a shell
        shlex.split(command),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_COMMAND_SECONDS,
        encoding="utf-8",
    ).stdout


_RESOLVERS: Mapping[str, Callable[[str], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "keyring": _from_keyring,
    "command": _from_command,
    "literal": str,
}


def _reason(error: Exception) -> str:
    """Say what went wrong without repeating a command line or a secret."""
    match error:
        case subprocess.CalledProcessError():
            return pgettext("record", "the command ended with exit code {code}").format(code=error.returncode)
        case subprocess.TimeoutExpired():
            return pgettext("record", "the command gave no answer within {seconds:.0f} s").format(
                seconds=_COMMAND_SECONDS
            )
        case OSError():
            return error.strerror or pgettext("record", "cannot be read")
        case UnicodeDecodeError():
            return pgettext("record", "is not UTF-8 text")
        case _:
            return str(error)
