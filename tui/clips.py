"""Which file of a task can be shown, and whether the terminal can show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.language import _
from backend.states import ArtifactState
from backend.text import clean_line

if TYPE_CHECKING:
    from textual.app import App

    from backend.media.media import Media
    from backend.models import Task


def clip_of(task: Task | None) -> Path | None:
    """Return the first file of a task that is on this machine's disk."""
    if task is None:
        return None
    saved = (each.path for each in task.artifacts if each.state is ArtifactState.SAVED and each.path)
    return next((Path(path) for path in saved), None)


def clip_title(task: Task) -> str:
    """Return what tells a task's clip from others: ``studio · kling-v2-5 · a boat in the rain``."""
    return " · ".join(filter(None, map(clean_line, (task.account, task.model, task.prompt)))) or task.id


def no_pictures(app: App[Any], media: Media) -> str:
    """Return why there can be no pictures here; empty if there can."""
    if not media.can_decode:
        from backend.media.picture import NEEDS

        return _(NEEDS)
    if app.no_color or app.console.color_system not in ("truecolor", "256"):
        return _("This terminal shows too few colours for pictures")
    return ""
