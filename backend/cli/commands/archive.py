"""``reeltop archive``: puts finished tasks away, or brings some back."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, time_span
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service

_AGE = timedelta(days=30)


async def archive(service: Service, args: Namespace, output: Output) -> Exit:
    """Put old tasks away, or some of any age, or bring some back."""
    if args.restore:
        print_tasks(output, await service.shelf.restore(args.ids))
        return Exit.DONE
    if args.ids:
        return await _put_away(service, found_ids(service, args.ids), output)
    age = _AGE if args.older_than is None else args.older_than
    away, kept = await service.shelf.archive(age)
    if kept:
        output.say(
            _(
                "{count} kept: their files are not fetched yet and can still be had (reeltop download ID)"
            ).format(count=kept)
        )
    output.say(_("{count} archived; reeltop list --archived shows them").format(count=len(away)))
    print_tasks(output, away)
    return Exit.DONE


async def _put_away(service: Service, ids: list[str], output: Output) -> Exit:
    away = await service.shelf.put_away(ids)
    gone = {task.id for task in away}
    for task_id in ids:
        if task_id not in gone:
            task = service.tasks[task_id]
            why = _("its files are not fetched yet") if task.status.is_final else _("it has not ended")
            output.say(_("{task} stays: {why}").format(task=task_id, why=why))
    print_tasks(output, away)
    return Exit.DONE if len(away) == len(ids) else Exit.USAGE


def _run(args: Namespace, output: Output) -> int:
    if args.restore and not args.ids:
        raise UsageError(_("archive --restore: which? Name tasks by their ids"))
    if args.ids and args.older_than is not None:
        raise UsageError(_("archive: name tasks, or say --older-than, not both"))
    return with_service(archive, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=_("these, however old; default: all old ones"))
    parser.add_argument(
        "--older-than", type=time_span, metavar="SPAN", help=_("such as 30d, 12h, 4w; default 30d")
    )
    parser.add_argument("--restore", action="store_true", help=_("bring these tasks back instead"))


COMMAND = Command(
    description=N_("""\
Put tasks that ended long ago into a file of their own, so that the dashboard and `list` show what
matters. Nothing is lost: `list --archived`, `show` and `export` know them. Tasks whose files are not
fetched and can still be had stay."""),
    epilog=N_("""\
examples:
  reeltop archive --older-than 90d
  reeltop archive ID ID               these, however old
  reeltop archive --restore ID        bring it back"""),
    arguments=_arguments,
    run=_run,
)
