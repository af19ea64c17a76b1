"""From a command line to an exit code: picks the command, gives it a service, explains what goes wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.cli import exits
from backend.cli.exits import Exit
from backend.cli.output import Output, complain, prepare_streams
from backend.cli.parser import build_parser
from backend.errors import ReeltopError, UsageError

if TYPE_CHECKING:
    from backend.opening import Options
    from backend.service import Service

    Command = Callable[[Service, Namespace, Output], Awaitable[Exit]]

_READING = frozenset(
    {"list", "show", "stop", "resume", "accounts", "operations", "archive", "export", "import"}
)
"""Commands that leave it to others to send, poll and fetch."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run reeltop; return the exit code."""
    args = build_parser().parse_args(argv)
    as_json = getattr(args, "json", False)
    prepare_streams(as_json=as_json)
    output = Output(as_json=as_json, quiet=getattr(args, "quiet", False))
    try:
        return _run(args, output)
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


def _run(args: Namespace, output: Output) -> int:
    match args.command:
        case None:
            return _open_dashboard(args)
        case "paths":
            from backend.cli.places import print_paths

            return print_paths(_options(args, work=False), output)
        case "sandbox":
            from backend.cli.sandbox import serve

            return _until_ended(serve(args, output), terminated=Exit.DONE)
        case "operations" if args.account is None:
            from backend.cli.operations import print_operations
            from backend.providers import registry

            return print_operations(registry.providers().values(), args.name, output)
        case _:
            return _until_ended(_with_service(_command(args), args, output))


def _command(args: Namespace) -> Command:
    from backend.cli import accounts, operations, remote, shelf, submit, tasks

    match args.command:
        case "list":
            return remote.list_remote if args.remote else tasks.list_tasks
        case "accounts":
            return accounts.check_accounts if args.action else accounts.list_accounts
        case "operations":
            return operations.list_offered
        case "submit":
            # Read before anything is at work: standard input may be slow.
            return partial(submit.submit, given=submit.read_given(args))
        case "import":
            return partial(shelf.import_tasks, given=shelf.read_export(args.file) if args.file else None)
    commands: dict[str, Command] = {
        "show": tasks.show,
        "wait": tasks.wait,
        "download": tasks.download,
        "stop": tasks.stop,
        "resume": tasks.resume,
        "resend": tasks.resend,
        "archive": shelf.archive,
        "export": shelf.export_tasks,
    }
    return commands[args.command]


async def _with_service(command: Command, args: Namespace, output: Output) -> Exit:
    work = args.command not in _READING and not getattr(args, "dry_run", False)
    options = _options(args, work=work)
    async with await _open(options) as service:
        for notice in service.notices:
            complain(notice)
        if service.is_sandbox and not options.sandbox and options.sandbox_url is None:
            output.say("no account configured: using the sandbox; nothing costs money")
        return await command(service, args, output)


def _options(args: Namespace, *, work: bool) -> Options:
    from backend.opening import Options
    from backend.paths import find_paths

    return Options(
        paths=find_paths(config=args.config, data=args.data, downloads=args.downloads),
        sandbox=args.sandbox,
        sandbox_url=args.sandbox_url or os.environ.get("REELTOP_SANDBOX_URL") or None,
        work=work,
    )


def _open_dashboard(args: Namespace) -> int:
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError("the dashboard needs a terminal; the commands do not: see reeltop --help")
    from tui import app

    return app.run(lambda: _open(_options(args, work=True)))


async def _open(options: Options) -> Service:
    from backend.opening import open_service

    return await open_service(options)


def _until_ended(work: Coroutine[Any, Any, Exit], terminated: Exit = Exit.TERMINATED) -> Exit:
    """Run `work`; SIGTERM ends it as tidily as ctrl+c does, with the code `terminated`."""

    async def run() -> Exit:
        working = asyncio.create_task(work)
        was_terminated = False

        def end() -> None:
            nonlocal was_terminated
            was_terminated = True
            working.cancel()

        with suppress(NotImplementedError):  # where there are no signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        try:
            return await working
        except asyncio.CancelledError:
            if not was_terminated:
                raise
            return terminated

    return asyncio.run(run())


def _place(error: BaseException) -> str:
    """Return file and line where `error` was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "reeltop"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
