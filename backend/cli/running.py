"""Runs a command's work: gives it a service, and ends it tidily when it is told to."""

from __future__ import annotations

import os
import signal
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from backend.cli.exits import Exit
from backend.cli.output import Output, complain
from backend.language import _

if TYPE_CHECKING:
    from backend.options import Options
    from backend.service import Service

    Work = Callable[[Service, Namespace, Output], Awaitable[Exit]]


def with_service(work: Work, args: Namespace, output: Output, *, leads: bool = False) -> Exit:
    """Do `work` with a service; `leads`: it sends, polls and fetches if no other reeltop does.

    Raises ReeltopError.
    """

    async def run() -> Exit:
        from backend.opening import open_service

        options = options_of(args, work=leads)
        async with await open_service(options) as service:
            for notice in service.notices:
                complain(notice)
            if service.is_sandbox:
                say_sandbox(options, output)
            if leads and service.is_read_only:
                complain(_("read-only: no provider is asked from here; another reeltop has to do that"))
            return await work(service, args, output)

    return until_ended(run())


def say_sandbox(options: Options, output: Output) -> None:
    """Say that it is the sandbox, to who did not ask for it."""
    if not options.sandbox and options.sandbox_url is None:
        output.say(_("no account configured: using the sandbox; nothing costs money"))


def options_of(args: Namespace, *, work: bool) -> Options:
    """Return what the command line and the environment ask for."""
    from backend.options import Options
    from backend.paths import find_paths

    return Options(
        paths=find_paths(config=args.config, data=args.data, downloads=args.downloads),
        sandbox=args.sandbox,
        sandbox_url=args.sandbox_url or os.environ.get("REELTOP_SANDBOX_URL") or None,
        work=work,
        read_only=args.read_only,
    )


def is_read_only(args: Namespace) -> bool:
    """Whether nothing may be changed from here. Raises ConfigError."""
    from backend.config import load_config
    from backend.paths import find_paths

    return args.read_only or load_config(find_paths(config=args.config).config).read_only


def until_ended(work: Coroutine[Any, Any, Exit], terminated: Exit = Exit.TERMINATED) -> Exit:
    """Run `work`; SIGTERM ends it as tidily as ctrl+c does, with the code `terminated`."""
    import asyncio

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
