"""The words of the command line. Imports nothing heavy: ``--help`` and ``--version`` answer at once."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, NoReturn

from backend import __version__
from backend.cli import commands, exits
from backend.cli.columns import cell_width, wrapped
from backend.cli.command import language, path
from backend.cli.dashboard import DEFAULTS
from backend.language import LANGUAGES, N_, _, recorded, speaks_english, spoken

_DESCRIPTION = N_("""\
htop for AI video generation: submit, watch, understand and fetch tasks.
Without a command the dashboard opens.""")

_EPILOG = N_("""\
examples:
  reeltop                                    the dashboard
  reeltop --sandbox                          the dashboard against the built-in sandbox; nothing costs money
  reeltop submit --account kling --operation text2video --set prompt="a cat on a train" --wait
  reeltop submit --account relay --request body.json --json
  reeltop list --status running
  reeltop COMMAND --help                     all about one command

output:
  Data goes to standard output, everything else to standard error. With --json data is JSON: one object
  per task and line, `list` and other lists one array. A command that fails says why in one line on
  standard error; if it never got to a task, it prints nothing on standard output.

environment:
  REELTOP_CONFIG, REELTOP_DATA, REELTOP_DOWNLOADS   like --config, --data, --downloads
  REELTOP_SANDBOX_URL                               like --sandbox-url""")


GLOBAL_OPTIONS = N_("global options, before or after the command")
"""The title of their group."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps by cells: argparse counts characters, and parts only at spaces."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if speaks_english() else wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if speaks_english():
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for each in text.splitlines() for line in self._filled(each, width))

    def _filled(self, line: str, width: int) -> list[str]:
        inner = line.lstrip()
        indent = line[: len(line) - len(inner)]
        if cell_width(line) <= width or line.isascii():  # a command is to be copied as it stands
            return [line]
        return [indent + part for part in wrapped(inner, width - len(indent))]


_FORMAT: dict[str, Any] = {"formatter_class": _Formatter, "allow_abbrev": False}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("reeltop").strip()
        message = spoken(message, is_ours=True)
        said = f"{command}: {message}" if command else message
        told = _("{error} (see {program} --help)").format(error=said, program=self.prog)
        self.exit(exits.Exit.USAGE, f"reeltop: {told}\n")

    def format_help(self) -> str:
        text = super().format_help()
        if speaks_english():
            return text
        for own in _OF_ARGPARSE:
            text = text.replace(own, _(own))
        return re.sub(r"(?<=[\u4e00-\u9fff）]):$", "：", text, flags=re.MULTILINE)


_OF_ARGPARSE = (
    N_("usage: "),
    N_("positional arguments:"),
    N_("options:\n"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
)
"""What the library itself says in a help, and …"""
_ERRORS_OF_ARGPARSE = (
    recorded("argument {name}: {words}"),
    recorded("expected one argument"),
    recorded("expected at least one argument"),
    recorded("invalid choice: {value} (choose from {words})"),
    recorded("invalid int value: {value}"),
    recorded("not allowed with argument {name}"),
    recorded("one of the arguments {words} is required"),
    recorded("the following arguments are required: {words}"),
    recorded("unrecognized arguments: {words}"),
)
"""… in an error; for the catalogue."""


class _CommandParser(Parser):
    """Asks the command for its options when it is needed: only one module is imported."""

    def __init__(self, *, command: str, **words: Any) -> None:
        super().__init__(**words)
        self._name = command
        self._is_filled = False
        self._takes_dashes = False

    def parse_known_args(  # type: ignore[override]  # the overloads of the base class
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        self.fill()
        known, unknown = super().parse_known_args(self._sorted(args or ()), namespace)
        return known, [word for word in unknown if word != "--"]

    def _sorted(self, words: Sequence[str]) -> list[str]:
        """Return options, then operands: argparse takes operands only where they stand together."""
        options: list[str] = []
        operands: list[str] = []
        rest = iter(words)
        for word in rest:
            action = self._option_string_actions.get(word)
            if word == "--":
                operands += rest
            elif action is None and self._is_operand(word):
                operands.append(word)
            else:
                options.append(word)
                if action is not None and action.nargs is None:  # a value of its own follows
                    options += islice(rest, 1)
        return [*options, *(["--"] if operands else []), *operands]

    def _is_operand(self, word: str) -> bool:
        dashes = len(word) - len(word.lstrip("-"))
        return dashes == 0 or word == "-" or (dashes == 1 and self._takes_dashes)

    def fill(self) -> None:
        """Take over the command's words and options."""
        if self._is_filled:
            return
        self._is_filled = True
        command = commands.load(self._name)
        self.description, self.epilog = _(command.description), _(command.epilog)
        self._takes_dashes = command.takes_dashes
        command.arguments(self)
        if command.has_json:
            self.add_argument("--json", action="store_true", help=_("print data as JSON"))
        self.add_argument("--quiet", action="store_true", help=_("say nothing but errors on standard error"))
        _add_global(self)


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="reeltop", description=_(_DESCRIPTION), epilog=f"{_(_EPILOG)}\n\n{_(exits.HELP)}", **_FORMAT
    )
    parser.set_defaults(**DEFAULTS)
    parser.add_argument("--version", action="version", version=f"reeltop {__version__}")
    _add_drawing(parser)
    _add_global(parser)
    known = parser.add_subparsers(
        title=_("commands"), dest="command", metavar="COMMAND", parser_class=_CommandParser
    )
    for name, summary in commands.SUMMARIES.items():
        known.add_parser(name, command=name, help=_(summary), **_FORMAT)
    return parser


def command_parser(name: str) -> Parser:
    """Return the parser of one command, with all its options."""
    parser = _CommandParser(command=name, prog=f"reeltop {name}", **_FORMAT)
    parser.fill()
    return parser


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("the dashboard"))
    group.add_argument(
        "--lean",
        action=argparse.BooleanOptionalAction,
        help=_(
            "spare bytes, for a slow line (default: `lean` in the configuration, or on in an SSH session)"
        ),
    )
    group.add_argument(
        "--refresh",
        metavar="SPAN",
        help=_(
            "how often elapsed times move on: 1s, 10s, 1m (default: `refresh` in the configuration, or 1s,"
            " in an SSH session 5s)"
        ),
    )


def _add_global(parser: argparse.ArgumentParser) -> None:
    """Add what may stand before and after the command: SUPPRESS keeps one from undoing the other."""
    group = parser.add_argument_group(_(GLOBAL_OPTIONS))
    for option, kind, metavar, help in (
        ("--config", path, "FILE", _("config.toml to use")),
        ("--data", path, "DIR", _("where tasks are recorded")),
        ("--downloads", path, "DIR", _("where results are saved")),
        ("--sandbox-url", str, "URL", _("use a sandbox that is already running")),
    ):
        group.add_argument(option, type=kind, metavar=metavar, help=help, default=argparse.SUPPRESS)
    group.add_argument(
        "--language",
        type=language,
        choices=list(LANGUAGES),
        help=_("what to say everything in (default: `language` in the configuration, or the locale)"),
        default=argparse.SUPPRESS,
    )
    group.add_argument(
        "--read-only",
        action="store_true",
        help=_("send, change, delete, download and archive nothing (or `read_only` in the configuration)"),
        default=argparse.SUPPRESS,
    )
    group.add_argument(
        "--sandbox",
        action="store_true",
        help=_("use the built-in sandbox: nothing costs money"),
        default=argparse.SUPPRESS,
    )
