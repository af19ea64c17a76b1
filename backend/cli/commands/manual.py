"""``reeltop manual``: the manual page, made from the same words as ``--help``."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.cli.command import Command
from backend.cli.exits import Exit
from backend.language import N_, in_english

if TYPE_CHECKING:
    from backend.cli.grammar import Grammar
    from backend.cli.output import Output


def page() -> str:
    """Return the page in roff, for ``man``."""
    from backend import __version__
    from backend.cli import commands, grammar

    program = grammar.of_program()
    lines = [f'.TH REELTOP 1 "" "reeltop {__version__}" "User Commands"']
    lines += [".SH NAME", r"reeltop \- htop for AI video generation"]
    lines += [".SH SYNOPSIS", r".B reeltop", r"[\fIOPTION\fR]... [\fICOMMAND\fR [\fIARGUMENT\fR]...]"]
    lines += [".SH DESCRIPTION", *_prose(program.description)]
    lines += [".SH OPTIONS", *_options(program, every=True)]
    lines += [".SH COMMANDS"]
    lines += ["Every command takes the options above, too, and \\fB\\-\\-quiet\\fR: only errors are said."]
    for name, summary in commands.SUMMARIES.items():
        command = grammar.of_command(name)
        lines += [f".SS {_escaped(name)} \\- {_escaped(summary)}"]
        lines += [*_verbatim(_synopsis(name, command)), *_prose(command.description)]
        lines += [*_options(command, every=False), *_sections(command.epilog, ".PP")]
    lines += _sections(program.epilog, ".SH")
    return "\n".join(lines)


def _synopsis(name: str, command: Grammar) -> str:
    words = [f"[{operand.metavar}]..." if operand.many else operand.metavar for operand in command.operands]
    return " ".join(["reeltop", name, "[OPTION]...", *words])


def _options(grammar: Grammar, *, every: bool) -> Iterator[str]:
    """Yield what stands for itself, then what starts with dashes; the global ones only if `every`."""
    for operand in grammar.operands:
        yield from (".TP", f"\\fI{_escaped(operand.metavar)}\\fR", _escaped(operand.help))
    for option in grammar.options:
        if (option.is_global and not every) or (not every and option.names[0] in ("-h", "--quiet")):
            continue
        names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.names)
        taken = f" \\fI{_escaped(option.metavar)}\\fR" if option.metavar else ""
        yield from (".TP", names + taken, _escaped(option.help))


def _sections(epilog: str, macro: str) -> Iterator[str]:
    """Yield paragraphs whose first line ends in a colon, under that line as a heading."""
    for paragraph in filter(None, epilog.split("\n\n")):
        head, _, rest = paragraph.partition("\n")
        if head.endswith(":"):
            title = head[:-1]
            yield from ([f".SH {_escaped(title.upper())}"] if macro == ".SH" else [".PP", _escaped(head)])
            yield from _verbatim(textwrap.dedent(rest))
        else:
            yield from (".PP", *_verbatim(paragraph))


def _prose(text: str) -> list[str]:
    return [".PP", *map(_escaped, text.splitlines())]


def _verbatim(text: str) -> list[str]:
    return [".PP", ".RS 4", ".nf", *map(_escaped, text.splitlines()), ".fi", ".RE"]


def _escaped(text: str) -> str:
    """Return `text` so that roff prints it as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti").replace("…", "...").replace('"', "\\(dq")
    return f"\\&{text}" if text.startswith(".") else text


def _run(args: Namespace, output: Output) -> int:
    with in_english():  # its chapters have the names that readers of manual pages know
        output.text(page())
    return Exit.DONE


COMMAND = Command(
    description=N_("Print the manual page in roff, made from the same words as --help."),
    epilog=N_("""\
examples:
  reeltop manual | man -l -
  reeltop manual > ~/.local/share/man/man1/reeltop.1"""),
    has_json=False,
    run=_run,
)
