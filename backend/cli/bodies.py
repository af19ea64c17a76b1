"""Request bodies as pages print them: JSON, with comments and trailing commas where a page has them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from backend.errors import UsageError

_TOKENS = re.compile(
    r"""(?P<string> "[^"\\\n]*(?:\\.[^"\\\n]*)*" )
      | (?P<comment> //[^\n]* | /\*.*?\*/ )
      | (?P<comma> , ) (?= (?: \s | //[^\n]*(?:\n|\Z) | /\*.*?\*/ )* [}\]] )""",
    re.VERBOSE | re.DOTALL,
)


def read_body(source: str) -> dict[str, Any]:
    """Read the JSON object in the file `source`, ``-`` for standard input.

    Raises UsageError that names file, line and column.
    """
    name = "standard input" if source == "-" else source
    body = parse_body(_text(source, name), name)
    if not isinstance(body, dict):
        raise UsageError(f"{name}: must hold one JSON object, {{…}}")
    return body


def parse_body(text: str, name: str) -> Any:
    """Return the value of `text`, with comments and trailing commas allowed. Raises UsageError."""
    if not text.strip():
        raise UsageError(f"{name}: is empty")
    try:
        # Blanked out rather than cut out, so that lines and columns stay true.
        return json.loads(_TOKENS.sub(_blank, text), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{name}: not valid JSON: {reason}") from None


def _text(source: str, name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is not UTF-8 text") from None


def _blank(found: re.Match[str]) -> str:
    return found[0] if found["string"] else re.sub(r"[^\n]", " ", found[0])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
