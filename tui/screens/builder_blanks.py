"""Blanks such as ``{{subject}}`` in what is typed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.content import Content

from backend.language import _
from backend.providers.fields import VARIABLE
from backend.service import Prepared
from tui.actions import key


def with_blanks(prepared: Prepared, texts: Mapping[str, str]) -> Prepared:
    """Return `prepared` without the issues of fields that hold a blank: it is checked when filled."""
    blank = [name for name, text in texts.items() if VARIABLE.search(text)]
    if not blank or not prepared.issues:
        return prepared
    rest = tuple(
        issue
        for issue in prepared.issues
        if not any(issue.field == name or issue.field.startswith(f"{name}.") for name in blank)
    )
    return replace(prepared, issues=rest)


def blank_words(names: Sequence[str]) -> Content:
    """Return what the builder says of a draft that only its variables keep from being sent."""
    shown = " ".join(f"{{{{{name}}}}}" for name in names)
    return Content.assemble(
        (f"✓ {_('ready but for')} ", "$text-success"),
        shown,
        (f"  {_('{key} asks for values').format(key=key('submit'))}", "$text-muted"),
    )
