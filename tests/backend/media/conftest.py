"""Real files: clips of the sandbox, pictures, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.sandbox import media
from backend.sandbox.jobs import Film, Job

MakeClip = Callable[..., Path]


def job(prompt: str = "a boat", **film: object) -> Job:
    """Return a finished job of the sandbox."""
    return Job(
        id="8140",
        number=7,
        token="00ff",
        provider="kling",
        account="kling",
        operation="text2video",
        request={},
        prompt=prompt,
        film=Film(**film),  # type: ignore[arg-type]
        external_id=None,
        created=1_790_000_000.0,
        starts=1_790_000_001.0,
        ends=1_790_000_002.0,
        failure="",
    )


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """Make a clip file as the sandbox does."""

    def make(name: str = "clip.mp4", prompt: str = "a boat", **film: object) -> Path:
        path = tmp_path / name
        path.write_bytes(media.video(job(prompt, **film)))
        return path

    return make
