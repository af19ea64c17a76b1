"""What a command is: its words, its options, and what it does. Imports nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from backend.language import _, choose_language
from backend.spans import parse_span

if TYPE_CHECKING:
    from backend.cli.output import Output

Arguments = argparse.ArgumentParser
"""What options are added to."""


def _no_arguments(_: Arguments) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: the source of its parser, its ``--help``, its page of the manual, its completion."""

    description: str
    """What it does, in whole sentences."""
    run: Callable[[argparse.Namespace, Output], int]
    """Does it and returns the exit code. Raises ReeltopError."""
    arguments: Callable[[Arguments], None] = _no_arguments
    """Adds its options; ``--json``, ``--quiet`` and the global ones are there already."""
    has_json: bool = True
    """Whether ``--json`` says how its data is printed."""
    takes_dashes: bool = False
    """Whether ``-word`` that is no option is an operand."""
    epilog: str = ""
    """Examples and whatever else is worth a paragraph."""


# -- options that several commands share --------------------------------------------------------------


def add_id(parser: Arguments) -> None:
    """Add one task's id."""
    parser.add_argument("id", metavar="ID", help=_("a task's id or the beginning of it"))


def add_ids(parser: Arguments) -> None:
    """Add the ids of one or more tasks."""
    parser.add_argument("ids", nargs="+", metavar="ID", help=_("a task's id or the beginning of it"))


def add_assignments(parser: Arguments, help: str) -> None:
    """Add ``--set``, once for each field of a request."""
    parser.add_argument(
        "--set", action="append", default=[], dest="assignments", metavar="FIELD=VALUE", help=help
    )


def add_dry_run(parser: Arguments) -> None:
    """Add the wish to see the request only."""
    parser.add_argument(
        "--dry-run", action="store_true", help=_("print the exact request, secrets as $NAMES; send nothing")
    )


def add_wait(parser: Arguments) -> None:
    """Add the wish to stay until the end."""
    parser.add_argument("--wait", action="store_true", help=_("wait until the task has ended"))


def add_timeout(parser: Arguments) -> None:
    """Add how long to watch."""
    parser.add_argument(
        "--timeout",
        type=positive,
        metavar="SECONDS",
        help=_("stop watching after this time; the task goes on"),
    )


# -- what a value must be -----------------------------------------------------------------------------


def path(text: str) -> Path:
    """Return a path, ``~`` expanded."""
    if not text:
        raise argparse.ArgumentTypeError(_("must not be empty"))
    return Path(text).expanduser()


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(_("must be a whole number from 1, not {text!r}").format(text=text))
    return int(text)


def port(text: str) -> int:
    """Return a port, 0 for any."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(_("must be a port from 0 to 65535, not {text!r}").format(text=text))
    return int(text)


def language(text: str) -> str:
    """Return the name of a language that there is: ``zh_CN`` for ``zh-Hans``."""
    try:
        return choose_language(text, {})
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def time_span(text: str) -> timedelta:
    """Return a time span such as ``30d``."""
    try:
        return parse_span(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> float:
    """Return a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(_("must be a number above 0, not {text!r}").format(text=text))
    return number
