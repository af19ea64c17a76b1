"""Make text from users and servers harmless for a terminal (DESIGN rule 9). Pure."""

from __future__ import annotations

import re

# Not compiled here: the first screen waits for this module, and most text is plain.
_ESCAPES = (
    r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, ended by BEL or ST
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\[[0-?]*[ -/]*[@-~]?"  # CSI
    r"|[ -/]*[0-~]?)"
)
_BREAKS = r"[\r\n\t\v\f\x85\u2028\u2029]+"
# C0 and C1 controls, soft hyphen, direction marks and overrides, invisible joiners that break widths,
# BOM, interlinear marks, surrogates, tag characters. ZWJ and variation selectors are dropped because
# terminals disagree about their width.
_INVISIBLE = (
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
_INVISIBLE_IN_LINES = _INVISIBLE.replace(r"\x00-\x1f", r"\x00-\x09\x0b-\x1f")


def clean_line(text: str) -> str:
    """Return `text` as one line without control characters, escapes or direction overrides."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_INVISIBLE, "", re.sub(_BREAKS, " ", re.sub(_ESCAPES, "", text)))


def clean_block(text: str) -> str:
    """Like :func:`clean_line`, but keep line breaks; tabs become four spaces."""
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(_ESCAPES, "", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(_INVISIBLE_IN_LINES, "", text.replace("\t", "    "))


_HARMFUL = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff]"
)
"""What :data:`_INVISIBLE` holds but for tab, line break, joiners, variation selectors and tags."""


def clean_input(text: str) -> str:
    """Return what was typed or pasted without what must never reach a terminal.

    Unlike what is only shown, it keeps joiners, variation selectors and tabs: they are part of the text.
    """
    return re.sub(_HARMFUL, "", re.sub(_ESCAPES, "", text.replace("\r\n", "\n").replace("\r", "\n")))
