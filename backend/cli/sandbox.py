"""``reeltop sandbox``: the sandbox on its own, for anybody's client."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from backend.cli.exits import Exit
from backend.errors import UsageError

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.sandbox.server import SandboxAccount, SandboxServer


async def serve(args: Namespace, output: Output) -> Exit:
    """Serve until cancelled. Raises UsageError for an unknown fault, or if the port cannot be had."""
    from backend.sandbox.server import SandboxServer

    more = {"concurrency": args.concurrency} if args.concurrency else {}
    server = SandboxServer(speed=args.speed, seed=args.seed, **more)
    accounts = [account.name for account in server.accounts]
    for fault in args.faults:
        try:
            server.faults.order(fault, accounts)
        except ValueError as error:
            raise UsageError(f"--fault {fault}: {error}") from None
    try:
        await server.start(args.port)
    except OSError as error:
        raise UsageError(f"port {args.port}: {error.strerror}") from None
    try:
        _announce(server, output)
        await asyncio.Event().wait()
        return Exit.DONE
    finally:
        await server.stop()


def _announce(server: SandboxServer, output: Output) -> None:
    if output.as_json:
        accounts = [asdict(account) for account in server.accounts]
        output.data({"base_url": server.base_url, "accounts": accounts})
        return
    output.text(f"{server.base_url}\n")
    output.rows([("ACCOUNT", "ADDRESS", "CREDENTIALS"), *map(_row, server.accounts)])
    for fault in server.faults.listed():
        output.say(f"fault at {fault['account']}: {fault['fault']}, {_how_often(fault['times'])}")
    output.say(f"serving; for reeltop's commands: export REELTOP_SANDBOX_URL={server.base_url}")


def _row(account: SandboxAccount) -> tuple[str, ...]:
    credentials = "  ".join(f"{key}={value}" for key, value in account.credentials.items())
    return (account.name, account.base_url, credentials)


def _how_often(times: int | None) -> str:
    return "always" if times is None else f"{times} times" if times > 1 else "once"
