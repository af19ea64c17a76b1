"""The live table of tasks, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from backend.language import _
from backend.measures import is_problem
from tui.actions import BY_ID, also
from tui.cells import COLUMNS, ROOM_FOR_RUNS, Sight, row
from tui.stepping import next_one
from tui.widgets.line_table import Cell, Column, LineTable

if TYPE_CHECKING:
    from backend.models import Task
    from tui.task_list import TaskList


class TaskTable(LineTable):
    """Draws tasks from a read-only view of them; told what changed, it never asks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        also("follow", "screen.follow"),
        *(
            Binding(key, f"screen.view({key})", show=False, id=f"view_number.{key}")
            for key in BY_ID["view_number"].keys.split(",")
        ),
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
        super().__init__(COLUMNS, self._row, empty_text=_("Opening the ledger"), id=id)
        self._now = now
        self._list: TaskList | None = None
        self.is_held = False
        """Whether it keeps the tasks that it shows, in their order."""
        self._tasks: Mapping[str, Task] = {}
        self._typical: Callable[[Task], float | None] = lambda task: None
        self._columns: tuple[Column, ...] = COLUMNS
        self._runs: Callable[[Task], int] = lambda task: 0
        self._with_room: Mapping[str, int] = {column.key: column.width for column in COLUMNS}
        """Columns that are shown, with their widths."""

    def show(
        self,
        listed: TaskList,
        tasks: Mapping[str, Task],
        typical: Callable[[Task], float | None],
        runs: Callable[[Task], int],
    ) -> None:
        """Show what is `listed` of these tasks from now on; `typical` gives the seconds that tasks like one
        usually take, `runs` from how many that is known."""
        self._list, self._tasks, self._typical, self._runs = listed, tasks, typical, runs
        listed.show(tasks)
        self.is_held = False
        self.show_list()

    @property
    def has_tasks(self) -> bool:
        """Whether there are any, shown or not."""
        return bool(self._tasks)

    def hold(self, held: bool) -> None:
        """Keep the tasks that are shown, in their order, whatever the list has; or show that again."""
        self.is_held = held
        self.show_list()

    def _show_keys(self) -> None:
        if self._list is None:
            return
        if not self.is_held:
            self.set_keys(self._list.keys)
        elif any(key not in self._tasks for key in self.keys):
            self.set_keys([key for key in self.keys if key in self._tasks])

    def show_list(self) -> None:
        """Show what the list has now, with the marks that are left."""
        if self._list is None:
            return
        self._show_keys()
        sorted_by = self._list.sorted_by
        self.sort = sorted_by[0] if sorted_by else None
        self._fit_columns()

    def update(self, ids: Iterable[str]) -> None:
        """Show these tasks as they are now."""
        if self._list is None:
            return
        ids = list(ids)
        self._list.update(ids)
        if gone := [key for key in self.marks.intersection(ids) if key not in self._tasks]:
            self.set_marks(self.marks.difference(gone))
        self._show_keys()
        self.refresh_rows(key for key in ids if key in self._tasks)

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, as far as there is room."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.set_columns(columns)
            self._fit_columns()

    def next_problem(self, step: int = 1) -> str | None:
        """Return the next task below the cursor that needs a look, from the top again after the last; with
        a `step` of -1 the other way round."""
        found = next_one(self.keys, self.cursor_key, lambda key: is_problem(self._tasks[key]), step)
        return found.key if found is not None else None

    def newest(self) -> str | None:
        """Return the newest task of those shown."""
        return self._list.newest() if self._list is not None else None

    def _row(self, key: str) -> Sequence[Cell]:
        task = self._tasks[key]
        room = self._with_room.get("progress", self._with_room.get("result", 0))
        runs = self._runs(task) if room >= ROOM_FOR_RUNS else 0
        needs = self._list.needs(task) if self._list else None
        sight = Sight(self._now(), self._typical(task), runs, needs)
        return row(task, sight, [column.key for column in self._columns], self._with_room)

    def on_resize(self) -> None:
        self._fit_columns()

    def _fit_columns(self) -> None:
        shown = {column.key: wide for column, wide in self.room()}
        if shown != self._with_room:
            self._with_room = shown
            self.refresh_visible()
