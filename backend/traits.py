"""What of a request decides its price, in the same words for every provider. Pure.

A trait is the value of the field with that role; of a field that is not set, what the provider is known to
assume; missing if that is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel
    from backend.providers.specs import FieldSpec

ROLES = ("model", "duration", "resolution", "quality", "sound")
"""Roles whose values are traits."""

_HEIGHT = re.compile(r"\d{3,4}")
_SOUND = {
    "true": "on",
    "enabled": "on",
    "native": "on",
    "false": "off",
    "disabled": "off",
}


def traits_of(model: type[RequestModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the traits of a request's values, as :meth:`RequestModel.values` or a task has them."""
    found = {}
    for name, spec in _priced_fields(model):
        value = _at(values, spec.name)
        text = spec.assumed if value is None else str(value)
        if text:
            found[name] = tidy(name, text)
    return found


def tidy(name: str, value: str | float) -> str:
    """Return a trait's value in our words: ``1080p``, ``on``, lower case."""
    text = str(value).strip().lower()
    if name == "resolution" and _HEIGHT.fullmatch(text):
        return f"{text}p"
    return _SOUND.get(text, text) if name == "sound" else text


@cache
def _priced_fields(model: type[RequestModel]) -> tuple[tuple[str, FieldSpec], ...]:
    from backend.providers.specs import all_specs

    return tuple((spec.role.value, spec) for spec in all_specs(model) if spec.role and spec.role in ROLES)


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
