"""How the dashboard is to be drawn: decided before Textual is imported, which reads some of it only then."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from backend.language import _
from backend.ssh import is_remote

KEYS = frozenset({"lean", "refresh", "theme", "language", "pictures"})
"""Of the configuration, at its top."""

THEMES = ("dark", "light", "high-contrast", "terminal")
"""The looks; ``terminal`` is the terminal's own sixteen colours."""

PICTURES = ("auto", "half-cells", "kitty", "sixel")
"""How pictures are drawn; ``auto`` is what the terminal says that it can."""

PICTURES_VARIABLE = "REELTOP_PICTURES"
"""Of the environment: one of :data:`PICTURES`, whatever the configuration says."""

_LEAN_FRAMES = "15"
"""A second: two keys that follow each other faster are answered by one picture."""


class Display(NamedTuple):
    """What suits the user's line."""

    lean: bool = False
    """Spare bytes: no boxes that come and go, 256 colours, fewer pictures a second."""
    refresh: float = 1.0
    """Seconds between two looks at the clock for what is shown of it."""
    theme: str = THEMES[0]
    """One of :data:`THEMES`."""
    configured_theme: str = THEMES[0]
    """What the configuration says."""
    theme_file: Path | None = None
    """Where a theme chosen while running is kept."""
    pictures: str = PICTURES[0]
    """One of :data:`PICTURES`."""

    @property
    def environment(self) -> dict[str, str]:
        """What Textual is to find in the environment."""
        return {"TEXTUAL_FPS": _LEAN_FRAMES, "TEXTUAL_COLOR_SYSTEM": "256"} if self.lean else {}


def choose_display(
    *,
    lean: bool | None,
    refresh: str | None,
    config: Path,
    environment: Mapping[str, str],
    theme_file: Path | None = None,
) -> Display:
    """Return what options say, or else the configuration, or else what suits the line: SSH may be slow.

    Raises ValueError for a `refresh` that is no span of time, and for a wrong :data:`PICTURES_VARIABLE`. What
    is wrong with the configuration is not told here: reading all of it will. A theme chosen while running,
    kept in `theme_file`, holds until the configuration says another than it did then.
    """
    over_ssh = is_remote(environment)
    says = configured(config)
    configured_lean = says.get("lean")
    if lean is None:
        lean = configured_lean if isinstance(configured_lean, bool) else over_ssh
    seconds = 5.0 if over_ssh else 1.0
    if refresh is not None:
        try:
            seconds = parse_refresh(refresh)
        except ValueError as error:
            raise ValueError(f"--refresh {refresh}: {error}") from None
    elif isinstance(text := says.get("refresh"), str):
        with suppress(ValueError):
            seconds = parse_refresh(text)
    named = says.get("theme")
    configured_theme = named if isinstance(named, str) and named in THEMES else THEMES[0]
    theme = _kept_theme(theme_file, configured_theme) or configured_theme
    return Display(lean, seconds, theme, configured_theme, theme_file, _pictures(says, environment))


def keep_theme(display: Display, theme: str) -> None:
    """Keep a theme that was chosen while running, for the next run. Blocks. Raises OSError."""
    from backend.files import replace_file

    if display.theme_file is not None:
        replace_file(display.theme_file, f"{theme}\n{display.configured_theme}\n")


def _pictures(says: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    wanted = environment.get(PICTURES_VARIABLE)
    if wanted and wanted not in PICTURES:
        must = _("must be {names}").format(names=_(" or ").join(PICTURES))
        raise ValueError(f"{PICTURES_VARIABLE}={wanted}: {must}")
    named = wanted or says.get("pictures")
    return named if isinstance(named, str) and named in PICTURES else PICTURES[0]


def _kept_theme(path: Path | None, configured: str) -> str | None:
    try:
        chosen, instead_of = path.read_text(encoding="utf-8").split() if path is not None else ("", "")
    except (OSError, ValueError):
        return None
    return chosen if chosen in THEMES and instead_of == configured else None


def parse_refresh(text: str) -> float:
    """Return seconds. Raises ValueError."""
    from backend.spans import parse_span

    seconds = parse_span(text).total_seconds()
    if seconds < 1:
        raise ValueError(_("must be 1s or longer"))
    return seconds


def configured(config: Path) -> Mapping[str, Any]:
    """Return the configuration if one of :data:`KEYS` may be in it; nothing if it cannot be read."""
    try:
        text = config.read_text(encoding="utf-8")
        if not any(key in text for key in KEYS):
            return {}
        import tomllib  # rarely needed, and the first screen waits for it

        return tomllib.loads(text)
    except (OSError, ValueError):
        return {}
