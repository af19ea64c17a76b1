"""The user's own commands (``[[commands]]``): programs that are given tasks.

They stand in the configuration alone. The tasks are JSON on standard input, a few words about a single one
are in the environment; nothing of a task, and so nothing that a server said, is ever part of a command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.language import _
from backend.models import ArtifactState, Task
from backend.programs import Program
from backend.query import Query, QueryError, parse
from backend.query_fields import Moment
from backend.records import dumps, to_json
from backend.text import clean_line

SECONDS = 600.0
"""How long one may take, unless it has the terminal."""
MOST_OUTPUT = 256 * 1024
"""Bytes of its output that are shown."""
LONGEST_NAME = 40
KINDS = {"name": str, "key": str, "for": str, "output": str, "confirm": bool, "run": list}


class Showing(StrEnum):
    """What becomes of the output."""

    TOAST = "toast"
    """Its last line is told, or just that it is done."""
    TEXT = "text"
    """All of it, on a screen."""
    TERMINAL = "terminal"
    """The program has the terminal meanwhile."""


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """One of them."""

    name: str
    run: tuple[str, ...]
    """The program and its arguments, as they are."""
    key: str = ""
    """As written; the dashboard knows whether it can be had."""
    wanted: Query | None = None
    """What the tasks must fit."""
    confirm: bool = False
    output: Showing = Showing.TOAST

    def fits(self, tasks: Iterable[Task], moment: Moment) -> bool:
        """Whether all of `tasks` fit, or anything does."""
        return self.wanted is None or all(self.wanted.matches(task, moment) for task in tasks)

    def program(self, tasks: Sequence[Task]) -> Program:
        """Return what is to be run with :func:`as_lines` of these tasks."""
        keep = MOST_OUTPUT
        return Program(self.run, environment=environment(tasks), seconds=SECONDS, keep=keep)


def as_lines(tasks: Iterable[Task]) -> bytes:
    """Return tasks as JSON, one a line, as ``reeltop show --json`` prints them. Raises ValueError."""
    return b"".join(dumps(to_json(task)) + b"\n" for task in tasks)


def environment(tasks: Sequence[Task]) -> dict[str, str]:
    """Return what the program finds in its environment: how many tasks, and of a single one what a script
    needs most often. None of it is secret."""
    one = tasks[0] if len(tasks) == 1 else None
    artifacts = one.artifacts if one else ()
    saved = [item.path for item in artifacts if item.path and item.state is ArtifactState.SAVED]
    found = {
        "REELTOP_TASKS": str(len(tasks)),
        "REELTOP_TASK_ID": one.id if one else "",
        "REELTOP_ACCOUNT": one.account if one else "",
        "REELTOP_STATUS": one.status.value if one else "",
        "REELTOP_FILE": saved[0] if saved else "",
    }
    return {name: text.replace("\0", "") for name, text in found.items()}


class OwnCommandError(ValueError):
    """What is wrong with an entry, counted from 1, and at which key; without one at all of it."""

    def __init__(self, number: int, key: str, words: str) -> None:
        super().__init__(words)
        self.number, self.key = number, key


def read_own_commands(entries: Sequence[Any]) -> tuple[OwnCommand, ...]:
    """Return what ``[[commands]]`` says. Raises OwnCommandError."""
    commands: list[OwnCommand] = []
    for number, entry in enumerate(entries, 1):
        command = _read(number, entry)
        if any(command.name == other.name for other in commands):
            raise OwnCommandError(number, "name", _("there is another command of this name"))
        commands.append(command)
    return tuple(commands)


def _read(number: int, entry: Any) -> OwnCommand:
    if not isinstance(entry, dict):
        raise OwnCommandError(number, "", _("must be a table"))
    for key, value in entry.items():
        if key not in KINDS:
            names = ", ".join(sorted(KINDS))
            raise OwnCommandError(number, key, _("unknown; known here: {names}").format(names=names))
        if not isinstance(value, KINDS[key]):
            raise OwnCommandError(number, key, _must_be(KINDS[key]))
    name = clean_line(entry.get("name", "")).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        words = _("needs a name of up to {most} characters").format(most=LONGEST_NAME)
        raise OwnCommandError(number, "name" if "name" in entry else "", words)
    output = entry.get("output", Showing.TOAST.value)
    if output not in list(Showing):
        raise OwnCommandError(number, "output", _("must be {names}").format(names=_(" or ").join(Showing)))
    return OwnCommand(
        name=name,
        run=_words(number, entry),
        key=entry.get("key", ""),
        wanted=_query(number, entry),
        confirm=entry.get("confirm", False),
        output=Showing(output),
    )


def _words(number: int, entry: Mapping[str, Any]) -> tuple[str, ...]:
    words = entry.get("run", [])
    if not words or not all(isinstance(word, str) and "\0" not in word for word in words) or not words[0]:
        said = _('needs run = ["PROGRAM", "ARGUMENT"]: a program and its arguments, each in quotes')
        raise OwnCommandError(number, "run" if "run" in entry else "", said)
    return tuple(words)


def _query(number: int, entry: Mapping[str, Any]) -> Query | None:
    try:
        return parse(entry["for"]) if "for" in entry else None
    except QueryError as error:
        raise OwnCommandError(number, "for", str(error)) from None


def _must_be(kind: type) -> str:
    if kind is bool:
        return _("must be true or false")
    return _("must be a list") if kind is list else _("must be text in quotes")
