"""``reeltop list``: the recorded tasks, or those that a provider itself lists."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, count
from backend.cli.exits import Exit
from backend.cli.running import options_of, say_sandbox, with_service
from backend.errors import UsageError
from backend.language import N_, _
from backend.records import to_json

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.glance import Glance
    from backend.models import Status, Task
    from backend.service import Service


async def list_tasks(service: Service, args: Namespace, output: Output) -> Exit:
    """Print the recorded tasks, newest first or as the filter says."""
    from backend.query import parse
    from backend.query_fields import Moment

    query = parse(args.filter)
    put_away = await _put_away(service, args, output) if args.archived or args.all else []
    known = {task.account for task in put_away}
    tasks = [] if args.archived else list(_chosen(service, args, known))
    if put_away:
        tasks = sorted([*tasks, *put_away], key=lambda task: task.created_at, reverse=True)
    health = {account.name: service.health(account.name) for account in service.accounts()}
    tasks = query.select(tasks, Moment(datetime.now(UTC), health))[: args.limit]
    if args.groups:
        _print_groups(tasks, output)
    elif output.as_json:
        output.array(map(to_json, tasks))
    else:
        _print_rows(tasks, output)
    return Exit.DONE


def _print_groups(tasks: Sequence[Task], output: Output) -> None:
    from backend.cli import describe
    from backend.cli.plain import plain
    from backend.failure_groups import group_failures

    groups = group_failures(tasks)
    if output.as_json:
        output.array({**plain(group), "filter": group.key.filter} for group in groups)
    elif groups:
        now = datetime.now(UTC)
        output.table(describe.GROUP_HEAD, [describe.group_row(group, now) for group in groups])
    else:
        output.say(_("no task has failed or is in trouble"))


async def _put_away(service: Service, args: Namespace, output: Output) -> list[Task]:
    """Return the archived tasks that are wanted; only those are read in full."""
    wanted = {_status(word) for word in args.status or ()}
    entries, damage = await service.shelf.archived()
    fitting = [
        entry
        for entry in reversed(entries)
        if (not wanted or entry.status in wanted) and args.account in (None, entry.account)
    ]
    if not args.filter:
        fitting = fitting[: args.limit]
    if damage:
        output.say(_("{count} places in the archive are damaged and cannot be read").format(count=damage))
    import asyncio

    return await asyncio.to_thread(lambda: [entry.task() for entry in fitting])


def _chosen(service: Service, args: Namespace, known: Container[str]) -> Iterator[Task]:
    wanted = {_status(word) for word in args.status or ()}
    mine = args.account is None or args.account in known
    if not mine and not any(task.account == args.account for task in service.tasks.values()):
        service.account(args.account)  # an account that is gone from the configuration may have tasks
    for task in reversed(list(service.tasks.values())):
        if (not wanted or task.status in wanted) and args.account in (None, task.account):
            yield task


def _status(word: str) -> Status:
    from backend.models import Status

    try:
        return Status(word)
    except ValueError:
        raise UsageError(
            _("--status {word!r}: known: {names}").format(word=word, names=", ".join(Status))
        ) from None


def _print_seen(seen: Glance, args: Namespace, output: Output) -> bool:
    """Print what was seen without a service; False if only a service knows the account that is meant."""
    from backend.records import as_text, decode

    wanted = {_status(word) for word in args.status or ()}
    records = list(reversed([*seen.records.values()]))
    if wanted or args.account is not None:
        facts = list(map(json.loads, records))
        known = {fact["account"] for fact in facts} | seen.accounts.keys()
        if args.account is not None and args.account not in known:
            return False
        records = [
            record
            for record, fact in zip(records, facts, strict=True)
            if (not wanted or fact["status"] in wanted) and args.account in (None, fact["account"])
        ]
    records = records[: args.limit]
    if output.as_json:
        output.array_of_json(map(as_text, records))
    else:
        _print_rows(list(map(decode, records)), output)
    return True


def _print_rows(tasks: Sequence[Task], output: Output) -> None:
    if not tasks:
        output.say(_("no tasks"))
        return
    from backend.cli import describe

    now = datetime.now(UTC)
    output.table(describe.LIST_HEAD, [describe.list_row(task, now) for task in tasks])


def _run(args: Namespace, output: Output) -> int:
    if args.remote:
        if args.filter or args.groups:
            name = "--filter" if args.filter else "--groups"
            raise UsageError(
                _("{name} is for recorded tasks; a provider's own list is printed as it is").format(name=name)
            )
        from backend.cli.remote import list_remote

        return with_service(list_remote, args, output)
    if not (args.archived or args.all or args.filter or args.groups):
        from backend.glance import look

        options = options_of(args, work=False)
        seen = look(options)
        if seen is not None and _print_seen(seen, args, output):
            if seen.is_sandbox:
                say_sandbox(options, output)
            return Exit.DONE
    return with_service(list_tasks, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "--status", action="append", metavar="STATUS", help=_("only tasks in this status; may be repeated")
    )
    parser.add_argument("--account", metavar="NAME", help=_("only tasks of this account"))
    parser.add_argument(
        "--filter",
        default="",
        metavar="FILTER",
        help=_("only tasks that fit, as / in the dashboard takes it"),
    )
    parser.add_argument(
        "--groups",
        action="store_true",
        help=_("what failed alike or is in the same trouble: how many tasks, why, and their filter"),
    )
    parser.add_argument("--limit", type=count, metavar="N", help=_("at most N tasks"))
    parser.add_argument("--archived", action="store_true", help=_("only archived tasks"))
    parser.add_argument("--all", action="store_true", help=_("archived tasks as well"))
    parser.add_argument("--remote", action="store_true", help=_("ask the provider for its own list"))
    parser.add_argument("--operation", metavar="NAME", help=_("with --remote: which of several lists"))
    parser.add_argument("--page", type=count, default=1, metavar="N", help=_("with --remote: page, from 1"))
    parser.add_argument("--size", type=count, default=30, metavar="N", help=_("with --remote: tasks a page"))


COMMAND = Command(
    description=N_("""\
List the recorded tasks, newest first; with --remote, the tasks that the provider itself lists."""),
    epilog=N_("""\
examples:
  reeltop list --status running --status queued
  reeltop list --json | jq -r '.[] | select(.failure) | .id'
  reeltop list --filter 'rain*street status:failed,lost age<2d sort:-cost'
  reeltop list --groups --filter 'age<1d'
  reeltop list --remote --account kling --operation text2video
  reeltop list --remote --account gateway"""),
    arguments=_arguments,
    run=_run,
)
