"""In what two tasks differ. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from backend.language import _
from backend.models import Task
from backend.text import clean_block, clean_line
from tui.detail import Row, Section
from tui.formatters import listed, operation_name, status_mark


def differences(left: Task, right: Task) -> list[Section]:
    """Return the facts and request fields that are not the same, each with both values."""
    sections = [
        Section(_("Tasks differ in"), tuple(_rows(_facts(left), _facts(right)))),
        Section(_("Requests differ in"), tuple(_rows(dict(_fields(left)), dict(_fields(right))))),
    ]
    found = [section for section in sections if section.rows]
    return found or [Section("", (Row("", _("Same account, operation and request, field by field.")),))]


def _facts(task: Task) -> dict[str, str]:
    charged = listed(f"{charge.amount} {clean_line(charge.unit)}" for charge in task.charges)
    return {
        _("Status"): status_mark(task.status),
        _("Account"): clean_line(task.account),
        _("Operation"): operation_name(task),
        _("Charged"): charged or _("nothing reported"),
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
        one, other = left.get(name, _("not set")), right.get(name, _("not set"))
        if one != other:
            yield Row(name, f"1  {one}")
            yield Row(" ", f"2  {other}")
