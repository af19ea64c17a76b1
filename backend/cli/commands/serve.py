"""``reeltop serve``: the dashboard in a browser."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.cli.command import Arguments, Command, port
from backend.cli.dashboard import browser_server
from backend.cli.exits import Exit
from backend.cli.running import is_read_only, until_ended
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output

_WORDS = {
    "config": "--config",
    "data": "--data",
    "downloads": "--downloads",
    "sandbox_url": "--sandbox-url",
    "language": "--language",
}


async def serve(args: Namespace, output: Output) -> Exit:
    """Serve until cancelled. Raises UsageError if that cannot be done."""
    server = browser_server(_program(args), args.port, _origin(args.public_url))
    try:
        await server.start()
    except OSError as error:
        raise UsageError(_("port {port}: {reason}").format(port=args.port, reason=error.strerror)) from None
    try:
        if output.as_json:
            output.data({"address": server.address})
        else:
            output.text(f"{server.address}\n")
        warning = _("who has this address can spend your money; ctrl+c ends it, tasks go on at the provider")
        if is_read_only(args):
            warning = _(
                "read-only: who has this address sees your tasks and can change nothing; ctrl+c ends it"
            )
        output.say(warning)
        await asyncio.Event().wait()
        return Exit.DONE
    finally:
        await server.stop()


def _program(args: Namespace) -> list[str]:
    """Return the command line of the dashboard, with what was said to this one."""
    words = [sys.executable, "-m", "backend"]
    for name, option in _WORDS.items():
        if getattr(args, name) is not None:
            words += [option, str(getattr(args, name))]
    flags = {"--sandbox": args.sandbox, "--read-only": args.read_only}
    return [*words, *(flag for flag, given in flags.items() if given)]


def _origin(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise UsageError(
            _("--public-url {url}: must be an address such as https://reeltop.example.com").format(url=url)
        )
    return f"{parts.scheme}://{parts.netloc}"


def _run(args: Namespace, output: Output) -> int:
    return until_ended(serve(args, output), terminated=Exit.DONE)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("--port", type=port, default=8000, metavar="N", help=_("port; 0: a free one"))
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help=_("address of the proxy or tunnel that leads here, if there is one"),
    )


COMMAND = Command(
    description=N_("""\
Serve the dashboard to a browser, on this machine's loopback, and print the address to open.
The address holds a secret token: who has it can spend your money. Each window is a reeltop of its own; they
share the tasks, and one of them does the work. Needs the extra: pip install 'reeltop[serve]'."""),
    run=_run,
    arguments=_arguments,
    epilog=N_("""\
examples:
  reeltop serve
  reeltop serve --port 9000 --sandbox
  ssh -L 8000:127.0.0.1:8000 HOST reeltop serve      from your own machine; then open the address there"""),
)
