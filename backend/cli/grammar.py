"""The command line as data, read off the parsers: what the completion and the manual are made from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from backend.cli import commands
from backend.cli.parser import GLOBAL_OPTIONS, build_parser, command_parser
from backend.language import _


@dataclass(frozen=True, slots=True)
class Option:
    """Something that starts with dashes."""

    names: Sequence[str]
    metavar: str
    """What it takes; empty for a switch."""
    help: str
    choices: Sequence[str] = ()
    is_global: bool = False


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that stands where it stands."""

    metavar: str
    help: str
    choices: Sequence[str] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """What one command takes."""

    usage: str
    description: str
    epilog: str
    options: Sequence[Option]
    operands: Sequence[Operand]


def of_command(name: str) -> Grammar:
    """Return a command's grammar."""
    return _read(command_parser(name))


def of_program() -> Grammar:
    """Return what may stand before a command."""
    return _read(build_parser())


def names() -> Sequence[str]:
    """Return the commands."""
    return list(commands.SUMMARIES)


def _read(parser: argparse.ArgumentParser) -> Grammar:
    options: list[Option] = []
    operands: list[Operand] = []
    for group in parser._action_groups:
        for action in group._group_actions:
            if isinstance(action, argparse._SubParsersAction) or action.help is argparse.SUPPRESS:
                continue
            choices = [str(choice) for choice in action.choices or ()]
            metavar = action.metavar if isinstance(action.metavar, str) else ""
            text = (action.help or "").replace("%%", "%")
            if not action.option_strings:
                many = action.nargs in ("+", "*")
                operands.append(Operand(metavar or "|".join(choices), text, choices, many))
                continue
            taken = "" if action.nargs == 0 else metavar or "|".join(choices) or action.dest.upper()
            is_global = group.title == _(GLOBAL_OPTIONS)
            options.append(Option(action.option_strings, taken, text, choices, is_global))
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    return Grammar(usage, parser.description or "", parser.epilog or "", options, operands)
