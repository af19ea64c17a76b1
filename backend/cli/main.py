"""From a command line to an exit code: runs the command, explains what goes wrong."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.cli import commands, exits
from backend.cli.exits import Exit
from backend.cli.output import Output, complain, prepare_streams
from backend.cli.parser import build_parser
from backend.errors import ReeltopError, UsageError

if TYPE_CHECKING:
    from backend.service import Service


def main(argv: Sequence[str] | None = None) -> int:
    """Run reeltop; return the exit code."""
    args = build_parser().parse_args(argv)
    as_json = getattr(args, "json", False)
    prepare_streams(as_json=as_json)
    output = Output(as_json=as_json, quiet=getattr(args, "quiet", False))
    try:
        if args.command is None:
            return _open_dashboard(args)
        return commands.load(args.command).run(args, output)
    except KeyboardInterrupt:
        if args.command != "sandbox":
            complain("interrupted; recorded tasks stay recorded, and go on at the provider")
        return Exit.INTERRUPTED
    except ReeltopError as error:
        complain(str(error))
        return exits.of_error(error)
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return Exit.FAILED
    except Exception as error:  # a traceback tells a user nothing, and might tell others too much
        complain(f"unexpected {type(error).__name__} in {_place(error)}: {error}; please report this")
        return Exit.FAILED


def _open_dashboard(args: Namespace) -> int:
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError("the dashboard needs a terminal; the commands do not: see reeltop --help")
    from tui import app

    return app.run(lambda: _open(args))


async def _open(args: Namespace) -> Service:
    from backend.cli.running import options_of
    from backend.opening import open_service

    return await open_service(options_of(args, work=True))


def _place(error: BaseException) -> str:
    """Return file and line where `error` was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "reeltop"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
