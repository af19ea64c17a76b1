"""What one task keeps of an answer about many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from backend.providers.contract import HttpAnswer

_DEEPEST = 8


class Excerpts:
    """The objects in an answer by whatever names them; read once, however many tasks it speaks of."""

    def __init__(self, answer: HttpAnswer) -> None:
        self._answer = answer
        self._by_value: dict[str, dict[str, Any]] = {}
        for item in _objects(answer.json(), _DEEPEST):
            for value in item.values():
                if isinstance(value, (str, int)):
                    self._by_value.setdefault(str(value), item)

    def of(self, remote_id: str) -> HttpAnswer:
        """Return the answer cut down to the object that speaks of `remote_id`, or whole if there is none."""
        item = self._by_value.get(remote_id)
        if item is None:
            return self._answer
        body = json.dumps(item, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return HttpAnswer(status=self._answer.status, body=body, headers=self._answer.headers)


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects in `value`, outermost first."""
    if depth and isinstance(value, dict):
        yield value
        for nested in value.values():
            yield from _objects(nested, depth - 1)
    elif depth and isinstance(value, list):
        for nested in value:
            yield from _objects(nested, depth - 1)
