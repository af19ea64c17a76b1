"""Downloads as they come in, on standard error: a few lines drawn over on a terminal, else a line now and
then."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from backend.cli.columns import cell_width, cut
from backend.cli.describe import span
from backend.download_progress import Progress, overall
from backend.language import _, listed
from backend.models import ArtifactState, Task
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service

_DRAWN_SECONDS = 0.5
_TOLD_SECONDS = 10.0
"""Between two lines where nothing can be drawn over."""
_MOST_LINES = 8
_BAR = 20
_NARROWEST = 40


@asynccontextmanager
async def shown(service: Service, output: Output, ids: Sequence[str]) -> AsyncIterator[None]:
    """Show how the files of these tasks come in while the block lasts."""
    drawing = None if output.quiet else _terminal()
    view = _View(service, ids)
    work = _draw(view, drawing) if drawing else _tell(view, output)
    showing = asyncio.create_task(work)
    try:
        yield
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
        if drawing:
            drawing.clear()


class _View:
    """What is to be said of the downloads now."""

    def __init__(self, service: Service, ids: Sequence[str]) -> None:
        self._service = service
        self._ids = ids
        self._files = sum(_unsaved(service.tasks[task_id]) for task_id in ids)

    def coming(self) -> Iterator[tuple[str, Progress]]:
        """Yield the files that are on their way, by name."""
        for task_id in self._ids:
            many = len(self._service.tasks[task_id].artifacts) > 1
            for index, progress in self._service.download_progress(task_id).items():
                name = _("{task} file {number}") if many else "{task}"
                yield name.format(task=task_id, number=index + 1), progress

    def sum(self) -> str:
        """Return all files in one line."""
        tasks = [self._service.tasks[task_id] for task_id in self._ids]
        saved = self._files - sum(map(_unsaved, tasks))
        files = (
            _("{saved} of {total} files").format(saved=saved, total=self._files) if self._files > 1 else ""
        )
        return listed(filter(None, (files, figures(overall(each for _name, each in self.coming())))))


def figures(progress: Progress) -> str:
    """Return ``12.3 MB of 40.0 MB, 1.2 MB/s, 23s left``, as far as it is known."""
    parts = [size(progress.done)]
    if progress.total:
        parts = [_("{done} of {total}").format(done=parts[0], total=size(progress.total))]
    if progress.rate is not None:
        parts.append(f"{size(progress.rate)}/s" if progress.rate else _("stalled"))
    if progress.seconds_left is not None:
        parts.append(_("{time} left").format(time=span(progress.seconds_left)))
    return listed(parts)


def size(count: float) -> str:
    """Return a number of bytes: ``12.3 MB``."""
    import humanize

    return humanize.naturalsize(count).replace("Bytes", "B").replace("Byte", "B")


def _unsaved(task: Task) -> int:
    return sum(artifact.state is not ArtifactState.SAVED for artifact in task.artifacts)


# -- where lines can be drawn over --------------------------------------------------------------------


class _Terminal:
    """Some lines at the bottom of a terminal, drawn over each time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn: list[str] = []

    def draw(self, lines: Iterable[str]) -> None:
        """Show these lines in place of those before; nothing is sent if they are the same."""
        fitting = [cut(clean_line(line), self.width - 1) for line in lines]
        if fitting != self._drawn:
            up = f"\x1b[{len(self._drawn)}F" if self._drawn else ""
            self._write(up + "".join(f"{line}\x1b[K\n" for line in fitting) + "\x1b[J")
            self._drawn = fitting

    def clear(self) -> None:
        """Take the lines away."""
        if self._drawn:
            self._write(f"\x1b[{len(self._drawn)}F\x1b[J")
            self._drawn = []

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # nobody looks any more
            self._stream.write(text)
            self._stream.flush()

    @property
    def width(self) -> int:
        """How many cells a line may take."""
        try:
            return max(_NARROWEST, os.get_terminal_size(self._stream.fileno()).columns)
        except OSError:
            return 80


def _terminal() -> _Terminal | None:
    stream = sys.stderr
    if stream is None or not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return None
    return _Terminal(stream)


async def _draw(view: _View, terminal: _Terminal) -> None:
    while True:
        await asyncio.sleep(_DRAWN_SECONDS)
        coming = list(view.coming())
        lines = [_line(name, each, terminal.width) for name, each in coming[:_MOST_LINES]]
        if len(coming) > _MOST_LINES:
            lines.append(_("and {count} more").format(count=len(coming) - _MOST_LINES))
        terminal.draw([*lines, _("in all  {words}").format(words=view.sum())])


def _line(name: str, progress: Progress, width: int) -> str:
    """Return a file's line, with a bar where there is room for one."""
    words = figures(progress)
    whole = f"{name}  {_bar(progress)}{words}"
    return whole if cell_width(whole) < width else f"{name}  {words}"


def _bar(progress: Progress) -> str:
    if progress.fraction is None:
        return ""
    done = int(progress.fraction * _BAR)
    return f"[{'#' * done}{'.' * (_BAR - done)}] {int(progress.fraction * 100):>3}%  "


# -- where they cannot --------------------------------------------------------------------------------


async def _tell(view: _View, output: Output) -> None:
    told = time.monotonic()
    while True:
        await asyncio.sleep(_DRAWN_SECONDS)
        if time.monotonic() - told >= _TOLD_SECONDS:
            told = time.monotonic()
            for name, each in view.coming():
                output.say(f"{name}  {figures(each)}")
            output.say(_("in all  {words}").format(words=view.sum()))
