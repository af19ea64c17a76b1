"""All benchmarks, one after the other, each in a process of its own: ``python -m tests.benchmarks``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent
_HELPERS = frozenset({"__init__", "__main__", "table", "polling_server"})


def main() -> int:
    """Run them; return the first exit code that is not 0, after all have run."""
    codes = []
    for path in sorted(_FOLDER.glob("*.py")):
        if path.stem not in _HELPERS:
            print(f"\n== {path.stem}", flush=True)
            command = [sys.executable, "-m", f"tests.benchmarks.{path.stem}"]
            codes.append(subprocess.run(command, cwd=_FOLDER.parents[1], check=False).returncode)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
