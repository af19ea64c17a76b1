"""Spans of time as people write them: ``30d``, ``12h``, ``90s``."""

from __future__ import annotations

import re
from datetime import timedelta

from backend.language import _

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,5})([smhdw])")


def parse_span(text: str) -> timedelta:
    """Return the span that `text` says. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            _("must be a number with s, m, h, d or w behind it, such as 30d, not {text!r}").format(text=text)
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
