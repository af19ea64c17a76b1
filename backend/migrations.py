"""From the shape of an older reeltop's records to today's, one step for each number between them. Pure.

Whoever changes the shape of a record raises :data:`backend.records.SCHEMA` and adds the step from the former
number here, with a record of that number in ``tests/backend/test_migrations.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Step = Callable[[dict[str, Any]], dict[str, Any]]


def _from_0(record: dict[str, Any]) -> dict[str, Any]:
    """Drop the provider from the operation's name, and name the provider where that was its only place."""
    provider, slash, operation = str(record.get("operation", "")).rpartition("/")
    if not slash:
        return record
    return {**record, "operation": operation, "provider": record.get("provider") or provider}


STEPS: Mapping[int, Step] = {0: _from_0}
"""By the number of the shape that they start from."""


def migrated(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in today's shape; one of today's or of a newer reeltop as it is."""
    changed = dict(record)
    while (step := STEPS.get(changed.get("schema", max(STEPS) + 1))) is not None:
        number = changed["schema"] + 1
        changed = {**step(changed), "schema": number}
    return changed
