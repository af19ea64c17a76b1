"""What one task keeps of an answer about many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from backend.providers.contract import HttpAnswer

_DEEPEST = 8


def excerpt(answer: HttpAnswer, remote_id: str) -> HttpAnswer:
    """Return `answer` cut down to the object that speaks of `remote_id`, or whole if there is none."""
    for item in _objects(answer.json(), _DEEPEST):
        if any(str(value) == remote_id for value in item.values() if isinstance(value, (str, int))):
            body = json.dumps(item, ensure_ascii=False, default=str).encode("utf-8", "replace")
            return HttpAnswer(status=answer.status, body=body, headers=answer.headers)
    return answer


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects in `value`, outermost first."""
    if depth and isinstance(value, dict):
        yield value
        for nested in value.values():
            yield from _objects(nested, depth - 1)
    elif depth and isinstance(value, list):
        for nested in value:
            yield from _objects(nested, depth - 1)
