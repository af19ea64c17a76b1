"""The request being made, kept on disk so that nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.files import replace_file

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel

VALUES = "@var:"
"""Begins the names of a draft's texts that are values of its variables, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request being made: texts as typed, by dotted field name."""

    account: str = ""
    operation: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """May hold texts of fields that the operation lacks: they come back with the operation."""


def load_draft(path: Path) -> Draft:
    """Return the draft kept at `path`, or an empty one if there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Draft(
            account=str(data["account"]),
            operation=str(data["operation"]),
            texts={str(name): str(text) for name, text in data["texts"].items()},
        )
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return Draft()


def save_draft(path: Path, draft: Draft) -> None:
    """Keep `draft` at `path`. Raises OSError."""
    replace_file(path, json.dumps(asdict(draft)))


def texts_of(model: type[RequestModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return a request's values as texts by dotted field name, as a person would have typed them.

    What `model` has no field for is not there, and no id that the user gave it: that belongs to one task.
    """
    from backend.providers.fields import Role, leaf_specs

    names = (spec.name for spec in leaf_specs(model) if spec.role is not Role.EXTERNAL_ID)
    found = ((name, _value(values, name.split("."))) for name in names)
    return {name: _text(value) for name, value in found if value is not None}


def _value(values: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = values
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
