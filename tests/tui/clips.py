"""Tasks with real clips, as the sandbox makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.models import ArtifactState, Status, Task
from backend.sandbox import media
from tests.backend.media.conftest import job
from tests.tui.fakes import make_task, result


def task_with_clip(folder: Path, task_id: str = "c7clip", **fields: Any) -> Task:
    """Return a task that succeeded and whose clip lies in `folder`."""
    prompt = fields.setdefault("prompt", "猫 in a [red]boat[/red] at night")
    path = folder / f"{task_id}.mp4"
    data = media.video(job(prompt))
    path.write_bytes(data)
    saved = result(
        state=ArtifactState.SAVED,
        path=str(path),
        bytes_done=len(data),
        bytes_total=len(data),
        checks=("mp4",),
    )
    return make_task(task_id, Status.SUCCEEDED, artifacts=(saved,), **fields)
