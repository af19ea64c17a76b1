"""A task's request as a new draft. Imported when one is wanted: request models are slow to load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.errors import ReeltopError
from backend.models import Task
from backend.providers.fields import Role, leaf_specs
from backend.service import Draft

if TYPE_CHECKING:
    from backend.service import Service


def draft_of(service: Service, task: Task) -> Draft:
    """Return a draft with the task's fields, but for its own id. Raises UsageError if its account or
    operation is gone."""
    operation = service.operation(task.account, task.operation)
    texts = {}
    for spec in leaf_specs(operation.model):
        value = _value(task.request, spec.name.split("."))
        if value is not None and spec.role is not Role.EXTERNAL_ID:
            texts[spec.name] = _text(value)
    return Draft(account=task.account, operation=task.operation, texts=texts)


def cost_of(service: Service, task: Task) -> str:
    """Return what is known of the price of sending the task's request once more."""
    try:
        return service.prepare(draft_of(service, task)).cost
    except ReeltopError:
        return "Its price is not known."


def _value(request: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = request
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
