"""``reeltop sandbox``: the sandbox on its own, for anybody's client."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, count, port, positive
from backend.cli.exits import Exit
from backend.cli.running import until_ended
from backend.errors import UsageError
from backend.language import N_, _, ngettext

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.sandbox.server import SandboxAccount, SandboxServer


async def serve(args: Namespace, output: Output) -> Exit:
    """Serve until cancelled. Raises UsageError for an unknown fault, or if the port cannot be had."""
    from backend.sandbox.server import SandboxServer

    more = {"concurrency": args.concurrency} if args.concurrency else {}
    server = SandboxServer(speed=args.speed, seed=args.seed, **more)
    for fault in args.faults:
        try:
            server.order_fault(fault)
        except ValueError as error:
            raise UsageError(_("--fault {fault}: {error}").format(fault=fault, error=error)) from None
    try:
        await server.start(args.port)
    except OSError as error:
        raise UsageError(_("port {port}: {reason}").format(port=args.port, reason=error.strerror)) from None
    try:
        _announce(server, output)
        await asyncio.Event().wait()
        return Exit.DONE
    finally:
        await server.stop()


_HEAD = (N_("ACCOUNT"), N_("ADDRESS"), N_("CREDENTIALS"))


def _announce(server: SandboxServer, output: Output) -> None:
    if output.as_json:
        accounts = [asdict(account) for account in server.accounts]
        output.data({"base_url": server.base_url, "accounts": accounts})
        return
    output.text(f"{server.base_url}\n")
    output.table(_HEAD, list(map(_row, server.accounts)))
    for fault in server.faults.listed():
        output.say(
            _("fault at {account}: {fault}, {times}").format(
                account=fault["account"], fault=fault["fault"], times=_how_often(fault["times"])
            )
        )
    output.say(
        _("serving; for reeltop's commands: export REELTOP_SANDBOX_URL={address}").format(
            address=server.base_url
        )
    )


def _row(account: SandboxAccount) -> tuple[str, ...]:
    credentials = "  ".join(f"{key}={value}" for key, value in account.credentials.items())
    return (account.name, account.base_url, credentials)


def _how_often(times: int | None) -> str:
    if times is None:
        return _("always")
    return ngettext("once", "{count} times", times).format(count=times)


def _run(args: Namespace, output: Output) -> int:
    return until_ended(serve(args, output), terminated=Exit.DONE)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help=_("port; 0, the default: a free one")
    )
    parser.add_argument(
        "--speed", type=positive, default=1.0, metavar="X", help=_("how much faster jobs run")
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help=_("makes runs repeatable"))
    parser.add_argument(
        "--concurrency", type=count, metavar="N", help=_("unfinished tasks that an account may have")
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        dest="faults",
        metavar="NAME[;KEY=VALUE][@ACCOUNT]",
        help=_("let requests meet this trouble, always or as often as times=N says; may be repeated"),
    )


COMMAND = Command(
    description=N_("""\
Serve all protocols on this machine's loopback address, as strictly as the providers' pages say, and
print base URLs and keys. Jobs run in seconds, some fail, results are real MP4 files.
With --json one line is printed when it is ready:
  {"base_url": …, "accounts": [{"name", "provider", "base_url", "credentials": {…}}]}
Serves until ended: exit code 130 after ctrl+c, 0 after SIGTERM."""),
    epilog=N_("""\
examples:
  reeltop sandbox --port 8900 --speed 10 --seed 7
  reeltop --sandbox-url http://127.0.0.1:8900 submit --account kling --operation text2video \\
      --set prompt="a cat" --wait
  reeltop sandbox --fault 'latency;seconds=3' --fault 'drop-after;times=2@openai-video'

faults:
  latency (seconds=2), 429 (retry-after=), error (code=), 500-before, 500-after (status=500), drop-before,
  drop-after, truncate (bytes=50%), html (status=502), wrong-types, unknown-status (word=), expired-link,
  short-file (bytes=50%), no-end, new-version, wrong-range, redirect (to=), bad-json. With times=N only the
  next N requests meet it; match=TEXT wants TEXT in METHOD and path. What an account says goes for that
  account alone."""),
    arguments=_arguments,
    run=_run,
)
