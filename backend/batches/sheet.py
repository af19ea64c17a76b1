"""What a batch file says, before any of it is understood. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.errors import UsageError
from backend.language import _

SHOWN = 20
"""Problems that an error's text tells; all of them are in :attr:`BatchError.problems`."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its cells by dotted name. Texts of a table, or values of any JSON type."""

    number: int
    """Counted from 1."""
    line: int
    """Where it begins, from 1; 0 where that is not known."""
    cells: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    """Of the cells that stand on other lines than the row's first, where that is known."""

    def line_of(self, column: str) -> int:
        """Return the line of a cell."""
        return self.lines.get(column, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file's rows, and what goes for all of them."""

    file: str
    """As messages name it."""
    folder: Path
    """Where paths of pictures start."""
    rows: Sequence[RawRow]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Cells of rows that do not say otherwise, by dotted name."""
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file."""

    line: int
    """0: not known, or of the file as a whole."""
    column: str
    """The cell's name; empty for the row as a whole."""
    message: str
    row: int = 0
    """The row's number, from 1; 0: of the file as a whole."""

    def place(self, file: str) -> str:
        """Return where in `file` it is."""
        if self.line:
            return f"{file}:{self.line}"
        return _("{file}: row {number}").format(file=file, number=self.row) if self.row else file

    def __str__(self) -> str:
        return f"{self.column}: {self.message}" if self.column else self.message


class BatchError(UsageError):
    """A file cannot be made into a batch; nothing was recorded or sent."""

    def __init__(self, file: str, problems: Sequence[Problem], *, more: int = 0) -> None:
        """`more`: how many further problems were found and not kept."""
        self.file = file
        self.problems = tuple(problems)
        self.count = len(problems) + more
        super().__init__("\n".join(self.lines(SHOWN)))

    def lines(self, most: int) -> list[str]:
        """Return a line for each of the first `most` problems, and one for the rest."""
        told = [f"{problem.place(self.file)}: {problem}" for problem in self.problems[:most]]
        rest = self.count - len(told)
        if rest > 0:
            told.append(_("{file}: and {count} more").format(file=self.file, count=rest))
        return told


def flatten(cells: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as cells with dotted names."""
    flat: dict[str, Any] = {}
    for name, value in cells.items():
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat
