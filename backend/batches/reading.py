"""Reads a batch file: CSV, JSON Lines, JSON, TOML, YAML. Blocks."""

from __future__ import annotations

from pathlib import Path

from backend.batches.documents import read_json, read_toml, read_yaml
from backend.batches.sheet import BatchError, Problem, Sheet
from backend.batches.tables import read_json_lines, read_table
from backend.language import _

READERS = {
    ".csv": read_table,
    ".tsv": read_table,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".toml": read_toml,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}
"""By the end of a file's name."""
LARGEST = 64 * 2**20
"""Bytes of a file."""


def read_sheet(path: Path) -> Sheet:
    """Return what `path` says. Raises BatchError, UsageError for a package that is not installed."""
    file = str(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise _refused(file, _("the name must end in one of {names}").format(names=", ".join(READERS)))
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        text = data[:LARGEST].decode("utf-8-sig")
    except OSError as error:
        raise _refused(file, error.strerror or _("cannot be read")) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = _("is not UTF-8 text; in Excel save it as “CSV UTF-8”")
        raise BatchError(file, [Problem(line, "", said)]) from None
    if len(data) > LARGEST:
        raise _refused(file, _("has more than {most} MB; split it").format(most=LARGEST // 2**20))
    sheet = reader(text, file, path.parent)
    if not sheet.rows:
        raise _refused(file, _("has no rows"))
    return sheet


def _refused(file: str, message: str) -> BatchError:
    return BatchError(file, [Problem(0, "", message)])
