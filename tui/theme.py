"""The look: dark, one accent.

All colours are in the 256-colour palette, so that SSH changes nothing, and those that mean something are
nearest to the right one of the sixteen colours too.
"""

from __future__ import annotations

from textual.theme import Theme

REELTOP = Theme(
    name="reeltop",
    dark=True,
    primary="#5fafff",
    secondary="#5f87af",
    accent="#5fafff",
    success="#87d75f",
    warning="#ffaf5f",
    error="#ff8787",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    variables={
        "text-muted": "#949494",
        "border": "#5fafff",
        "border-blurred": "#444444",
        "block-cursor-background": "#005f87",
        "block-cursor-foreground": "#eeeeee",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#303030",
        "block-cursor-blurred-foreground": "#d0d0d0",
        "input-selection-background": "#005f87",
        "screen-selection-background": "#005f87",
        "scrollbar": "#444444",
        "scrollbar-hover": "#5f87af",
        "scrollbar-active": "#5fafff",
        "scrollbar-background": "#121212",
        "scrollbar-background-hover": "#121212",
        "scrollbar-background-active": "#121212",
        "scrollbar-corner-color": "#121212",
    },
)
