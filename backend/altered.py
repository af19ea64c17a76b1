"""New versions of a task. Pure."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

from backend.models import Task

_FIELDS = tuple(field.name for field in fields(Task))
_values = attrgetter(*_FIELDS)
_SETTERS = {name: vars(Task)[name].__set__ for name in _FIELDS}


def altered(task: Task, **values: Any) -> Task:
    """Return a copy with other values: what ``dataclasses.replace`` does, in half the time.

    For what happens at every answer and every write. Raises KeyError for what is no field.
    """
    copy = object.__new__(Task)
    for setter, value in zip(_SETTERS.values(), _values(task), strict=True):
        setter(copy, value)
    for name, value in values.items():
        _SETTERS[name](copy, value)
    return copy
