"""The look: dark, one accent, all colours from the 256-colour palette, so that SSH changes nothing."""

from __future__ import annotations

from textual.theme import Theme

REELTOP = Theme(
    name="reeltop",
    dark=True,
    primary="#87afd7",
    secondary="#5f87af",
    accent="#87afd7",
    success="#87d787",
    warning="#d7af5f",
    error="#ff8787",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    variables={
        "text-muted": "#949494",
        "border": "#87afd7",
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
        "scrollbar-active": "#87afd7",
        "scrollbar-background": "#121212",
        "scrollbar-background-hover": "#121212",
        "scrollbar-background-active": "#121212",
        "scrollbar-corner-color": "#121212",
    },
)
