"""The looks: dark, light, high contrast, and the terminal's own sixteen colours.

All colours but those are in the 256-colour palette, so that SSH changes nothing, and those that mean
something are nearest to the right one of the sixteen colours too. What is read has a contrast of 4.5 to what
is behind it, in high contrast of 7.
"""

from __future__ import annotations

from textual.theme import Theme


def _theme(
    name: str, colours: dict[str, str], *, dark: bool, bar: tuple[str, str], ansi: bool = False
) -> Theme:
    """Return a theme; `bar` is what is behind the row at hand, and its text."""
    behind, text = bar
    # In the dark, what Textual makes of the others can be read well enough.
    told = {} if name == "dark" else {f"text-{key}": colours[key] for key in ("success", "warning", "error")}
    return Theme(
        name=name,
        dark=dark,
        ansi=ansi,
        primary=colours["primary"],
        secondary=colours["quiet"],
        accent=colours["primary"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        variables={
            **told,
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "text-muted": colours["muted"],
            "border": colours["primary"],
            "border-blurred": colours["line"],
            "block-cursor-background": behind,
            "block-cursor-foreground": text,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": colours["panel"],
            "block-cursor-blurred-foreground": colours["foreground"],
            "input-selection-background": behind,
            "screen-selection-background": behind,
            "input-selection-foreground": text,
            "screen-selection-foreground": text,
            "scrollbar": colours["line"],
            "scrollbar-hover": colours["quiet"],
            "scrollbar-active": colours["primary"],
            "scrollbar-background": colours["background"],
            "scrollbar-background-hover": colours["background"],
            "scrollbar-background-active": colours["background"],
            "scrollbar-corner-color": colours["background"],
        },
    )


DARK = _theme(
    "dark",
    {
        "primary": "#5fafff",
        "quiet": "#5f87af",
        "success": "#87d75f",
        "warning": "#ffaf5f",
        "error": "#ff8787",
        "foreground": "#d0d0d0",
        "background": "#121212",
        "surface": "#1c1c1c",
        "panel": "#303030",
        "muted": "#949494",
        "line": "#444444",
    },
    dark=True,
    bar=("#005f87", "#eeeeee"),
)
LIGHT = _theme(
    "light",
    {
        "primary": "#005faf",
        "quiet": "#5f87af",
        "success": "#005f00",
        "warning": "#875f00",
        "error": "#af0000",
        "foreground": "#262626",
        "background": "#ffffff",
        "surface": "#eeeeee",
        "panel": "#dadada",
        "muted": "#5f5f5f",
        "line": "#b2b2b2",
    },
    dark=False,
    bar=("#005f87", "#ffffff"),
)
HIGH_CONTRAST = _theme(
    "high-contrast",
    {
        "primary": "#87d7ff",
        "quiet": "#d0d0d0",
        "success": "#87ff87",
        "warning": "#ffd75f",
        "error": "#ff8787",
        "foreground": "#ffffff",
        "background": "#000000",
        "surface": "#000000",
        "panel": "#303030",
        "muted": "#d0d0d0",
        "line": "#d0d0d0",
    },
    dark=True,
    bar=("#ffffff", "#000000"),
)
TERMINAL = _theme(
    "terminal",
    {
        "primary": "ansi_cyan",
        "quiet": "ansi_cyan",
        "success": "ansi_green",
        "warning": "ansi_yellow",
        "error": "ansi_red",
        "foreground": "ansi_default",
        "background": "ansi_default",
        "surface": "ansi_default",
        "panel": "ansi_default",
        "muted": "ansi_default",
        "line": "ansi_bright_black",
    },
    dark=True,
    bar=("ansi_cyan", "ansi_black"),
    ansi=True,
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST, TERMINAL)}
