"""Where in ``config.toml`` something stands, for messages about it."""

from __future__ import annotations

import re
from collections import Counter


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
