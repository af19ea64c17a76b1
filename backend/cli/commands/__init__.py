"""The commands: one module each, named like it, with its words and options beside what it does.

A module holds ``COMMAND``, a :class:`~backend.cli.command.Command`, and imports nothing heavy until that
runs. The parser, ``--help``, the dispatch, the shell completion and the manual are made from this list; only
the module of the command that was asked for is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from backend.language import N_

if TYPE_CHECKING:
    from backend.cli.command import Command

SUMMARIES: Mapping[str, str] = {
    "submit": N_("record a request and send it"),
    "batch": N_("make the requests of a file, each once"),
    "list": N_("list tasks, newest first"),
    "show": N_("show all about a task"),
    "wait": N_("wait until tasks have ended"),
    "watch": N_("show tasks as they change"),
    "download": N_("fetch result files"),
    "sheet": N_("draw the first frames of many results as one picture"),
    "stop": N_("stop watching tasks"),
    "resume": N_("watch lost tasks again"),
    "edit": N_("change a request that waits to be sent"),
    "resolve": N_("settle an unconfirmed task"),
    "resend": N_("send an unconfirmed task again"),
    "resubmit": N_("make a new task from an old one's request"),
    "tag": N_("give tasks tags"),
    "note": N_("write a note about tasks"),
    "delete": N_("delete finished films at the provider"),
    "archive": N_("put finished tasks away"),
    "export": N_("write all tasks as JSON Lines"),
    "import": N_("add tasks from a backup or a provider's list"),
    "accounts": N_("list accounts, prove their keys, pause them"),
    "operations": N_("list what can be made, and the fields of a request"),
    "schema": N_("print the JSON Schema of a request, of config.toml or of an output"),
    "doctor": N_("look for what is wrong here"),
    "keys": N_("list what the keys of the dashboard do"),
    "log": N_("show what was asked of the providers"),
    "paths": N_("print where things are kept"),
    "serve": N_("serve the dashboard to a browser"),
    "sandbox": N_("serve a sandbox that speaks every protocol"),
    "completion": N_("print a shell's completion script"),
    "manual": N_("print the manual page"),
}
"""Every command in the order of ``--help``, with what it does in a few words."""

_MODULES = {"import": "import_"}
"""Where a command's name is a word of Python."""


def load(name: str) -> Command:
    """Return a command."""
    command: Command = import_module(f"{__name__}.{_MODULES.get(name, name)}").COMMAND
    return command
