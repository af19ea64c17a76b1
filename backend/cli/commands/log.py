"""``reeltop log``: what was asked of the providers, from the file that every reeltop writes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, count
from backend.cli.exits import Exit
from backend.cli.running import options_of, until_ended
from backend.errors import UsageError
from backend.language import N_, _, spoken

if TYPE_CHECKING:
    from pathlib import Path

    from backend.cli.output import Output
    from backend.request_file import Follower
    from backend.request_log import Entry

_LAST = 100
_LOOK_SECONDS = 0.5


def _run(args: Namespace, output: Output) -> int:
    path = _path(args)
    try:
        return _print(path, args, output)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _path(args: Namespace) -> Path:
    from backend.config import load_config
    from backend.options import places

    options = options_of(args, work=False)
    config = load_config(options.paths.config, must_exist=options.paths.config_given)
    is_sandbox = options.sandbox or options.sandbox_url is not None or not config.accounts
    return places(options, config.downloads, is_sandbox=is_sandbox).requests


def _print(path: Path, args: Namespace, output: Output) -> int:
    from collections import deque

    from backend.request_file import Follower, read

    follower = Follower(path) if args.follow else None
    last = deque(_wanted(read(path), args), maxlen=args.limit)
    if last or follower is None:
        _show(last, output)
    if not last and follower is None:
        output.say(_("no request is in the log"))
    if follower is None:
        return Exit.DONE
    return until_ended(_follow(follower, args, output))


async def _follow(follower: Follower, args: Namespace, output: Output) -> Exit:
    import asyncio

    while True:
        if new := list(_wanted(await asyncio.to_thread(follower.new), args)):
            _show(new, output)
        await asyncio.sleep(_LOOK_SECONDS)


def _wanted(entries: Iterable[Entry], args: Namespace) -> Iterable[Entry]:
    from backend.request_log import Filter

    words = Filter(" ".join(args.words))
    for entry in entries:
        is_of_task = args.task is None or any(task.startswith(args.task) for task in entry.tasks)
        if is_of_task and args.account in (None, entry.account) and words.fits(entry):
            yield entry


def _show(entries: Iterable[Entry], output: Output) -> None:
    if output.as_json:
        from backend.request_file import to_json

        for entry in entries:
            output.data(to_json(entry))
    else:
        output.rows([_row(entry) for entry in entries])


def _row(entry: Entry) -> list[str]:
    others = len(entry.tasks) - 1
    return [
        f"{entry.at.astimezone():%m-%d %H:%M:%S}",
        entry.account or "-",
        (entry.tasks[0] if entry.tasks else "-") + (f" +{others}" if others > 0 else ""),
        _(entry.purpose) + ("" if entry.attempt == 1 else f" ({entry.attempt})"),
        str(entry.status or "-"),
        f"{entry.ms:.0f} ms",
        f"{entry.sent}/{entry.received} B",
        f"{entry.method} {entry.url}" + (f": {spoken(entry.words)}" if entry.words else ""),
    ]


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help=_("only requests with this word; -- -WORD: without")
    )
    parser.add_argument(
        "--task", metavar="ID", help=_("only requests about this task, or the beginning of its id")
    )
    parser.add_argument("--account", metavar="NAME", help=_("only requests of this account"))
    parser.add_argument(
        "--limit",
        type=count,
        default=_LAST,
        metavar="N",
        help=_("the last N requests (default {count})").format(count=_LAST),
    )
    parser.add_argument("--follow", action="store_true", help=_("go on with what comes in, until ctrl+c"))


COMMAND = Command(
    description=N_("""\
Print the requests that were sent to the providers, newest last: when, by which account, about which
tasks, what for, the answer's status, how long it took, bytes sent and received, the address without
secrets."""),
    epilog=N_("""\
examples:
  reeltop log --task 7k2m
  reeltop log --account kling 429
  reeltop log --follow --json | jq -r 'select(.status == null) | .words'"""),
    arguments=_arguments,
    run=_run,
)
