"""Tasks with real clips, as the sandbox makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.models import ArtifactState, Status, Task
from backend.sandbox import media
from tests.backend.media.conftest import job
from tests.tui.fakes import make_task, result


def task_with_clip(folder: Path, task_id: str = "c7clip", seconds: float = 5.0, **fields: Any) -> Task:
    """Return a task that succeeded and whose clip of so many seconds lies in `folder`."""
    prompt = fields.setdefault("prompt", "猫 in a [red]boat[/red] at night")
    path = folder / f"{task_id}.mp4"
    path.write_bytes(media.video(job(prompt, seconds=seconds)))
    return saved_clip(path, task_id, **fields)


def saved_clip(path: Path, task_id: str = "c7clip", **fields: Any) -> Task:
    """Return a task that succeeded and whose file is `path`."""
    length = path.stat().st_size
    saved = result(
        state=ArtifactState.SAVED,
        path=str(path),
        bytes_done=length,
        bytes_total=length,
        checks=("mp4",),
    )
    return make_task(task_id, Status.SUCCEEDED, artifacts=(saved,), **fields)
