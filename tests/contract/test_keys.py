"""Every key is in the registry of actions, or is named here with the reason why it is not."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

from tests.contract.test_imports import ROOT
from tui.actions import BY_ID

MOTIONS = {"up", "down", "left", "right", "pageup", "pagedown", "home", "end"}
"""Move everywhere, whatever is moved."""

FIXED = {
    "LineTable": "moves in a table: listed as move, page, ends and open, each key with its own meaning",
    "SectionView": "moves in a text by the same keys as in a table",
    "Chooser": "listed as choose; home, end and delete as in any line of text",
    "GroupTitle": "listed as groups",
    "FieldArea": "the ends of a text, as in any editor",
    "PreviewPane": "listed as on_request",
    "PathInput": "goes up and down in folders while a path is typed",
}


def owners() -> Iterator[type[DOMNode]]:
    for path in sorted((ROOT / "tui").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for owner in vars(importlib.import_module(name)).values():
            if isinstance(owner, type) and issubclass(owner, DOMNode) and owner.__module__ == name:
                yield owner


def outside_the_registry(owner: type[DOMNode]) -> list[str]:
    found = []
    for binding in Binding.make_bindings(owner.__dict__.get("BINDINGS", ())):
        action = BY_ID.get((binding.id or "").partition(".")[0])
        if binding.key in MOTIONS:
            continue
        if action is None or binding.key not in action.keys.split(","):
            found.append(binding.key)
    return found


def test_no_key_is_bound_past_the_registry() -> None:
    past = {owner.__name__: keys for owner in owners() if (keys := outside_the_registry(owner))}
    assert {name: keys for name, keys in past.items() if name not in FIXED} == {}
    assert set(FIXED) - set(past) == set(), "no longer an exception"
