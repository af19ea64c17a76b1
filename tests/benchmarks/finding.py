"""What a filter costs at each key press, and an order, with 10,000 tasks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from time import perf_counter

from backend.query import parse
from backend.states import Status
from tests.benchmarks.table import Row, print_rows
from tests.tui.fakes import NOW, make_task
from tui.task_list import TaskList
from tui.views import make_views

_TASKS = 10_000
_ROUNDS = 5
_WORDS = [
    "rainy",
    "street",
    "neon",
    "cat",
    "window",
    "light",
    "dolly",
    "slow",
    "macro",
    "frost",
    "leaf",
    "fox",
    "猫",
    "雨",
]
_FILTERS = (
    "rainy",
    "rainy street -cat",
    "status:failed,lost",
    "prompt:frost age<2h",
    "is:problem",
    "sort:-age",
)


def main() -> int:
    """Measure each filter, and one change, against looking at every task and every view again."""
    chance = Random(7)
    statuses = list(Status)
    tasks = {
        f"t{place}": make_task(
            f"t{place}", chance.choice(statuses), age=place, prompt=" ".join(chance.choices(_WORDS, k=25))
        )
        for place in range(_TASKS)
    }
    listed = TaskList(lambda: NOW, make_views(["studio", "relay"], {}))
    listed.show(tasks)
    rows = []
    for text in _FILTERS:
        row = Row(text, "all views anew", goal=50, unit="ms")
        for _ in range(_ROUNDS):
            listed.query = parse(text)
            row.add(_spent(lambda: _narrow(listed)), _spent(listed.refresh))
        rows.append(row)
    row = Row("one changed task, sorted", "all views anew", goal=0.5)
    for place in range(_ROUNDS):
        tasks[f"t{place}"] = make_task(f"t{place}", Status.FAILED, age=place)
        row.add(_spent(partial(_change, listed, f"t{place}")), _spent(listed.refresh))
    return print_rows([*rows, row])


def _narrow(listed: TaskList) -> Sequence[str]:
    listed.narrow()
    return listed.keys


def _change(listed: TaskList, task_id: str) -> Sequence[str]:
    listed.update([task_id])
    return listed.keys


def _spent(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return 1000 * (perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
