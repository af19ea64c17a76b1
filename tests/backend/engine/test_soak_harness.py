"""The soak, in short; at length it is ``python -m tests.harness.soak --hours 8``."""

from __future__ import annotations

from pathlib import Path

from tests.harness import soak


async def test_twenty_minutes_leave_nothing_stuck_and_nothing_lost(tmp_path: Path) -> None:
    story = await soak.run(tmp_path, hours=1 / 3, speed=120.0, seed=5)
    assert story.is_clean, story
    assert sum(verdict.tasks for verdict in story.verdicts.values()) >= 20
    assert story.faults
