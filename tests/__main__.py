"""All checks, in the order in which they fail fastest: ``python -m tests [pytest arguments]``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Run the checks; return the first exit code that is not 0."""
    checks = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["pytest", *(sys.argv[1:] or ["-n", str(2 * (os.cpu_count() or 1))])],  # most of the time is waiting
    ]
    for check in checks:
        print("$", *check, flush=True)
        code = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
