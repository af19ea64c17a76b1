"""``reeltop tag``: gives tasks words of the user's own, and takes them away."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.cli.running import with_service
from backend.cli.tasks import found_ids, print_tasks
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service


async def tag(service: Service, args: Namespace, output: Output) -> Exit:
    """Change the tags of tasks."""
    handles, adding, removing = sorted_words(args.words)
    adding, removing = [*adding, *args.add], [*removing, *args.remove]
    if not handles or not (adding or removing):
        raise UsageError(_("say which tasks and which tags: reeltop tag ID +word"))
    ids = found_ids(service, handles)
    await service.labels.tag(ids, add=adding, remove=removing)
    print_tasks(output, [service.tasks[task_id] for task_id in ids])
    return Exit.DONE


def sorted_words(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return what stands in ``ID +tag -tag``: ids, tags to add, tags to remove."""
    adding = [word[1:] for word in words if word.startswith("+")]
    removing = [word[1:] for word in words if word.startswith("-")]
    return [word for word in words if not word.startswith(("+", "-"))], adding, removing


def _run(args: Namespace, output: Output) -> int:
    return with_service(tag, args, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "words", nargs="+", metavar="ID|+TAG", help=_("tasks, tags to give, tags to take away")
    )
    parser.add_argument("--add", action="append", default=[], metavar="TAG", help=_("like +TAG"))
    parser.add_argument(
        "--remove", action="append", default=[], metavar="TAG", help=_("like -TAG, for any tag")
    )


COMMAND = Command(
    description=N_("""\
Give tasks tags of your own, and take them away. A tag is one word; `list --filter tag:WORD` finds it."""),
    epilog=N_("""\
examples:
  reeltop tag 3f2a 77b1 +client-a +draft
  reeltop tag 3f2a +final -draft
  reeltop tag 3f2a --remove h           -h is this help"""),
    takes_dashes=True,
    arguments=_arguments,
    run=_run,
)
