"""What is wrong with text that is no JSON, in words of our own: Python's are English, and for programmers."""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONDecodeError

from backend.language import N_, _

_REASONS: Mapping[str, str] = {
    "Expecting value": N_("a value is missing"),
    "Expecting ',' delimiter": N_("a comma or a closing bracket is missing"),
    "Expecting ':' delimiter": N_("a colon is missing"),
    "Expecting property name enclosed in double quotes": N_("a name in double quotes is missing"),
    "Extra data": N_("something follows the end"),
    "Unterminated string starting at": N_("a text has no closing quote"),
    "Invalid control character at": N_("a line break or another control character stands in a text"),
    "Invalid \\escape": N_("a backslash stands before a wrong character"),
    "Invalid \\uXXXX escape": N_("four hexadecimal digits must follow \\u"),
    "Illegal trailing comma before end of object": N_("a comma stands before the closing bracket"),
    "Illegal trailing comma before end of array": N_("a comma stands before the closing bracket"),
}


def reason(error: ValueError | RecursionError) -> str:
    """Return why JSON could not be read, without the place."""
    if isinstance(error, RecursionError):
        return _("nested too deeply")
    if not isinstance(error, JSONDecodeError):
        return str(error)
    return _(_REASONS.get(error.msg.removesuffix(": "), error.msg))


def words(error: ValueError | RecursionError) -> str:
    """Return the same as a sentence, with the place where there is one."""
    if not isinstance(error, JSONDecodeError):
        return _("not valid JSON: {reason}").format(reason=reason(error))
    said = _("not valid JSON at line {line}, column {column}: {reason}")
    return said.format(line=error.lineno, column=error.colno, reason=reason(error))
