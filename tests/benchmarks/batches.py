"""Batches of 10,000 rows: ``python -m tests.benchmarks.batches [rounds]``.

Reading and checking a file whole, against reading the same file and making its request models with nothing
else; planning it against a ledger that has made every row; and the memory that the checked rows take, in a
process of its own.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from backend.accounts import Account
from backend.batches.plan import make_plan
from backend.batches.reading import read_sheet
from backend.batches.rows import Checked, Checker
from backend.costs import Costs
from backend.models import Status
from backend.pictures import PictureStore
from backend.providers import registry
from backend.secrets import SecretRef
from tests.benchmarks.ledger import make_task
from tests.benchmarks.table import Row, print_rows

ROWS = 10_000
_MEMORY = 80.0
"""MB for all rows."""
_PROVIDER = registry.provider("kling")
_OPERATION = _PROVIDER.operations["text2video"]
_ACCOUNT = Account(
    name="kling",
    provider=_PROVIDER,
    base_url="https://api.example",
    credentials={"api_key": SecretRef("literal", "k")},
    limits=_PROVIDER.limits,
)


def write(path: Path) -> None:
    """Write a table as it comes from a spreadsheet."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(["id", "prompt", "model_name", "duration", "mode", "tags"])
        for number in range(ROWS):
            prompt = f"Number {number}, 一只猫 on a train\n" + "x" * 250
            table.writerow([f"row-{number}", prompt, "kling-v2-6", "5", "pro", "night demo"])


def check(path: Path) -> Checked:
    """Read and check a file, as ``reeltop batch`` does."""
    return Checker(
        read_sheet(path),
        resolve=lambda account, operation: ("kling", "text2video"),
        place=lambda account, operation: (_ACCOUNT, _OPERATION),
        estimator=Costs().estimate,
        pictures=PictureStore(path.parent / "pictures", base=path.parent),
    ).check()


def bare(path: Path) -> None:
    """Read the file and make the models: what no program can do without."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            del row["id"], row["tags"]
            _OPERATION.model.model_validate(row)


def timed(job: Callable[[], object]) -> float:
    """Return the ms of processor time that a job takes: others on the machine do not count."""
    started = time.process_time()
    job()
    return (time.process_time() - started) * 1000


def memory(path: Path) -> float:
    """Return the MB that checked rows add to a process which has everything else loaded."""
    code = f"from tests.benchmarks.batches import weigh; weigh({str(path)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def weigh(path: str) -> None:
    """Print them, in a process of its own."""
    first = Path(path).with_name("first.csv")
    first.write_text("id,prompt\na,cat\n", encoding="utf-8")
    check(first)
    before = _peak()
    checked = check(Path(path))
    assert len(checked.rows) == ROWS
    print(_peak() - before)


def _peak() -> float:
    """Return the most memory that this process has had, in MB; getrusage tells its parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(rounds: int = 5) -> int:
    """Measure; return 1 if a goal is missed."""
    reading = Row("read and check 10,000 rows", "csv and request models alone", goal=2000.0, unit="ms")
    planning = Row("plan 10,000 rows made before", "reading and checking them", goal=1.0)
    weight = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shots.csv"
        write(path)
        for _ in range(rounds):
            ours = timed(lambda: check(path))
            reading.add(ours, timed(lambda: bare(path)))
            rows = check(path).rows
            tasks = [
                replace(make_task(n), row=row.key, request=row.values, status=Status.SUCCEEDED)
                for n, row in enumerate(rows)
            ]
            plan = timed(lambda: make_plan("shots", "shots.csv", rows, tasks, warnings={}))  # noqa: B023
            planning.add(plan, ours)
        weight = memory(path)
    code = print_rows([reading, planning])
    print(f"memory of all rows, at its peak: {weight:.0f} MB (≤ {_MEMORY:g} MB)")
    return code or int(weight > _MEMORY)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
