"""Partial files that nobody will finish: found, counted, removed.

A partial file is kept as long as a task in the list has yet to fetch it. Of a file that is saved it is
removed at once: reeltop was ended between two steps. One that no task in the list refers to may be another
reeltop's, or of a task that is brought back from the archive: it is removed :data:`KEPT` after its last byte.
What is being written, and whatever is not named like a partial file, is never touched.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.clock import Clock
from backend.engine.part import drop, part_files, part_name
from backend.engine.waiting import in_thread
from backend.ledger.store import TaskStore
from backend.models import ArtifactState, Task

KEPT = timedelta(days=7)
_EVERY_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Partial:
    """A file that is not whole."""

    path: Path
    size: int
    """Bytes."""
    changed_at: datetime
    state: ArtifactState | None
    """Of the result that it is the beginning of; None if no task in the list has such a one."""

    def is_left_over(self, now: datetime) -> bool:
        """Whether nobody will finish it."""
        if self.state is None:
            return now - self.changed_at >= KEPT
        return self.state is ArtifactState.SAVED


async def keep_tidy(store: TaskStore, folder: Path, clock: Clock) -> None:
    """Remove what is left over below the downloads `folder`, now and once a day, for ever."""
    while True:
        tasks = tuple(store.tasks.values())
        await in_thread(remove_left_over, folder, tasks, clock.now())
        await clock.sleep(_EVERY_SECONDS)


def remove_left_over(folder: Path, tasks: Iterable[Task], now: datetime) -> list[Partial]:
    """Remove what is left over below the downloads `folder` and return it. Blocks."""
    return [each for each in find_partial(folder, tasks) if each.is_left_over(now) and drop(each.path)]


def find_partial(folder: Path, tasks: Iterable[Task]) -> list[Partial]:
    """Return all partial files below the downloads `folder`. Blocks."""
    paths = part_files(folder)
    if not paths:
        return []
    states = {
        part_name(task.id, index): artifact.state
        for task in tasks
        for index, artifact in enumerate(task.artifacts)
    }
    return [found for path in paths if (found := _partial(path, states.get(path.name)))]


def _partial(path: Path, state: ArtifactState | None) -> Partial | None:
    try:
        facts = path.lstat()
    except OSError:  # just finished
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return Partial(path, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC), state)
