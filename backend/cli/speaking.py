"""The language of one run: asked for by an option, the configuration, or the environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from backend.display import configured
from backend.language import choose_language, speak
from backend.paths import find_config


def speak_as_asked(argv: Sequence[str]) -> None:
    """From now on speak what ``--language`` in `argv` says, else the configuration, else the locale.

    It comes before anything can be said, the words of ``--help`` too. A language that there is not is passed
    over: what reads all options, and all of the configuration, refuses it.
    """
    config = _last(argv, "--config")
    asked = _last(argv, "--language") or configured(
        find_config(Path(config).expanduser() if config else None)
    ).get("language")
    try:
        speak(choose_language(asked if isinstance(asked, str) else None, os.environ))
    except ValueError:
        speak(choose_language(None, os.environ))


def _last(argv: Sequence[str], option: str) -> str | None:
    """Return the value of an option that may stand anywhere."""
    value = None
    for place, word in enumerate(argv):
        if word == "--":
            break
        if word == option and place + 1 < len(argv):
            value = argv[place + 1]
        elif word.startswith(f"{option}="):
            value = word.partition("=")[2]
    return value
