"""Start-up of commands that only look: ``python -m tests.benchmarks.startup [--rounds 15]``.

Each is a process of its own, against ``python -c "import pydantic, tinydb"``, by turns in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.ledger.tinydb_store import open_store
from tests.benchmarks.ledger import make_task
from tests.benchmarks.table import Row, print_rows

MANY = 10_000
GOAL = 1.5
_CONFIG = '[accounts.kling]\nprovider = "kling"\napi_key = "env:KEY"\n'
_AGAINST = "import pydantic, tinydb"


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return how long a command takes. Raises CalledProcessError."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


async def _fill(data: Path, size: int) -> None:
    store = await open_store(data / "ledger")
    await store.add(make_task(number) for number in range(size))
    await store.close()


def main() -> int:
    """Print the figures; return 1 if a goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="reeltop-") as scratch:
        home = Path(scratch)
        config = home / "config.toml"
        config.write_text(_CONFIG)
        cases = []
        for name, size, words, goal in (
            ("list --json, 10 tasks", 10, ["list", "--json"], GOAL),
            ("completion of a task's id, 10 tasks", 10, ["__complete", "show", ""], None),
            ("list --json --limit 20, 10,000 tasks", MANY, ["list", "--json", "--limit", "20"], None),
            ("list --json, 10,000 tasks", MANY, ["list", "--json"], None),
        ):
            data = home / str(size)
            if not data.exists():
                data.mkdir(0o700)
                asyncio.run(_fill(data, size))
            environment = {"HOME": scratch, "REELTOP_CONFIG": str(config), "REELTOP_DATA": str(data)}
            cases.append((Row(name, _AGAINST, goal), ["-m", "backend", *words], environment))
        for _ in range(rounds):
            for row, command, environment in cases:
                ours = seconds(command, environment)
                row.add(ours * 1000, seconds(["-c", _AGAINST], environment) * 1000)
    return print_rows(row for row, _, _ in cases)


if __name__ == "__main__":
    sys.exit(main())
