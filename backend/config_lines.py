"""For messages about ``config.toml``: where in it something stands, and that it is not there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from backend.language import _


def line_of(text: str, key: tuple[str, ...]) -> int:
    """Return the line where `key` stands, or the last enclosing one that can be found.

    The tables of ``[[name]]`` are ``("name", "1")``, ``("name", "2")`` …; without a number it is the first.
    """
    found = 1
    table: tuple[str, ...] = ()
    met: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[+)\s*([^\]]+?)\s*\]", line):
            table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if table == key:
                return number
            if header[1] == "[[":
                met[table] += 1
                table = (*table, str(met[table]))
            if table == key[: len(table)]:
                found = number
            if table == key:
                return number
        elif (entry := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line)) and (*table, entry[1]) == key:
            return number
    return found


def no_such_config(path: Path) -> str:
    """Say that a configuration that was named is not there, and what to do."""
    words = _(
        "{path}: no such file, though --config or REELTOP_CONFIG names it: mend the name, leave it out to "
        "use the usual place, or make the file (it may be empty)"
    )
    return words.format(path=path)
