"""From a command line to an exit code: runs the command, explains what goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.cli.dashboard import open_dashboard, read_options
from backend.cli.speaking import speak_as_asked
from backend.errors import ReeltopError
from backend.language import _

if TYPE_CHECKING:
    from argparse import Namespace

    from backend.cli.output import Output

# What a command needs beyond the dashboard is imported with it: the first screen need not wait for that.


def main(argv: Sequence[str] | None = None) -> int:
    """Run reeltop; return the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    speak_as_asked(words)
    if words[:1] == ["__complete"]:  # what the scripts of `reeltop completion` call
        return _complete(words[1:])
    options = read_options(words)
    if options is not None:
        return _explained(lambda: open_dashboard(options))
    from backend.cli.output import Output, prepare_streams
    from backend.cli.parser import build_parser

    args = build_parser().parse_args(words)
    as_json = getattr(args, "json", False)
    prepare_streams(as_json=as_json)
    output = Output(as_json=as_json, quiet=getattr(args, "quiet", False))
    return _explained(lambda: _run(args, output), is_server=args.command == "sandbox")


def _run(args: Namespace, output: Output) -> int:
    if args.command is None:
        return open_dashboard(vars(args))
    from backend.cli import commands

    return commands.load(args.command).run(args, output)


def _complete(words: Sequence[str]) -> int:
    from backend.cli.completing import complete
    from backend.cli.output import Output, prepare_streams

    prepare_streams(as_json=True)
    output = Output()
    for word, meaning in complete(words):
        output.pair(word, meaning)
    return 0


def _explained(run: Callable[[], int], *, is_server: bool = False) -> int:
    """Return what `run` returns, or the code of what it raises, which the person is told."""
    try:
        return run()
    except KeyboardInterrupt as error:
        words = "" if is_server else _("interrupted; recorded tasks stay recorded, and go on at the provider")
        return _ended(error, words)
    except ReeltopError as error:
        return _ended(error, str(error))
    except OSError as error:
        return _ended(error, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:  # a traceback tells a user nothing, and might tell others too much
        said = _("unexpected {name} in {place}: {error}; please report this").format(
            name=type(error).__name__, place=_place(error), error=error
        )
        return _ended(error, said)


def _ended(error: BaseException, words: str) -> int:
    from backend.cli import exits
    from backend.cli.output import complain

    if words:
        complain(words)
    if isinstance(error, KeyboardInterrupt):
        return exits.Exit.INTERRUPTED
    return exits.of_error(error) if isinstance(error, ReeltopError) else exits.Exit.FAILED


def _place(error: BaseException) -> str:
    """Return file and line where `error` was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "reeltop"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
