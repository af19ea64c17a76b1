"""Shows one task in full."""

from __future__ import annotations

from datetime import datetime

from backend.models import Task
from tui.detail import Section, moving_sections, still_sections
from tui.widgets.section_view import SectionView


class DetailPane(SectionView):
    """A task's sections. The clock redraws only what moves with it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown_task: Task | None = None
        self._still: tuple[Section, ...] = ()

    def show(self, task: Task, now: datetime, typical: float | None) -> None:
        """Show a task as it stands now. Another one is shown from its top."""
        if task is not self._shown_task:
            if self._shown_task is not None and task.id != self._shown_task.id:
                self.scroll_to(y=0)
            self._shown_task, self._still = task, tuple(still_sections(task, now))
        self.show_sections((*moving_sections(task, now, typical), *self._still))
