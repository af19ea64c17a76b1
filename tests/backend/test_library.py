"""The README's example for Python runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readmes_example_makes_a_film(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(list(filter(str.strip, code.splitlines()))) <= 15
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REELTOP_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**kept, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first == "Costs nothing: this is the sandbox."
    status, path = last.split(" ", 1)
    assert status == "succeeded"
    assert Path(path).is_file()


def test_the_packages_say_that_they_are_typed() -> None:
    assert (ROOT / "backend" / "py.typed").exists()
    assert (ROOT / "tui" / "py.typed").exists()
