"""Fields, and choices of fields, that are of no use with the values given so far.

A request model names them in :meth:`~backend.providers.fields.RequestModel.idle`. That one table both lets
a form leave out what would do nothing, and warns of what is set all the same. It never refuses anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.errors import Issue
from backend.language import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Fields that are of no use with the values given so far, or some choices of a field."""

    fields: tuple[str, ...]
    """Dotted names; an object stands for all that is nested in it."""
    because: str
    """Why, in words that stand before the fields' titles: ``not for kling-v1``."""
    source: str
    doubt: str = ""
    """What to warn of at the first of these fields that is set all the same; empty where a rule refuses it,
    or where it does no harm."""
    choices: tuple[str, ...] = ()
    """If there are any, only these values are of no use; the field is."""


def not_for(model: str) -> str:
    """Return why fields are idle that `model` does not have."""
    return _("not for {model}").format(model=model)


def doubts(found: Iterable[Idle], values: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield a warning for what is idle and set in `values` all the same, each field by its first reason."""
    told: set[str] = set()
    for idle in found:
        fields = [name for name in idle.fields if name not in told]
        if not idle.choices:
            told.update(fields)
        used = next((name for name in fields if _is_doubted(idle, values, name)), "")
        if used and idle.doubt:
            yield Issue(used, idle.doubt, idle.source)


def _is_doubted(idle: Idle, values: Mapping[str, Any], name: str) -> bool:
    return str(_value(values, name)) in idle.choices if idle.choices else is_used(values, name)


def is_used(values: Mapping[str, Any], name: str) -> bool:
    """Whether a field, by dotted name, asks for something."""
    value = _value(values, name)
    return value is not None and value is not False and value not in ("", "off", [], {})


def _value(values: Mapping[str, Any], name: str) -> Any:
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def believed(found: Iterable[Idle], believes: Callable[[str, str], bool]) -> Iterator[Idle]:
    """Yield what is idle by sources that the user believes; asked with a field's name and the source."""
    for idle in found:
        fields = tuple(name for name in idle.fields if believes(name, idle.source))
        if fields:
            yield replace(idle, fields=fields)


def idle_fields(found: Sequence[Idle], names: Iterable[str]) -> dict[str, Idle]:
    """Return which of the fields `names` are idle as a whole, each by its first reason."""
    whole = [idle for idle in found if not idle.choices]
    by_name = {name: next((idle for idle in whole if _covers(idle, name)), None) for name in names}
    return {name: idle for name, idle in by_name.items() if idle is not None}


def idle_choices(found: Iterable[Idle], name: str) -> dict[str, Idle]:
    """Return which choices of a field are idle."""
    return {choice: idle for idle in found if name in idle.fields for choice in idle.choices}


def _covers(idle: Idle, name: str) -> bool:
    return any(name == field or name.startswith(f"{field}.") for field in idle.fields)
