"""The top line of every screen: what this is, whether it costs money, how things stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from backend.language import N_, _
from backend.states import Status
from tui.formatters import STYLES, SYMBOLS
from tui.widgets.detail_lines import cut

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service

SANDBOX = N_("SANDBOX: nothing here costs money")

_ORDER = (
    Status.RUNNING,
    Status.QUEUED,
    Status.SUBMITTING,
    Status.WAITING,
    Status.UNCONFIRMED,
    Status.FAILED,
    Status.REJECTED,
    Status.SUCCEEDED,
    Status.LOST,
    Status.CANCELLED,
)

_GAP = 1

Part = tuple[str, str]
"""Text and the suffix of its component class."""


_SHORT = {
    Status.RUNNING: N_("run"),
    Status.QUEUED: N_("queue"),
    Status.SUBMITTING: N_("send"),
    Status.WAITING: N_("wait"),
    Status.UNCONFIRMED: N_("unsure"),
    Status.FAILED: N_("fail"),
    Status.REJECTED: N_("refused"),
    Status.SUCCEEDED: N_("ok"),
    Status.LOST: N_("lost"),
    Status.CANCELLED: N_("off"),
}


class Tally:
    """How many tasks stand where; kept up at the cost of what changed."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        """Count all of `tasks`, a live view of them."""
        self._tasks = tasks
        self._known = {key: task.status for key, task in tasks.items()}
        self.counts = Counter(self._known.values())

    def learn(self, ids: Iterable[str]) -> None:
        """Count these anew: they are other ones, new or gone."""
        for key in ids:
            if (before := self._known.pop(key, None)) is not None:
                self.counts[before] -= 1
            if (task := self._tasks.get(key)) is not None:
                self._known[key] = task.status
                self.counts[task.status] += 1


def count_parts(counts: Mapping[Status, int], room: int) -> list[Part]:
    """Return how many tasks stand where: in words, in short ones, or where there is no room in marks."""
    present = [status for status in _ORDER if counts.get(status)]
    words = [(f"{SYMBOLS[status]} {counts[status]} {status.word} ", STYLES[status]) for status in present]
    if _width(words) <= room:
        return words
    short = [(f"{SYMBOLS[status]}{counts[status]} {_(_SHORT[status])}", STYLES[status]) for status in present]
    marks = [(f"{SYMBOLS[status]}{counts[status]}", STYLES[status]) for status in present]
    for spelled in range(len(short), -1, -1):
        parts = short[:spelled] + marks[spelled:]
        if _width(parts) <= room:
            return parts
    while marks and _width(marks) > room:
        marks.pop()
    return marks


def _width(parts: Sequence[Part]) -> int:
    return sum(cell_len(text) + _GAP for text, _ in parts)


class HeaderBar(Widget):
    """One line: name, sandbox badge, and on the right either a screen's title or the counts of tasks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--name",
        "header--sandbox",
        "header--title",
        "header--muted",
        "header--active",
        "header--good",
        "header--doubtful",
        "header--bad",
    }

    DEFAULT_CSS = """
    HeaderBar {
        height: 1;
        background: $panel;

        & > .header--name { text-style: bold; }
        & > .header--sandbox { background: $warning; color: $background; text-style: bold; }
        &:ansi > .header--sandbox { color: ansi_black; }
        &:nocolor > .header--sandbox { text-style: bold reverse; }
        & > .header--muted { color: $text-muted; }
        & > .header--active { color: $primary; }
        & > .header--good { color: $success; }
        & > .header--doubtful { color: $warning; }
        & > .header--bad { color: $error; }
    }
    """

    def __init__(self, service: Service | None = None, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._service = service
        self._title = title
        self._parts: list[Part] = []
        self._tally: Tally | None = None

    def show(self, service: Service, changed: Iterable[str] | None = None) -> None:
        """Show how things stand now, if only these tasks have changed; None: perhaps all."""
        if changed is None or self._tally is None or service is not self._service:
            self._tally = Tally(service.tasks)
        else:
            self._tally.learn(changed)
        self._service = service
        parts = self._make_parts()
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def rename(self, title: str) -> None:
        """Show another title."""
        self._title = title
        self._parts = self._make_parts()
        self.refresh()

    def on_mount(self) -> None:
        self._parts = self._make_parts()

    def on_resize(self) -> None:
        self._parts = self._make_parts()
        self.refresh()

    def _make_parts(self) -> list[Part]:
        parts: list[Part] = [(" reeltop ", "name")]
        service = self._service
        if service is None:
            return parts
        if service.is_sandbox:
            parts.append((f" {_(SANDBOX)} ", "sandbox"))
        if service.is_read_only:
            parts += [(" ", "")] if service.is_sandbox else []
            parts.append((f" {_('READ-ONLY')} ", "sandbox"))
        room = self.size.width - 1 - sum(cell_len(text) for text, _ in parts)
        if self._tally is None:
            self._tally = Tally(service.tasks)
        right = [(self._title, "title")] if self._title else count_parts(self._tally.counts, room)
        parts.append((" " * max(0, room - _width(right)), ""))
        for text, style in right:
            parts += [(" " * _GAP, ""), (text, style)]
        return parts

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        plain = self.rich_style
        segments = [Segment(text, plain + self._look(style)) for text, style in self._parts]
        return Strip(segments).adjust_cell_length(self.size.width, plain)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"header--{name}", partial=True) if name else Style()


class NoticeLine(Widget):
    """A line for what is wrong beyond a single task; takes no room while nothing is."""

    DEFAULT_CSS = """
    NoticeLine {
        height: 1;
        display: none;
        color: $warning;
        text-style: bold;
        background: $surface;
        &.-needed { display: block; }
    }
    """

    _words = ""

    def show(self, words: str) -> None:
        """Show one line of words, or nothing."""
        if words != self._words:
            self._words = words
            self.set_class(bool(words), "-needed")
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        line = Strip([Segment(cut(f" ! {self._words}", self.size.width), self.rich_style)])
        return line.adjust_cell_length(self.size.width, self.rich_style)
