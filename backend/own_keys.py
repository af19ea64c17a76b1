"""The user's own keys (``[keys]``), read before the dashboard is made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from backend.config_lines import line_of
from backend.errors import ConfigError

_TABLE = re.compile(r"^\s*(\[\s*[\"']?keys[\"']?\s*\]|[\"']?keys[\"']?\s*[.=])", re.MULTILINE)


class OwnKeys:
    """What stands in the configuration at `path`; nothing if that cannot be read, which reading all of it
    will tell."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = ""
        self.keys: Mapping[str, str] = {}
        """The keys of each action, as written."""
        try:
            text = path.read_text(encoding="utf-8")
            if not _TABLE.search(text):
                return
            import tomllib  # rarely needed, and the first screen waits for it

            keys = tomllib.loads(text).get("keys")
        except (OSError, ValueError):
            return
        if isinstance(keys, dict) and all(isinstance(value, str) for value in keys.values()):
            self._text, self.keys = text, keys

    def error(self, action: str, words: str) -> ConfigError:
        """Return what is wrong with the keys of an action, and where that stands."""
        line = line_of(self._text, ("keys", action))
        return ConfigError(f"{self._path}:{line}: keys.{action}: {words}")
