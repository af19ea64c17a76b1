"""How the user wants to be told of news: the table ``[notify]`` of the configuration."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from backend.language import _

DESKTOP = ("auto", "osc9", "osc777", "osc99", "off")
"""Ways to ask a terminal for a desktop notification; ``auto`` goes by what the terminal says it is."""


@dataclass(frozen=True, slots=True)
class Notify:
    """Which ways of telling are on."""

    toast: bool = True
    """A message on the dashboard."""
    bell: bool = True
    """The terminal's bell, unless the terminal says that it is being looked at."""
    desktop: str = "auto"
    """A desktop notification by one of :data:`DESKTOP`, unless the terminal is being looked at."""
    on_finished: str = ""
    """A program and its arguments, as a shell would split them; see :mod:`backend.hook`."""


AS_USUAL = Notify()


def read_notify(table: Mapping[str, Any]) -> Notify:
    """Return what a table says. Raises ValueError that names the key."""
    kinds = {item.name: str if item.name in ("desktop", "on_finished") else bool for item in fields(Notify)}
    for key, value in table.items():
        if key not in kinds:
            raise ValueError(
                _("{key}: unknown; known here: {names}").format(key=key, names=", ".join(sorted(kinds)))
            )
        if not isinstance(value, kinds[key]):
            words = (
                _("{key}: must be text in quotes") if kinds[key] is str else _("{key}: must be true or false")
            )
            raise ValueError(words.format(key=key))  # noqa: TRY004  all are complaints about one value
    notify = Notify(**table)
    if notify.desktop not in DESKTOP:
        raise ValueError(_("desktop: must be one of {names}").format(names=", ".join(DESKTOP)))
    try:
        empty = not shlex.split(notify.on_finished)
    except ValueError as error:
        raise ValueError(f"on_finished: {str(error).lower()}") from None
    if "on_finished" in table and empty:
        raise ValueError(_("on_finished: names no program"))
    return notify
