"""Request bodies from files and standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from backend.bodies import parse_body
from backend.errors import UsageError
from backend.language import _


def read_body(source: str) -> dict[str, Any]:
    """Read the JSON object in the file `source`, ``-`` for standard input.

    Raises UsageError that names file, line and column.
    """
    name = _("standard input") if source == "-" else source
    body = parse_body(_text(source, name), name)
    if not isinstance(body, dict):
        raise UsageError(_("{name}: must hold one JSON object, {{…}}").format(name=name))
    return body


def _text(source: str, name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or _('cannot be read')}") from None
    except UnicodeDecodeError:
        raise UsageError(_("{name}: is not UTF-8 text").format(name=name)) from None
