"""Nothing that an operation takes is missing from the tables: no field, and no word of a closed list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from backend.providers import registry
from backend.providers.fields import FieldSpec, RequestModel, field_specs

from . import chanjing, gateway, kling, kling_v2, relay
from .rows import Row

ROWS: list[Row] = [*kling.ROWS, *kling_v2.ROWS, *relay.ROWS, *gateway.ROWS, *chanjing.ROWS]
OPERATIONS = [
    (name, operation)
    for name, known in registry.providers().items()
    for operation in known.operations
    if operation != "remix"  # which needs a film to begin with: its few rules have tests of their own
]


ELSEWHERE = {
    ("kling", "v2-text2video"): {"model"},  # in the path, where an unknown one is no bad value but a 404
    ("kling", "v2-image2video"): {"model"},
    ("openai-video", "generate"): {"shot_type"},  # within a text that is kept as it is if it says else
}
"""Fields whose limits no row can break."""


def taken(provider: str, operation: str) -> list[RequestModel]:
    """Return the requests of all rows that are taken."""
    model = registry.operation(provider, operation).model
    rows = [row for row in ROWS if row.operation == (provider, operation) and not row.field]
    bodies = [{**row.body, "model": row.model} if row.model else row.body for row in rows]
    return [model.from_body(body) for body in bodies]


def wanted(specs: tuple[FieldSpec, ...], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field by dotted name, with each of its values if it has a closed list of them."""
    for spec in specs:
        name = f"{prefix}{spec.name}"
        if spec.fields:
            yield from wanted(spec.fields, prefix)
        elif spec.items:
            yield from wanted(spec.items, f"{name}.")
        elif spec.closed:
            yield from ((name, choice) for choice in spec.choices)
        else:
            yield name, None


def told(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a request says, once with and once without the value."""
    if isinstance(values, Mapping):
        yield prefix, None
        for name, value in values.items():
            yield from told(value, f"{prefix}.{name}" if prefix else name)
    elif isinstance(values, list) and any(isinstance(value, Mapping) for value in values):
        for value in values:
            yield from told(value, prefix)
    else:
        yield prefix, None
        if not isinstance(values, list):
            yield prefix, values


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_every_field_has_a_row(provider: str, operation: str) -> None:
    requests = taken(provider, operation)
    assert requests
    said = {one for request in requests for one in told(request.values())}
    model = registry.operation(provider, operation).model
    missing = [one for one in wanted(field_specs(model)) if one not in said]
    assert missing == []


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_every_limit_has_a_row_that_breaks_it(provider: str, operation: str) -> None:
    model = registry.operation(provider, operation).model
    refused = {row.field for row in ROWS if row.operation == (provider, operation)}
    limited = [
        spec.name
        for spec in field_specs(model)
        if not spec.fields
        and (spec.closed or spec.required or spec.maximum is not None or spec.max_length is not None)
        and len(spec.choices) != 1
    ]
    limited = [name for name in limited if name not in ELSEWHERE.get((provider, operation), ())]
    missing = [name for name in limited if not any(said.partition(".")[0] == name for said in refused)]
    assert missing == []
