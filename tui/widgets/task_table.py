"""The live table of tasks, newest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from backend.measures import is_problem
from tui.actions import BY_ID
from tui.cells import COLUMNS, row
from tui.widgets.line_table import Cell, LineTable, lay_out

if TYPE_CHECKING:
    from backend.models import Task

_EDGES = 3
"""Cells beside the columns: cursor, mark and a gap."""


class TaskTable(LineTable):
    """Draws tasks from a read-only view of them; told what changed, it never asks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(BY_ID["follow"].keys, "screen.follow", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--muted",
        "line-table--active",
        "line-table--good",
        "line-table--doubtful",
        "line-table--bad",
    }

    DEFAULT_CSS = """
    TaskTable {
        & > .line-table--muted { color: $text-muted; }
        & > .line-table--active { color: $primary; }
        & > .line-table--good { color: $success; }
        & > .line-table--doubtful { color: $warning; }
        & > .line-table--bad { color: $error; }
    }
    """

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:
        super().__init__(COLUMNS, self._row, empty_text="Opening the ledger", id=id)
        self._now = now
        self._tasks: Mapping[str, Task] = {}
        self._typical: Callable[[Task], float | None] = lambda task: None
        self._columns: Collection[str] = frozenset(column.key for column in COLUMNS)

    def show(self, tasks: Mapping[str, Task], typical: Callable[[Task], float | None]) -> None:
        """Show these tasks from now on; `typical` gives the seconds that tasks like one usually take."""
        self._tasks, self._typical = tasks, typical
        self.set_keys(self._newest_first())

    def update(self, ids: Iterable[str]) -> None:
        """Show these tasks as they are now."""
        self.set_keys(self._newest_first())
        self.refresh_rows(key for key in ids if key in self._tasks)

    def next_problem(self) -> str | None:
        """Return the next task below the cursor that needs a look, from the top again after the last."""
        keys = self._newest_first()
        place = keys.index(self.cursor_key) + 1 if self.cursor_key in keys else 0
        return next((key for key in (*keys[place:], *keys[:place]) if is_problem(self._tasks[key])), None)

    def newest(self) -> str | None:
        """Return the task on top."""
        return next(iter(self._newest_first()), None)

    def _newest_first(self) -> Sequence[str]:
        return list(self._tasks)[::-1]

    def _row(self, key: str) -> Sequence[Cell]:
        task = self._tasks[key]
        return row(task, self._now(), self._typical(task), self._columns)

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width - _EDGES
        shown = frozenset(column.key for column, _ in lay_out(COLUMNS, width))
        if shown != self._columns:
            self._columns = shown
            self.refresh_visible()
