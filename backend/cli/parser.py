"""The words of the command line. Imports nothing heavy: ``--help`` and ``--version`` answer at once."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from backend import __version__
from backend.cli import exits
from backend.spans import parse_span

_DESCRIPTION = """\
htop for AI video generation: submit, watch, understand and fetch tasks.
Without a command the dashboard opens."""

_EPILOG = f"""\
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
  REELTOP_SANDBOX_URL                               like --sandbox-url

{exits.HELP}"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("reeltop").strip()
        said = f"{command}: {message}" if command else message
        self.exit(exits.Exit.USAGE, f"reeltop: {said} (see {self.prog} --help)\n")


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser: Parser = _parser(Parser, prog="reeltop", description=_DESCRIPTION, epilog=_EPILOG)
    parser.set_defaults(command=None, config=None, data=None, downloads=None, sandbox=False, sandbox_url=None)
    parser.add_argument("--version", action="version", version=f"reeltop {__version__}")
    _add_global(parser)
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", parser_class=Parser)
    for add in (
        _add_submit,
        _add_list,
        _add_show,
        _add_wait,
        _add_download,
        _add_stop,
        _add_resume,
        _add_resend,
        _add_archive,
        _add_export,
        _add_import,
        _add_accounts,
        _add_operations,
        _add_paths,
        _add_sandbox,
    ):
        add(commands)
    return parser


def _add_submit(commands: Any) -> None:
    parser = _command(
        commands,
        "submit",
        "record a request and send it",
        """\
Record a request on disk and send it. Ends when the provider has accepted or refused it; with --wait,
when the task has ended and its files are saved. Prints the task.""",
        """\
examples:
  reeltop submit --account kling --operation text2video --set prompt="a cat" --set duration=10
  reeltop submit --account kling --request body.json --set prompt="another cat" --wait --json
  pbpaste | reeltop submit --account relay --request - --dry-run

What --operation may be is listed by `reeltop operations`, the fields by `reeltop operations NAME`.
A request that could not be sent stays recorded: `reeltop wait ID`, or the dashboard, sends it later.""",
    )
    parser.add_argument("--account", metavar="NAME", help="may be left out where only one fits")
    parser.add_argument("--operation", metavar="NAME", help="may be left out where the request fits only one")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="FIELD=VALUE",
        help="a field of the request, dotted if nested, lists as JSON; goes over --request",
    )
    parser.add_argument(
        "--request",
        metavar="FILE",
        help="a JSON file with the body as the provider's page prints it, comments allowed; - reads it "
        "from standard input",
    )
    parser.add_argument("--wait", action="store_true", help="wait until the task has ended")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the exact request, secrets as $NAMES; send nothing"
    )
    _add_watching(parser)


def _add_list(commands: Any) -> None:
    parser = _command(
        commands,
        "list",
        "list tasks, newest first",
        "List the recorded tasks, newest first; with --remote, the tasks that the provider itself lists.",
        """\
examples:
  reeltop list --status running --status queued
  reeltop list --json | jq -r '.[] | select(.failure) | .id'
  reeltop list --remote --account kling --operation text2video""",
    )
    parser.add_argument(
        "--status", action="append", metavar="STATUS", help="only tasks in this status; may be repeated"
    )
    parser.add_argument("--account", metavar="NAME", help="only tasks of this account")
    parser.add_argument("--limit", type=_count, metavar="N", help="at most N tasks")
    parser.add_argument("--archived", action="store_true", help="only archived tasks")
    parser.add_argument("--all", action="store_true", help="archived tasks as well")
    parser.add_argument("--remote", action="store_true", help="ask the provider for its own list")
    parser.add_argument("--operation", metavar="NAME", help="with --remote: whose tasks")
    parser.add_argument("--page", type=_count, default=1, metavar="N", help="with --remote: page, from 1")
    parser.add_argument("--size", type=_count, default=30, metavar="N", help="with --remote: tasks a page")


def _add_show(commands: Any) -> None:
    parser = _command(commands, "show", "show all about a task", "Show all that is known of one task.")
    parser.add_argument("id", metavar="ID", help="a task's id or the beginning of it")


def _add_wait(commands: Any) -> None:
    parser = _command(
        commands,
        "wait",
        "wait until tasks have ended",
        """\
Wait until each task has ended and its files are saved. Works on them itself unless another reeltop
already does. Prints the tasks in the order given.""",
    )
    _add_ids(parser)
    _add_watching(parser)


def _add_download(commands: Any) -> None:
    parser = _command(
        commands,
        "download",
        "fetch result files",
        """\
Fetch the tasks' files, again if need be. Never makes a new generation, never overwrites a file.""",
    )
    _add_ids(parser)
    parser.add_argument("--output", type=_path, metavar="DIR", help="put the files there as well")


def _add_stop(commands: Any) -> None:
    parser = _command(
        commands,
        "stop",
        "stop watching tasks",
        """\
Withdraw what was not sent yet, and stop watching the rest. No provider offers a cancel: it goes on
with what was sent, and may charge.""",
    )
    _add_ids(parser)


def _add_resume(commands: Any) -> None:
    parser = _command(commands, "resume", "watch lost tasks again", "Watch tasks again that are lost.")
    _add_ids(parser)


def _add_resend(commands: Any) -> None:
    parser = _command(
        commands,
        "resend",
        "send an unconfirmed task again",
        """\
Send an unconfirmed task again. The first request may have been accepted: it may be paid twice.""",
    )
    parser.add_argument("id", metavar="ID", help="a task's id or the beginning of it")
    parser.add_argument("--yes", action="store_true", help="yes, it may be paid twice")
    _add_watching(parser)


def _add_archive(commands: Any) -> None:
    parser = _command(
        commands,
        "archive",
        "put finished tasks away",
        """\
Put tasks that ended long ago into a file of their own, so that the dashboard and `list` show what
matters. Nothing is lost: `list --archived`, `show` and `export` know them. Tasks whose files are not
fetched and can still be had stay.""",
        """\
examples:
  reeltop archive --older-than 90d
  reeltop archive --restore ID        bring it back""",
    )
    parser.add_argument(
        "--older-than", type=_span, default="30d", metavar="SPAN", help="such as 30d, 12h, 4w; default 30d"
    )
    parser.add_argument("--restore", nargs="+", metavar="ID", help="bring these back instead")


def _add_export(commands: Any) -> None:
    parser = _command(
        commands,
        "export",
        "write all tasks as JSON Lines",
        """\
Write every task, archived ones too, one JSON object a line: a backup that `reeltop import` reads.""",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="where to; - or nothing: standard output")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")


def _add_import(commands: Any) -> None:
    parser = _command(
        commands,
        "import",
        "add tasks from a backup or a provider's list",
        """\
Add the tasks of an export that are not here yet, or with --account those that the provider lists and
that were made elsewhere. What is here is never changed, and nothing is sent: a task that was still
waiting when the backup was made comes in as unconfirmed.""",
        """\
examples:
  reeltop import backup.jsonl
  reeltop import --account kling --operation text2video""",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", metavar="FILE", help="an export; - reads standard input")
    source.add_argument("--account", metavar="NAME", help="ask this account's provider for its list")
    parser.add_argument("--operation", metavar="NAME", help="with --account: only its tasks")


def _add_accounts(commands: Any) -> None:
    parser = _command(
        commands,
        "accounts",
        "list accounts, or prove their keys",
        """\
List the accounts with where each secret comes from, never its value. `check` makes a free call that
proves the key, or says why not.""",
        """\
examples:
  reeltop accounts
  reeltop accounts check kling
  reeltop accounts check              all of them""",
    )
    parser.add_argument("action", nargs="?", choices=["check"], help="prove the keys")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the account to check; without it, all")


def _add_operations(commands: Any) -> None:
    parser = _command(
        commands,
        "operations",
        "list what can be made, and the fields of a request",
        "List the operations; with a name, its fields with type, limits, default and help.",
        """\
examples:
  reeltop operations
  reeltop operations --account relay
  reeltop operations kling/image2video""",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="OPERATION or PROVIDER/OPERATION")
    parser.add_argument("--account", metavar="NAME", help="only those of this account")


def _add_paths(commands: Any) -> None:
    _command(
        commands,
        "paths",
        "print where things are kept",
        "Print where the configuration, the data and the downloads are.",
    )


def _add_sandbox(commands: Any) -> None:
    parser = _command(
        commands,
        "sandbox",
        "serve a sandbox that speaks every protocol",
        """\
Serve all protocols on this machine's loopback address, as strictly as the providers' pages say, and
print base URLs and keys. Jobs run in seconds, some fail, results are real MP4 files.
With --json one line is printed when it is ready:
  {"base_url": …, "accounts": [{"name", "provider", "base_url", "credentials": {…}}]}
Serves until ended: exit code 130 after ctrl+c, 0 after SIGTERM.""",
        """\
examples:
  reeltop sandbox --port 8900 --speed 10 --seed 7
  reeltop --sandbox-url http://127.0.0.1:8900 submit --account kling --operation text2video \\
      --set prompt="a cat" --wait
  reeltop sandbox --fault 'latency;seconds=3' --fault 'drop-after;times=2@openai-video'

faults:
  latency (seconds=2), 429 (retry-after=), error (code=), 500-before, 500-after (status=500), drop-before,
  drop-after, truncate (bytes=), html (status=502), wrong-types, unknown-status (word=), expired-link,
  short-file (bytes=), bad-json. With times=N only the next N requests meet it; match=TEXT wants TEXT in
  METHOD and path. What an account says goes for that account alone.""",
    )
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port; 0, the default: a free one")
    parser.add_argument("--speed", type=_factor, default=1.0, metavar="X", help="how much faster jobs run")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="makes runs repeatable")
    parser.add_argument(
        "--concurrency", type=_count, metavar="N", help="unfinished tasks that an account may have"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        dest="faults",
        metavar="NAME[;KEY=VALUE][@ACCOUNT]",
        help="let requests meet this trouble, always or as often as times=N says; may be repeated",
    )


def _command(commands: Any, name: str, help: str, description: str, epilog: str = "") -> Parser:
    parser: Parser = _parser(
        commands.add_parser, name=name, help=help, description=description, epilog=epilog
    )
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors on standard error")
    _add_global(parser)
    return parser


def _parser(make: Any, **words: Any) -> Any:
    return make(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **words)


def _add_global(parser: argparse.ArgumentParser) -> None:
    """Add what may stand before and after the command: SUPPRESS keeps one from undoing the other."""
    group = parser.add_argument_group("global options, before or after the command")
    for option, kind, metavar, help in (
        ("--config", _path, "FILE", "config.toml to use"),
        ("--data", _path, "DIR", "where tasks are recorded"),
        ("--downloads", _path, "DIR", "where results are saved"),
        ("--sandbox-url", str, "URL", "use a sandbox that is already running"),
    ):
        group.add_argument(option, type=kind, metavar=metavar, help=help, default=argparse.SUPPRESS)
    group.add_argument(
        "--sandbox",
        action="store_true",
        help="use the built-in sandbox: nothing costs money",
        default=argparse.SUPPRESS,
    )


def _add_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="a task's id or the beginning of it")


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        type=_factor,
        metavar="SECONDS",
        help="stop watching after this time; the task goes on",
    )


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return Path(text).expanduser()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a port from 0 to 65535, not {text!r}")
    return int(text)


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _factor(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number
