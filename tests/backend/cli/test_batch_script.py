"""What people put into cron: a shell script, a batch, kill -9, and the same command again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .conftest import COMMAND, ROOT, Reeltop

SCRIPT = Path(__file__).parent / "scripts" / "batch.sh"


def test_a_batch_killed_twice_and_run_again_makes_each_row_exactly_once(
    bare: Reeltop, tmp_path: Path
) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    command = " ".join(COMMAND)
    done = subprocess.run(
        ["sh", str(SCRIPT), str(folder)],
        cwd=ROOT,
        env=bare.env(REELTOP=command, PYTHON=sys.executable, PYTHONPATH=str(ROOT), PATH=os.environ["PATH"]),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["jobs 200", "tasks 200", "succeeded 200", "again 1"]
    assert done.stderr.count("killed with") == 2
