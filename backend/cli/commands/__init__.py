"""The commands: one module each, named like it, with its words and options beside what it does.

A module holds ``COMMAND``, a :class:`~backend.cli.command.Command`, and imports nothing heavy until that
runs. The parser, ``--help``, the dispatch, the shell completion and the manual are made from this list; only
the module of the command that was asked for is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.cli.command import Command

SUMMARIES: Mapping[str, str] = {
    "submit": "record a request and send it",
    "batch": "make the requests of a file, each once",
    "list": "list tasks, newest first",
    "show": "show all about a task",
    "wait": "wait until tasks have ended",
    "watch": "show tasks as they change",
    "download": "fetch result files",
    "sheet": "draw the first frames of many results as one picture",
    "stop": "stop watching tasks",
    "resume": "watch lost tasks again",
    "edit": "change a request that waits to be sent",
    "resolve": "settle an unconfirmed task",
    "resend": "send an unconfirmed task again",
    "resubmit": "make a new task from an old one's request",
    "tag": "give tasks tags",
    "note": "write a note about tasks",
    "delete": "delete finished films at the provider",
    "archive": "put finished tasks away",
    "export": "write all tasks as JSON Lines",
    "import": "add tasks from a backup or a provider's list",
    "accounts": "list accounts, prove their keys, pause them",
    "operations": "list what can be made, and the fields of a request",
    "schema": "print the JSON Schema of a request or of what a command prints",
    "doctor": "look for what is wrong here",
    "keys": "list what the keys of the dashboard do",
    "log": "show what was asked of the providers",
    "paths": "print where things are kept",
    "serve": "serve the dashboard to a browser",
    "sandbox": "serve a sandbox that speaks every protocol",
    "completion": "print a shell's completion script",
    "manual": "print the manual page",
}
"""Every command in the order of ``--help``, with what it does in a few words."""

_MODULES = {"import": "import_"}
"""Where a command's name is a word of Python."""


def load(name: str) -> Command:
    """Return a command."""
    command: Command = import_module(f"{__name__}.{_MODULES.get(name, name)}").COMMAND
    return command
