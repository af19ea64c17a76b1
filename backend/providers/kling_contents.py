"""The ``contents`` array of Kling's API 2.0: typed items, which the request models hold as flat fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.errors import Issue

SHAPES: Mapping[str, str] = {"prompt": "text", "first_frame": "url", "last_frame": "url"}
"""Where each type of item has its value."""


def item(kind: str, value: Any) -> dict[str, Any]:
    """Return one item of `contents`."""
    return {"type": kind, SHAPES[kind]: value}


def read_contents(
    contents: Any, kinds: tuple[str, ...], source: str
) -> tuple[dict[str, list[Any]], list[Issue]]:
    """Return the values in a body's `contents` by type, and what is wrong with the array.

    `kinds` are the types that the operation takes.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in kinds}
    if not isinstance(contents, list):
        return found, [Issue("contents", "required" if contents is None else "must be a list", source)]
    issues: list[Issue] = []
    for index, entry in enumerate(contents):
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        if not isinstance(kind, str) or kind not in found:
            known = " or ".join(kinds)
            said = f"type must be {known}" if isinstance(entry, Mapping) else "must be an object"
            issues.append(Issue(f"contents.{index}", said, source))
            continue
        wanted = SHAPES[kind]
        issues += [
            Issue(f"contents.{index}.{key}", "unknown field", source)
            for key in entry
            if key not in ("type", wanted)
        ]
        if entry.get(wanted) is None:
            issues.append(Issue(f"contents.{index}.{wanted}", "required", source))
        found[kind].append(entry.get(wanted))
    if len(found.get("prompt", ())) > 1:
        issues.append(Issue("prompt", "contents may include at most one prompt item", source))
    return found, issues
