"""The ``contents`` array of Kling's API 2.0: typed items, which the request models hold as flat fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.errors import Issue
from backend.language import _
from backend.providers import complaints

SHAPES: Mapping[str, str] = {"prompt": "text", "first_frame": "url", "last_frame": "url"}
"""Where each type of item has its value."""


def item(kind: str, value: Any) -> dict[str, Any]:
    """Return one item of `contents`."""
    return {"type": kind, SHAPES[kind]: value}


def too_many(kind: str, source: str) -> Issue:
    """Return the complaint about a second item of a type of which there may be one."""
    return Issue(kind, _("contents may include at most one {type} item").format(type=kind), source)


def read_contents(
    contents: Any, kinds: tuple[str, ...], source: str
) -> tuple[dict[str, list[Any]], list[Issue]]:
    """Return the values in a body's `contents` by type, and what is wrong with the array.

    `kinds` are the types that the operation takes.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in kinds}
    if not isinstance(contents, list):
        said = _("required") if contents is None else _("must be a list")
        return found, [Issue("contents", said, source)]
    issues: list[Issue] = []
    for index, entry in enumerate(contents):
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        if not isinstance(kind, str) or kind not in found:
            said = _("must be an object")
            if isinstance(entry, Mapping):
                said = _("type must be {choices}").format(choices=complaints.either(kinds))
            issues.append(Issue(f"contents.{index}", said, source))
            continue
        wanted = SHAPES[kind]
        issues += [
            complaints.unknown(f"contents.{index}.{key}", source)
            for key in entry
            if key not in ("type", wanted)
        ]
        if entry.get(wanted) is None:
            issues.append(Issue(f"contents.{index}.{wanted}", _("required"), source))
        found[kind].append(entry.get(wanted))
    if len(found.get("prompt", ())) > 1:
        issues.append(too_many("prompt", source))
    return found, issues
