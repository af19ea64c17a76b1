"""The request being made, kept on disk so that nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backend.files import replace_file


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
