"""What is wrong with a value, in words short enough to stand beside a form field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic_core import ErrorDetails

from backend.errors import Issue
from backend.language import N_, _, ngettext

UNKNOWN = N_("unknown field")

_PLAIN: Mapping[str, str] = {
    "missing": N_("required"),
    "extra_forbidden": UNKNOWN,
    "string_type": N_("must be a text"),
    "string_unicode": N_("holds a character that is no valid text"),
    "int_type": N_("must be a whole number"),
    "int_parsing": N_("must be a whole number"),
    "int_parsing_size": N_("is too large a number"),
    "int_from_float": N_("must be a whole number"),
    "float_type": N_("must be a number"),
    "float_parsing": N_("must be a number"),
    "finite_number": N_("must be a finite number"),
    "bool_type": N_("must be true or false"),
    "bool_parsing": N_("must be true or false"),
    "list_type": N_("must be a list"),
    "dict_type": N_("must be an object"),
    "mapping_type": N_("must be an object"),
    "model_type": N_("must be an object"),
    "model_attributes_type": N_("must be an object"),
    "invalid_key": N_("field names must be texts"),
}


def unknown(path: str, source: str = "") -> Issue:
    """Return the complaint about a field that there is not."""
    return Issue(path, _(UNKNOWN), source)


def is_unknown(issue: Issue) -> bool:
    """Whether a complaint is about a field that there is not."""
    return issue.message == _(UNKNOWN)


def either(choices: Sequence[str]) -> str:
    """Return choices as words: ``a, b or c``."""
    *most, last = choices
    if not most:
        return last
    before = reduce(lambda one, two: _("{one}, {two}").format(one=one, two=two), most)
    return _("{one} or {two}").format(one=before, two=last)


def together(names: Sequence[str]) -> str:
    """Return names as words: ``a and b``."""
    return reduce(lambda one, two: _("{one} and {two}").format(one=one, two=two), names)


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
        return _(plain)
    speak = _WITH_LIMIT.get(detail["type"])
    if speak is not None:
        return speak(detail.get("ctx", {}), detail["input"])
    text = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return text or _("not valid")


def _too_long(context: Mapping[str, Any], value: Any) -> str:
    most = context["max_length"]
    if isinstance(value, str):
        words = ngettext(
            "at most {limit} character, this has {count}",
            "at most {limit} characters, this has {count}",
            most,
        )
    else:
        words = ngettext(
            "at most {limit} item, this has {count}", "at most {limit} items, this has {count}", most
        )
    return words.format(limit=most, count=len(value))


def _too_short(context: Mapping[str, Any], value: Any) -> str:
    least = context["min_length"]
    if not value and least == 1:
        return _("must not be empty")
    if isinstance(value, str):
        words = ngettext(
            "at least {limit} character, this has {count}",
            "at least {limit} characters, this has {count}",
            least,
        )
    else:
        words = ngettext(
            "at least {limit} item, this has {count}", "at least {limit} items, this has {count}", least
        )
    return words.format(limit=least, count=len(value))


def _choice(context: Mapping[str, Any], value: Any) -> str:
    """Name the choices; say so if the value is one of them but for its JSON type."""
    expected = str(context["expected"])
    wanted = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    if isinstance(value, bool) or str(value) not in wanted:
        if (span := _span(wanted)) is not None:
            return span
        return _("must be {choices}").format(choices=either(wanted))
    if expected.startswith("'"):
        return _('must be a text in quotes: "{value}"').format(value=value)
    return _("must be a number without quotes: {value}").format(value=value)


def _span(wanted: Sequence[str]) -> str | None:
    """Tell whole numbers without a gap as "3 to 15", whatever order a form offers them in."""
    if len(wanted) < 3 or not all(choice.isdecimal() for choice in wanted):
        return None
    numbers = sorted(map(int, wanted))
    low, high = numbers[0], numbers[-1]
    if high - low != len(wanted) - 1:
        return None
    return _("must be {low} to {high}").format(low=low, high=high)


_WITH_LIMIT: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "string_too_long": _too_long,
    "too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "literal_error": _choice,
    "greater_than_equal": lambda context, value: _("must be {limit} or more").format(
        limit=_plain(context["ge"])
    ),
    "greater_than": lambda context, value: _("must be more than {limit}").format(limit=_plain(context["gt"])),
    "less_than_equal": lambda context, value: _("must be {limit} or less").format(
        limit=_plain(context["le"])
    ),
}


def _plain(limit: Any) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit)
