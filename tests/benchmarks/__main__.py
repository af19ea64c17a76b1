"""All benchmarks, one after the other, each in a process of its own: ``python -m tests.benchmarks [NAME …]``.

At the end every figure stands in one table, with its goal and whether it holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.table import KEPT_IN, Row, print_summary, read_rows

_FOLDER = Path(__file__).parent
_HELPERS = frozenset({"__init__", "__main__", "table", "polling_server"})


def main() -> int:
    """Run them; return the first exit code that is not 0, after all have run."""
    if unknown := set(sys.argv[1:]) - set(_names()):
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(_names())}")
    codes, rows = [], list[tuple[str, Row]]()
    with tempfile.TemporaryDirectory(prefix="reeltop-") as folder:
        for name in sys.argv[1:] or _names():
            print(f"\n== {name}", flush=True)
            kept = Path(folder) / name
            kept.touch()
            command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
            environment = os.environ | {KEPT_IN: str(kept)}
            codes.append(
                subprocess.run(command, cwd=_FOLDER.parents[1], env=environment, check=False).returncode
            )
            rows += [(name, row) for row in read_rows(kept)]
    print("\n== all")
    print_summary(rows)
    return next((code for code in codes if code), 0)


def _names() -> list[str]:
    return sorted(path.stem for path in _FOLDER.glob("*.py") if path.stem not in _HELPERS)


if __name__ == "__main__":
    sys.exit(main())
