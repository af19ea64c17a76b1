"""JSON as pages print it: with comments and trailing commas where a page has them. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from backend.broken_json import reason
from backend.errors import UsageError
from backend.language import _

_TOKENS = re.compile(
    r"""(?P<string> "[^"\\\n]*(?:\\.[^"\\\n]*)*" )
      | (?P<comment> //[^\n]* | /\*.*?\*/ )
      | (?P<comma> , ) (?= (?: \s | //[^\n]*(?:\n|\Z) | /\*.*?\*/ )* [}\]] )""",
    re.VERBOSE | re.DOTALL,
)


def parse_body(text: str, name: str) -> Any:
    """Return the value of `text`, with comments and trailing commas allowed. Raises UsageError."""
    if not text.strip():
        raise UsageError(_("{name}: is empty").format(name=name))
    try:
        # Blanked out rather than cut out, so that lines and columns stay true.
        return json.loads(_TOKENS.sub(_blank, text), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise UsageError(
            _("{name}:{lineno}:{colno}: not valid JSON: {msg}").format(
                name=name, lineno=error.lineno, colno=error.colno, msg=reason(error)
            )
        ) from None
    except (ValueError, RecursionError) as error:
        words = _("{name}: not valid JSON: {reason}")
        raise UsageError(words.format(name=name, reason=reason(error))) from None


def _blank(found: re.Match[str]) -> str:
    return found[0] if found["string"] else re.sub(r"[^\n]", " ", found[0])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(_("{constant} is no JSON number").format(constant=constant))
