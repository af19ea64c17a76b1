"""``reeltop delete``: has films deleted at their providers."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command, add_ids
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import UsageError
from backend.language import N_, _
from backend.models import ArtifactState

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def delete(service: Service, args: Namespace, output: Output) -> Exit:
    """Have films deleted at their providers, one after the other."""
    tasks = [service.tasks[task_id] for task_id in found_ids(service, args.ids)]
    for task in tasks:
        if not args.yes and any(item.state is not ArtifactState.SAVED for item in task.artifacts):
            raise UsageError(
                _("task {task}: its film is not saved here and would be lost; say --yes").format(task=task.id)
            )
    for task in tasks:
        print_tasks(output, [await service.remote.delete(task)])
    output.say(_("deleted at the provider; what is recorded and saved here stays"))
    return Exit.DONE


def _run(args: Namespace, output: Output) -> int:
    return with_service(delete, args, output)


def _arguments(parser: Arguments) -> None:
    add_ids(parser)
    parser.add_argument("--yes", action="store_true", help=_("even films that are not saved here"))


COMMAND = Command(
    description=N_("""\
Have the films of finished tasks deleted at their provider, where it offers that. What reeltop has
recorded and saved stays."""),
    arguments=_arguments,
    run=_run,
)
