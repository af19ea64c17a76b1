"""In what two tasks differ. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from backend.models import Task
from backend.text import clean_block, clean_line
from tui.detail import Row, Section
from tui.formatters import operation_name, status_mark

_MISSING = "not set"


def differences(left: Task, right: Task) -> list[Section]:
    """Return the facts and request fields that are not the same, each with both values."""
    sections = [
        Section("Tasks differ in", tuple(_rows(_facts(left), _facts(right)))),
        Section("Requests differ in", tuple(_rows(dict(_fields(left)), dict(_fields(right))))),
    ]
    found = [section for section in sections if section.rows]
    return found or [Section("", (Row("", "Same account, operation and request, field by field."),))]


def _facts(task: Task) -> dict[str, str]:
    charged = ", ".join(f"{charge.amount} {clean_line(charge.unit)}" for charge in task.charges)
    return {
        "Status": status_mark(task.status),
        "Account": clean_line(task.account),
        "Operation": operation_name(task),
        "Charged": charged or "nothing reported",
    }


def _fields(task: Task) -> Iterator[tuple[str, str]]:
    yield from _flat(task.request, "")


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, nested in value.items():
            yield from _flat(nested, f"{path}.{name}" if path else str(name))
    elif isinstance(value, str):
        yield clean_line(path), clean_block(value)
    else:
        yield clean_line(path), clean_block(json.dumps(value, ensure_ascii=False))


def _rows(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Row]:
    for name in dict.fromkeys((*left, *right)):
        one, other = left.get(name, _MISSING), right.get(name, _MISSING)
        if one != other:
            yield Row(name, f"1  {one}")
            yield Row(" ", f"2  {other}")
