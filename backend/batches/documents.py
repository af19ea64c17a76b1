"""Batch files that are one document: ``defaults``, ``variables`` and ``rows``, as TOML, YAML or JSON.

A document may also be a bare list of rows.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend import broken_json
from backend.batches.sheet import BatchError, Problem, RawRow, Sheet, flatten
from backend.errors import UsageError
from backend.language import _

_KEYS = ("defaults", "variables", "rows")
_MOST_VALUES = 5_000_000
"""Of a YAML document: its aliases can multiply without bound."""

Places = Sequence[Mapping[str, int]]
"""For each row the lines of its cells, its own under the empty name."""


def read_toml(text: str, file: str, folder: Path) -> Sheet:
    """Read ``[defaults]``, ``[variables]`` and ``[[rows]]``. Raises BatchError."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        said = _("not valid TOML: {reason}").format(reason=str(error)[: at.start()].strip() if at else error)
        column = _("column {number}").format(number=at[2]) if at else ""
        raise BatchError(file, [Problem(int(at[1]) if at else 0, column, said)]) from None
    return _sheet(document, file, folder, list(_toml_places(text)))


def read_json(text: str, file: str, folder: Path) -> Sheet:
    """Read an object with these keys, or a list of rows. Raises BatchError."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        problem = Problem(
            error.lineno,
            _("column {number}").format(number=error.colno),
            _("not valid JSON: {reason}").format(reason=broken_json.reason(error)),
        )
        raise BatchError(file, [problem]) from None
    except RecursionError as error:
        raise BatchError(file, [Problem(0, "", broken_json.words(error))]) from None
    return _sheet(document, file, folder, ())


def read_yaml(text: str, file: str, folder: Path) -> Sheet:
    """Read a mapping with these keys, or a list of rows, as YAML 1.2: ``on`` and ``no`` are texts.

    Raises BatchError, UsageError if the package for it is not installed.
    """
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
    except ImportError:
        raise UsageError(
            _("{file}: YAML needs a package more: pip install 'reeltop[yaml]'").format(file=file)
        ) from None
    try:
        document = YAML(typ="rt", pure=True).load(text)
        plain = _plain(document, [_MOST_VALUES])
    except (YAMLError, RecursionError, ValueError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        said = error.problem if isinstance(error, MarkedYAMLError) else str(error)
        column = _("column {number}").format(number=mark.column + 1) if mark else ""
        problem = Problem(
            mark.line + 1 if mark else 0, column, _("not valid YAML: {reason}").format(reason=said)
        )
        raise BatchError(file, [problem]) from None
    listed = document.get("rows", ()) if isinstance(document, Mapping) else document
    return _sheet(plain, file, folder, [_yaml_places(row) for row in listed or ()])


def _sheet(document: Any, file: str, folder: Path, places: Places) -> Sheet:
    if isinstance(document, list):
        document = {"rows": document}
    if not isinstance(document, dict):
        raise BatchError(
            file,
            [Problem(0, "", _("must have {names}, or be a list of rows").format(names=", ".join(_KEYS)))],
        )
    problems = [
        Problem(0, str(key), _("unknown; known here: {names}").format(names=", ".join(_KEYS)))
        for key in document
        if key not in _KEYS
    ]
    for key in ("defaults", "variables"):
        if not isinstance(document.get(key, {}), dict):
            problems.append(Problem(0, key, _("must be a table")))
    rows = document.get("rows", [])
    if not isinstance(rows, list):
        problems.append(Problem(0, "rows", _("must be a list")))
        rows = []
    known = places if len(places) == len(rows) else ()
    raw = []
    for number, row in enumerate(rows, 1):
        lines = known[number - 1] if known else {}
        if isinstance(row, dict):
            raw.append(RawRow(number, lines.get("", 0), flatten(row), lines))
        else:
            problems.append(Problem(lines.get("", 0), "", _("must be a table"), number))
    if problems:
        raise BatchError(file, problems)
    return Sheet(
        file=file,
        folder=folder,
        rows=raw,
        defaults=flatten(document.get("defaults", {})),
        variables=document.get("variables", {}),
    )


def _toml_places(text: str) -> Iterator[dict[str, int]]:
    """Yield where each ``[[rows]]`` and its keys stand. A guess by looks: a text of several lines can mislead
    it, then it is left out as soon as the number of rows shows it."""
    place: dict[str, int] | None = None
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([\w.\"'-]+)\s*\]+\s*(?:#.*)?$", line):
            name = header[1].replace('"', "").replace("'", "")
            if name == "rows":
                if place is not None:
                    yield place
                place, prefix = {"": number}, ""
            elif name.startswith("rows."):
                prefix = name.removeprefix("rows.") + "."
            elif place is not None:
                yield place
                place = None
        elif place is not None and (entry := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line)):
            place.setdefault(prefix + entry[1], number)
    if place is not None:
        yield place


def _yaml_places(row: Any, prefix: str = "") -> dict[str, int]:
    """Return where a mapping and its keys stand, as the parser noted it."""
    if not hasattr(row, "lc"):
        return {}
    places = {} if prefix else {"": row.lc.line + 1}
    for key, value in row.items() if isinstance(row, Mapping) else ():
        places[f"{prefix}{key}"] = row.lc.key(key)[0] + 1 if key in (row.lc.data or {}) else row.lc.line + 1
        if isinstance(value, Mapping):
            places.update(_yaml_places(value, f"{prefix}{key}."))
    return places


def _plain(value: Any, room: list[int]) -> Any:
    """Return a YAML value as plain JSON values. Raises ValueError for what JSON has not, or far too much."""
    room[0] -= 1
    if room[0] < 0:
        raise ValueError(_("aliases make it far too large"))
    if isinstance(value, Mapping):
        return {str(key): _plain(nested, room) for key, nested in value.items()}
    if isinstance(value, list):
        return [_plain(nested, room) for nested in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):  # the parser's own kinds remember how they were written
        if isinstance(value, kind):
            return kind(value)
    raise ValueError(
        _("{kind} is no value for a request: {value}").format(kind=type(value).__name__, value=value)
    )
