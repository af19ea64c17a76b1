"""``reeltop watch``: tasks as they change, without the dashboard."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.cli import describe, exits
from backend.cli.command import Arguments, Command, positive
from backend.cli.exits import Exit
from backend.cli.output import Output, Painting
from backend.cli.running import with_service
from backend.cli.tasks import found_ids
from backend.language import N_, _
from backend.models import Task
from backend.records import to_json

if TYPE_CHECKING:
    from backend.service import Service

_GATHER_SECONDS = 0.2
"""Between two paintings."""


async def watch(service: Service, args: Namespace, output: Output) -> Exit:
    """Show tasks until all that were named have ended, or until it is interrupted."""
    import asyncio

    named = found_ids(service, args.ids)
    shown = _Shown(output)
    changes = service.changes()
    unsettled = [task.id for task in service.tasks.values() if not service.is_settled(task)]
    shown.tell(service.tasks[task_id] for task_id in named or unsettled)
    ends_at = asyncio.get_running_loop().time() + args.timeout if args.timeout else None
    try:
        with shown.resizing():
            async with asyncio.timeout_at(ends_at):
                while not _is_over(service, named, until_done=args.until_done):
                    changed = (await anext(changes)).tasks
                    if output.is_terminal and not output.as_json:
                        await asyncio.sleep(_GATHER_SECONDS)
                    wanted = [task_id for task_id in service.tasks if task_id in changed]
                    shown.tell(service.tasks[each] for each in wanted if not named or each in named)
    except TimeoutError:
        output.say(_("--timeout ended; the tasks go on"))
        return Exit.UNKNOWN
    return exits.gravest(exits.of_task(service.tasks[task_id]) for task_id in named)


class _Shown:
    """What was told so far, so that nothing is told twice."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._tasks: dict[str, Task] = {}
        self._said: dict[str, str] = {}
        self._painting = Painting()

    def tell(self, tasks: Iterable[Task]) -> None:
        """Tell what is new of `tasks`."""
        new = [task for task in tasks if self._said.get(task.id) != describe.progress_line(task)]
        self._said |= {task.id: describe.progress_line(task) for task in new}
        self._tasks |= {task.id: task for task in new}
        if self._output.as_json:
            for task in new:
                self._output.data(to_json(task))
        elif self._output.is_terminal:
            if new:
                self._paint()
        else:
            for task in new:
                self._output.text(describe.progress_line(task))

    @contextmanager
    def resizing(self) -> Iterator[None]:
        """Paint anew whenever the terminal's size changes."""
        import asyncio
        import signal

        loop = asyncio.get_running_loop()
        if self._output.as_json or not self._output.is_terminal:
            yield
            return
        loop.add_signal_handler(signal.SIGWINCH, self._paint)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)

    def _paint(self) -> None:
        if self._tasks:
            rows = [describe.watch_row(task) for task in reversed(self._tasks.values())]
            self._painting = self._output.repaint([tuple(map(_, describe.WATCH_HEAD)), *rows], self._painting)


def _is_over(service: Service, named: list[str], *, until_done: bool) -> bool:
    if named:
        return all(service.is_settled(service.tasks[task_id]) for task_id in named)
    return until_done and all(map(service.is_settled, service.tasks.values()))


def _run(args: Namespace, output: Output) -> int:
    return with_service(watch, args, output, leads=True)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=_("a task's id; without any, whatever changes"))
    parser.add_argument(
        "--until-done", action="store_true", help=_("without an ID: end when no task needs watching any more")
    )
    parser.add_argument("--timeout", type=positive, metavar="SECONDS", help=_("end after this time"))


COMMAND = Command(
    description=N_("""\
Show tasks as they change: in a terminal a table that is rewritten in place, otherwise a line for each
change, with --json the task's record. Works on the tasks itself unless another reeltop already does. With
an ID it ends when those tasks have; otherwise ctrl+c ends it."""),
    epilog=N_("""\
examples:
  reeltop watch
  reeltop watch 3f2a 77b1
  reeltop watch --json --until-done | jq -r '[.id, .status] | @tsv'"""),
    arguments=_arguments,
    run=_run,
)
