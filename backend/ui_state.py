"""How the user left the dashboard: columns, order, view. Kept beside the tasks, not in the configuration."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.files import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class UiState:
    """Names are those of columns and views; what is no longer known is left aside by who reads it."""

    columns: tuple[str, ...] = ()
    """Columns chosen, in order; empty: the usual ones."""
    wide: bool = False
    """Whether all columns are shown that have room."""
    sort: str = ""
    """``cost``, or ``-cost`` for the greatest first; empty: newest first."""
    view: str = ""
    by_batch: bool = False
    filters: tuple[str, ...] = ()
    """Filters used last, the newest first."""


def load_ui_state(path: Path) -> UiState:
    """Return the state kept at `path`, or a new one if there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return UiState(
            columns=_texts(data["columns"]),
            wide=data["wide"] is True,
            sort=str(data["sort"]),
            view=str(data["view"]),
            by_batch=data["by_batch"] is True,
            filters=_texts(data["filters"]),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return UiState()


def save_ui_state(path: Path, state: UiState) -> None:
    """Keep `state` at `path`. Raises OSError."""
    replace_file(path, json.dumps(asdict(state), ensure_ascii=False))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
