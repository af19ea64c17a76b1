"""A dashboard with a configuration of its own, in its own process: keys are bound when it is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.contract.test_imports import ROOT


def run_configured(script: str, folder: Path, text: str, *, seconds: float) -> None:
    """Run `script` with the path of a configuration that says `text`; it must end well, and in time."""
    config = folder / "config.toml"
    config.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", script, str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
