"""Requests to be used again, as readable files beside the configuration: ``templates/NAME.toml``.

Each is a batch file of one row, so that ``reeltop batch`` takes it too. It holds what a form holds, never a
credential, and may be kept in git.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.batches.documents import read_toml
from backend.drafts import VALUES, Draft
from backend.errors import UsageError
from backend.files import replace_file
from backend.language import _

_NAME = re.compile(r"\w[\w .-]{0,59}")
_ENDING = ".toml"
_LARGEST = 64 * 2**20
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class Template:
    """A file of the folder. With a problem it is only named."""

    name: str
    draft: Draft
    problem: str = ""


class Templates:
    """Of one folder. Blocks: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> Sequence[Template]:
        """Return the templates by name; a folder that is not there has none. Raises OSError."""
        if not self.folder.is_dir():
            return []
        files = (path for path in self.folder.iterdir() if path.suffix == _ENDING and path.is_file())
        return [_read(path) for path in sorted(files, key=lambda path: path.stem.casefold())]

    def has(self, name: str) -> bool:
        """Whether there is a template of this name. Raises UsageError for what can be none."""
        return self._path(name).exists()

    def save(self, name: str, draft: Draft) -> Path:
        """Write a template, in place of one of the same name, and return its file.

        Raises UsageError for what can be no name, OSError.
        """
        path = self._path(name)
        replace_file(path, _toml(draft))
        return path

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name != name.strip(" ."):
            raise UsageError(
                _("a template's name is made of up to 60 letters, digits, spaces, dots, - and _")
            )
        return self.folder / f"{name}{_ENDING}"


def _toml(draft: Draft) -> str:
    import tomlkit  # only for this

    document = tomlkit.document()
    variables = {
        name.removeprefix(VALUES): text.splitlines()
        for name, text in draft.texts.items()
        if name.startswith(VALUES) and text.strip()
    }
    if variables:
        document["variables"] = variables
    row = tomlkit.table()
    row["account"], row["operation"] = draft.account, draft.operation
    for name, text in draft.texts.items():
        if not name.startswith("@") and text.strip():
            row.append(tomlkit.key(name.split(".")), _string(text))
    rows = tomlkit.aot()
    rows.append(row)
    document["rows"] = rows
    return tomlkit.dumps(document)


def _string(text: str) -> Any:
    import tomlkit

    return tomlkit.string(text, multiline="\n" in text)


def _read(path: Path) -> Template:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise UsageError(_("has more than {most} MB").format(most=_LARGEST // 2**20))
        sheet = read_toml(data.decode(), path.name, path.parent)
    except UnicodeDecodeError:
        return Template(path.stem, Draft(), _("is not UTF-8 text"))
    except OSError as error:
        return Template(path.stem, Draft(), error.strerror or _("cannot be read"))
    except UsageError as error:
        return Template(path.stem, Draft(), str(error))
    if len(sheet.rows) != 1:
        return Template(
            path.stem, Draft(), _("has {count} rows; a template has one").format(count=len(sheet.rows))
        )
    cells = {name: _text(value) for name, value in {**sheet.defaults, **sheet.rows[0].cells}.items()}
    values = {f"{VALUES}{name}": _lines(value) for name, value in sheet.variables.items()}
    account, operation = cells.pop("account", ""), cells.pop("operation", "")
    return Template(path.stem, Draft(account=account, operation=operation, texts={**cells, **values}))


def _lines(value: Any) -> str:
    return "\n".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
