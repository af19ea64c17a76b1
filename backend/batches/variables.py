"""Blanks such as ``{{subject}}`` and what fills them. A list fills in turn: rows multiply. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from backend.providers.vocabulary import VARIABLE

Binding = Mapping[str, Any]
"""One value for each variable that a row uses."""


def names_in(value: Any) -> Iterator[str]:
    """Yield the variables that `value` names, in order, each as often as it does."""
    if isinstance(value, str):
        if "{{" in value:
            yield from VARIABLE.findall(value)
    elif isinstance(value, Mapping):
        for nested in value.values():
            yield from names_in(nested)
    elif isinstance(value, list):
        for nested in value:
            yield from names_in(nested)


def used(values: Any, variables: Mapping[str, Any]) -> list[str]:
    """Return the known variables that `values` names, each once, in order.

    A variable's own value may name others; they count where it is used.
    """
    found: dict[str, None] = {}
    pending = list(names_in(values))
    while pending:
        name = pending.pop(0)
        if name in variables and name not in found:
            found[name] = None
            pending += names_in(variables[name])
    return list(found)


def count(values: Any, variables: Mapping[str, Any]) -> int:
    """Return how many :func:`expand` will yield, without making them."""
    return prod(len(_choices(variables[name])) for name in used(values, variables))


def expand(values: Any, variables: Mapping[str, Any]) -> Iterator[tuple[Binding, Any]]:
    """Yield `values` filled in every combination of the variables that it uses, the last changing fastest.

    With each comes the binding of those that have a choice. What has no variable stays as it is, unknown
    blanks stay blanks.
    """
    names = used(values, variables)
    several = [name for name in names if isinstance(variables[name], list)]
    for combination in product(*(_choices(variables[name]) for name in names)):
        binding = dict(zip(names, combination, strict=True))
        yield {name: binding[name] for name in several}, _fill(values, binding, len(names))


def _fill(value: Any, binding: Binding, depth: int) -> Any:
    """Fill blanks; those in the values that fill them `depth` times, so that a circle comes to an end."""
    if isinstance(value, str):
        if "{{" not in value:
            return value
        alone = VARIABLE.fullmatch(value.strip())
        if alone and alone[1] in binding:  # a blank alone takes the value with its type
            filled = binding[alone[1]]
            return _fill(filled, binding, depth - 1) if depth > 0 else filled
        text = VARIABLE.sub(lambda found: str(binding.get(found[1], found[0])), value)
        return _fill(text, binding, depth - 1) if depth > 0 and text != value else text
    if isinstance(value, Mapping):
        return {key: _fill(nested, binding, depth) for key, nested in value.items()}
    if isinstance(value, list):
        return [_fill(nested, binding, depth) for nested in value]
    return value


def _choices(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
