"""What is wrong with a value, in words short enough to stand beside a form field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from backend.errors import Issue

_PLAIN: Mapping[str, str] = {
    "missing": "required",
    "extra_forbidden": "unknown field",
    "string_type": "must be a text",
    "string_unicode": "holds a character that is no valid text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "mapping_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "invalid_key": "field names must be texts",
}


def issues(detail: ErrorDetails, source: str) -> Iterator[Issue]:
    """Yield what one of pydantic's errors says; broken rules come as they were written."""
    if detail["type"] == "rules":
        yield from detail["ctx"]["issues"]
        return
    path = ".".join(str(part) for part in detail["loc"] if not str(part).startswith("function-"))
    yield Issue(path, message(detail), source)


def message(detail: ErrorDetails) -> str:
    """Return one of pydantic's errors in plain words."""
    plain = _PLAIN.get(detail["type"])
    if plain is not None:
        return plain
    speak = _WITH_LIMIT.get(detail["type"])
    if speak is not None:
        return speak(detail.get("ctx", {}), detail["input"])
    text = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return text or "not valid"


def _too_long(context: Mapping[str, Any], value: Any) -> str:
    return f"at most {_count(context['max_length'], value)}, this has {len(value)}"


def _too_short(context: Mapping[str, Any], value: Any) -> str:
    if not value and context["min_length"] == 1:
        return "must not be empty"
    return f"at least {_count(context['min_length'], value)}, this has {len(value)}"


def _count(number: int, value: Any) -> str:
    noun = "character" if isinstance(value, str) else "item"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _choice(context: Mapping[str, Any], value: Any) -> str:
    """Name the choices; say so if the value is one of them but for its JSON type."""
    expected = str(context["expected"])
    wanted = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    if isinstance(value, bool) or str(value) not in wanted:
        if (span := _span(wanted)) is not None:
            return f"must be {span}"
        *most, last = wanted
        return f"must be {', '.join(most)} or {last}" if most else f"must be {last}"
    if expected.startswith("'"):
        return f'must be a text in quotes: "{value}"'
    return f"must be a number without quotes: {value}"


def _span(wanted: Sequence[str]) -> str | None:
    """Return whole numbers without a gap as "3 to 15", whatever order a form offers them in."""
    if len(wanted) < 3 or not all(choice.isdecimal() for choice in wanted):
        return None
    low, *_, high = sorted(map(int, wanted))
    return f"{low} to {high}" if high - low == len(wanted) - 1 else None


_WITH_LIMIT: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "string_too_long": _too_long,
    "too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "literal_error": _choice,
    "greater_than_equal": lambda context, _: f"must be {_plain(context['ge'])} or more",
    "greater_than": lambda context, _: f"must be more than {_plain(context['gt'])}",
    "less_than_equal": lambda context, _: f"must be {_plain(context['le'])} or less",
}


def _plain(limit: Any) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit)
