"""``reeltop batch``: many requests from one file, each made once."""

from __future__ import annotations

import argparse
from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_assignments, add_timeout, count, path
from backend.cli.exits import Exit
from backend.cli.output import Output, complain
from backend.cli.running import options_of, with_service
from backend.errors import UsageError
from backend.language import N_, _, ngettext

if TYPE_CHECKING:
    from backend.batches.limits import MaxCost

_SHOWN_PROBLEMS = 50


def _run(args: Namespace, output: Output) -> int:
    from backend.batches.reading import read_sheet
    from backend.batches.recording import batch_name, only_one
    from backend.batches.sheet import BatchError
    from backend.cli.batching import run_batch

    if args.watch is not None:
        return _watch(args, output)
    if args.file is None:
        raise UsageError(_("batch needs a FILE, or --watch DIR"))
    name = batch_name(args.file, args.name)
    try:
        sheet = read_sheet(args.file)
        work = partial(run_batch, name=name, path=args.file, sheet=sheet)
        if args.dry_run:
            return with_service(work, args, output)
        with only_one(options_of(args, work=False).paths.data, name):
            return with_service(work, args, output, leads=True)
    except BatchError as error:
        for line in error.lines(_SHOWN_PROBLEMS):
            complain(line)
        told = ngettext(
            "{count} problem; nothing was sent", "{count} problems; nothing was sent", error.count
        )
        complain(told.format(count=error.count))
        return Exit.USAGE


def _watch(args: Namespace, output: Output) -> int:
    from backend.cli.watch_folder import watch_folder

    for option in ("file", "name", "results", "dry_run", "timeout"):
        if getattr(args, option):
            raise UsageError(_("--watch does not go with {option}").format(option=option.replace("_", "-")))
    if not args.watch.is_dir():
        raise UsageError(_("--watch {path}: no such folder").format(path=args.watch))
    return with_service(watch_folder, args, output, leads=True)


def _max_cost(text: str) -> MaxCost:
    from backend.batches.limits import MaxCost

    try:
        return MaxCost.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _arguments(parser: Arguments) -> None:
    parser.add_argument("file", nargs="?", type=path, metavar="FILE", help=_("a batch file"))
    parser.add_argument("--account", metavar="NAME", help=_("of every row, whatever the file says"))
    parser.add_argument("--operation", metavar="NAME", help=_("of every row, whatever the file says"))
    add_assignments(parser, _("a field of every row's request; goes over the file"))
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        dest="variables",
        metavar="NAME=VALUE",
        help=_(
            "what {{NAME}} stands for; given several times, each row that uses it is made with each value"
        ),
    )
    parser.add_argument(
        "--name", metavar="NAME", help=_("of the batch; default: the file's, without its ending")
    )
    parser.add_argument("--dry-run", action="store_true", help=_("check, print the plan, send nothing"))
    parser.add_argument(
        "--yes", action="store_true", help=_("send without asking; needed without a terminal")
    )
    parser.add_argument(
        "--max-cost",
        type=_max_cost,
        metavar="AMOUNT[UNIT]",
        help=_(
            "send nothing if all of it may cost more, or if no estimate can be made; withdraw what waits "
            "once more is charged"
        ),
    )
    parser.add_argument(
        "--stop-after", type=count, metavar="N", help=_("withdraw what waits once N tasks have failed")
    )
    parser.add_argument(
        "--retry-failed", action="store_true", help=_("make new tasks for rows that failed or were refused")
    )
    parser.add_argument(
        "--changed",
        action="store_true",
        help=_("make new tasks for rows that were changed since they were made"),
    )
    parser.add_argument(
        "--results", type=path, metavar="FILE", help=_("default: FILE.results.jsonl; or a .csv")
    )
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=_("stay until all tasks have ended (default), or record them and leave"),
    )
    parser.add_argument(
        "--watch", type=path, metavar="DIR", help=_("make every batch file that appears in DIR")
    )
    add_timeout(parser)


COMMAND = Command(
    description=N_("""\
Make the requests of a file, one or more a row. Everything is checked first: with anything wrong, nothing is
sent. All tasks are then recorded at once, and sent as fast as each account's limits allow.

The same file again makes only what is missing, however the run before ended. A row is known by its `id`, or
else by its content; a changed row with an id is reported and only made again with --changed. --max-cost and
--stop-after hold while the command stays."""),
    epilog=N_("""\
examples:
  reeltop batch shots.csv --dry-run
  reeltop batch shots.csv --account kling --operation text2video --set duration=5 --yes --max-cost 200
  reeltop batch shots.toml --var style=noir --var style=cartoon
  reeltop batch --watch ~/inbox --yes

files:
  .csv (comma, semicolon or tab; UTF-8), .tsv, .jsonl: columns or keys are the fields of the request, dotted
  if nested (`reeltop operations NAME` lists them), and account, operation, id, tags, count, var.NAME.
  .toml, .yaml (needs reeltop[yaml]), .json: `defaults` and `variables` as tables, `rows` as a list:

    [defaults]
    account = "kling"
    operation = "text2video"
    [variables]
    subject = ["a cat", "a dog"]
    [[rows]]
    prompt = "{{subject}} on a train"        # two tasks

  Paths of pictures start at the file's folder. --account, --operation and --set go over what the file says.

results:
  FILE.results.jsonl has a line a row, renewed as tasks end: row, line, account, operation, state, task,
  status, failure, code, request_id, files, charged. With --json the same is printed at the end.

watching a folder:
  A file is taken when it has not changed for some seconds; names with a dot in front or other endings are
  left alone. When all of its tasks have ended it moves to DIR/done with its results beside it; one with
  anything wrong moves to DIR/failed with a .problems.txt. The file's name is the batch's: the same name
  continues it."""),
    arguments=_arguments,
    run=_run,
)
