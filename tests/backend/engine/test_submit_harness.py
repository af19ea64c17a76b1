"""The submit harness, in short; at length it is ``python -m tests.harness.submit``."""

from __future__ import annotations

from pathlib import Path

from tests.harness import submit


async def test_never_two_jobs_for_one_task_and_none_unknown(tmp_path: Path) -> None:
    story = await submit.run(tmp_path, tasks=60, seed=7)
    assert story.is_clean, story.verdicts
    assert sum(verdict.tasks for verdict in story.verdicts.values()) >= 60
    assert sum(story.kills.values()) >= 3
    assert story.faults
