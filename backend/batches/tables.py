"""Batch files with a row a line: CSV in the dialects that spreadsheets write, and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from backend import broken_json
from backend.batches.sheet import BatchError, Problem, RawRow, Sheet, flatten
from backend.language import _

_DELIMITERS = ",;\t"
_EXCELS = "sep="
_LONGEST_CELL = 16 * 2**20
"""Characters: a picture as Base64 fits."""


def read_table(text: str, file: str, folder: Path) -> Sheet:
    """Read a header and rows; the delimiter is that which the header has most of.

    Raises BatchError.
    """
    delimiter = _delimiter(text)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    problems: list[Problem] = []
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns and "".join(cells).lower().startswith(_EXCELS):
                continue
            if not columns:
                columns = [cell.strip() for cell in cells]
                problems += _columns_problems(columns, begins)
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                said = _(
                    "has {count} cells, the header {expected}; a text with {delimiter!r} needs quotes"
                ).format(count=len(cells), expected=len(columns), delimiter=delimiter)
                problems.append(Problem(begins, "", said))
            filled = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
            rows.append(RawRow(len(rows) + 1, begins, filled))
    except csv.Error as error:
        said = _("a quote is opened and not closed") if "unexpected end" in str(error) else str(error)
        problems.append(Problem(line, "", _("cannot be read: {reason}").format(reason=said)))
    if problems:
        raise BatchError(file, problems)
    return Sheet(file=file, folder=folder, rows=rows)


def read_json_lines(text: str, file: str, folder: Path) -> Sheet:
    """Read a JSON object a line; empty lines are passed over. Raises BatchError."""
    rows: list[RawRow] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(RawRow(len(rows) + 1, number, flatten(read_object(line))))
            except ValueError as error:
                problems.append(Problem(number, "", str(error)))
    if problems:
        raise BatchError(file, problems)
    return Sheet(file=file, folder=folder, rows=rows)


def read_object(line: str) -> dict[str, Any]:
    """Return the JSON object that `line` is. Raises ValueError."""
    try:
        value = json.loads(line, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ValueError(
            _("not valid JSON at character {position}: {reason}").format(
                position=error.pos + 1, reason=broken_json.reason(error)
            )
        ) from None
    except RecursionError as error:
        raise ValueError(broken_json.words(error)) from None
    if not isinstance(value, dict):
        raise ValueError(_("must be a JSON object, {…}"))  # noqa: TRY004  of what a person wrote
    return value


def _delimiter(text: str) -> str:
    """Return the delimiter that Excel names in a line of its own, or the one that the header has most of."""
    lines = (line for line in text.splitlines() if line.strip())
    header = next(lines, "")
    if header.lower().startswith(_EXCELS) and len(header.strip()) == len(_EXCELS) + 1:
        return header[len(_EXCELS)]
    unquoted = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


def _columns_problems(columns: list[str], line: int) -> Iterator[Problem]:
    for number, name in enumerate(columns):
        if name and name in columns[:number]:
            yield Problem(line, name, _("stands twice in the header"))
    if not any(columns):
        yield Problem(line, "", _("the first line must name the columns"))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(_("{constant} is no JSON number").format(constant=constant))
