"""Shows one task in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from backend.download_progress import Progress
from backend.models import Task
from tui.clips import clip_of
from tui.detail import Section, moving_sections, still_sections
from tui.widgets.clip_section import ClipSection
from tui.widgets.section_view import SectionView

if TYPE_CHECKING:
    from backend.media.media import Media


class DetailPane(SectionView):
    """A task's sections. The clock redraws only what moves with it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clip = ClipSection(self, self._assemble)
        self._shown_task: Task | None = None
        self._moving: tuple[Section, ...] = ()
        self._still: tuple[Section, ...] = ()

    def show(
        self,
        task: Task,
        now: datetime,
        typical: float | None,
        media: Media,
        coming: Mapping[int, Progress],
        runs: int,
    ) -> None:
        """Show a task as it stands now, its clip as `media` finds it, its files as they come in; `typical`
        rests on so many past `runs`. Another one is shown from its top."""
        if task is not self._shown_task:
            if self._shown_task is not None and task.id != self._shown_task.id:
                self.scroll_to(y=0)
            self._shown_task, self._still = task, tuple(still_sections(task, now))
        self._moving = tuple(moving_sections(task, now, typical, coming, runs))
        self._clip.want(media, clip_of(task))
        self._assemble()

    def show_nothing(self, media: Media) -> None:
        """Show no task: there is none under the cursor."""
        self._shown_task, self._moving, self._still = None, (), ()
        self._clip.want(media, None)
        self.show_sections(())

    def on_unmount(self) -> None:
        self._clip.let_go()

    def _assemble(self) -> None:
        # The head says which task it is; then what it looks like.
        head, *others = self._moving
        self.show_sections((head, *self._clip.sections, *others, *self._still))
