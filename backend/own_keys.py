"""The user's own keys (``[keys]``, and those in ``[[commands]]``), read before the dashboard is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.config_lines import line_of
from backend.errors import ConfigError
from backend.text import clean_line

_TABLE = re.compile(
    r"^\s*(\[{1,2}\s*[\"']?(keys|commands)[\"']?\s*\]|[\"']?(keys|commands)[\"']?\s*[.=])", re.MULTILINE
)


OWN_COMMANDS = "commands."
"""What the ids of their actions begin with."""


class OwnKeys:
    """What stands in the configuration at `path`; nothing if that cannot be read, which reading all of it
    will tell."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = ""
        self.keys: Mapping[str, str] = {}
        """The keys of each action, as written."""
        self.commands: tuple[tuple[str, str], ...] = ()
        """The names of the user's own commands, each with its keys as written, maybe none."""
        try:
            text = path.read_text(encoding="utf-8")
            if not _TABLE.search(text):
                return
            import tomllib  # rarely needed, and the first screen waits for it

            data = tomllib.loads(text)
        except (OSError, ValueError):
            return
        self._text = text
        keys, commands = data.get("keys"), data.get("commands")
        if isinstance(keys, dict) and all(isinstance(value, str) for value in keys.values()):
            self.keys = keys
        if isinstance(commands, list) and all(map(_is_command, commands)):
            self.commands = tuple(
                (clean_line(each["name"]).strip(), each.get("key", "")) for each in commands
            )

    def error(self, action: str, words: str) -> ConfigError:
        """Return what is wrong with the keys of an action, and where that stands."""
        key: tuple[str, ...] = ("keys", action)
        if action.startswith(OWN_COMMANDS):
            names = [f"{OWN_COMMANDS}{name}" for name, _keys in self.commands]
            key = ("commands", str(names.index(action) + 1), "key")
        line = line_of(self._text, key)
        return ConfigError(f"{self._path}:{line}: {'.'.join(key)}: {words}")


def _is_command(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("key", ""), str)
    )
