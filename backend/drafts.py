"""Requests being made, kept on disk so that nothing typed is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.files import replace_file

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel

VALUES = "@var:"
"""Begins the names of a draft's texts that are values of its variables, one a line."""
_TASK = "task-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request being made: texts as typed, by dotted field name."""

    account: str = ""
    operation: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """May hold texts of fields that the operation lacks: they come back with the operation."""
    task: str = ""
    """The waiting task whose request it is to replace; empty: it makes a new one."""
    sent: bool = False
    """Whether a task was made of it, and nothing was typed since."""

    @property
    def is_unsent(self) -> bool:
        """Whether something was typed that no task has."""
        return not self.sent and any(text.strip() for text in self.texts.values())


def read_draft(path: Path) -> Draft | None:
    """Return the draft kept at `path`; None if there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Draft(
            account=str(data["account"]),
            operation=str(data["operation"]),
            texts={str(name): str(text) for name, text in data["texts"].items()},
            task=str(data.get("task", "")),
            sent=data.get("sent") is True,
        )
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return None


def save_draft(path: Path, draft: Draft) -> None:
    """Keep `draft` at `path`. Raises OSError."""
    replace_file(path, json.dumps(asdict(draft)))


class DraftShelf:
    """Drafts that were put aside, a file each: changes of waiting tasks, and what was closed, or made room
    for another. Blocks: call it in a thread."""

    MOST = 200
    """Of the second sort; the oldest go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[tuple[datetime, Draft]]:
        """Return what was put aside, with when, the newest first. Raises OSError."""
        found = [(path.stat().st_mtime, read_draft(path)) for path in self._files()]
        found.sort(key=lambda pair: pair[0], reverse=True)
        return [
            (datetime.fromtimestamp(at, UTC), draft)
            for at, draft in found
            if draft is not None and draft.is_unsent
        ]

    def put(self, draft: Draft) -> None:
        """Put a draft aside, once however often. Raises OSError."""
        if not draft.is_unsent:
            return
        if draft.task:
            self.keep_change(draft)
            return
        save_draft(self._place(draft), draft)
        others = [path for path in self._files() if not path.name.startswith(_TASK)]
        for path in sorted(others, key=lambda path: path.stat().st_mtime)[: -self.MOST]:
            path.unlink(missing_ok=True)

    def take(self, draft: Draft) -> None:
        """Forget that a draft was put aside: it is open again. Raises OSError."""
        self._place(draft).unlink(missing_ok=True)

    def changes(self) -> list[Draft]:
        """Return what was typed to change tasks and never sent. Raises OSError."""
        return [draft for _, draft in self.all() if draft.task]

    def change(self, task: str) -> Draft:
        """Return what was typed to change a task, or an empty draft."""
        return read_draft(self._of_task(task)) or Draft()

    def keep_change(self, draft: Draft) -> None:
        """Keep what is typed to change the draft's task. Raises OSError."""
        save_draft(self._of_task(draft.task), draft)

    def drop(self, task: str) -> None:
        """Forget what was typed to change a task. Raises OSError."""
        self._of_task(task).unlink(missing_ok=True)

    def _of_task(self, task: str) -> Path:
        return self._folder / f"{_TASK}{task}.json"

    def _place(self, draft: Draft) -> Path:
        told = json.dumps([draft.account, draft.operation, sorted(draft.texts.items())])
        return self._folder / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.json"

    def _files(self) -> list[Path]:
        return list(self._folder.glob("*.json")) if self._folder.is_dir() else []


def texts_of(model: type[RequestModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return a request's values as texts by dotted field name, as a person would have typed them.

    What `model` has no field for is not there, and no id that the user gave it: that belongs to one task.
    """
    from backend.providers.fields import Role, as_text, leaf_specs

    specs = (spec for spec in leaf_specs(model) if spec.role is not Role.EXTERNAL_ID)
    found = ((spec, _value(values, spec.name.split("."))) for spec in specs)
    return {spec.name: as_text(spec, value) for spec, value in found if value is not None}


def _value(values: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = values
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
