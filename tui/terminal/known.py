"""Which Textual this is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import textual

VERSION = "8.2.8"
"""The one whose private parts this package was written for and is tested with."""


def is_known() -> bool:
    """Whether this is that version, on a system with a terminal of the Unix kind."""
    # Asking importlib.metadata takes longer than painting the first screen.
    folder = Path(textual.__file__).parents[1] / f"textual-{VERSION}.dist-info"
    return sys.platform != "win32" and folder.is_dir()


_ERASING = frozenset(
    {"alacritty", "contour", "foot", "ghostty", "iterm2", "kitty", "konsole", "linux", "mintty", "rxvt", "st"}
    | {"vte", "wezterm", "xterm"}
)
"""Families of terminals whose description has the flag ``bce``; screen and tmux are not among them."""


def erases_in_colour() -> bool:
    """Whether the terminal erases cells in the colour of the background."""
    return os.environ.get("TERM", "").split("-")[0] in _ERASING
