"""Handing text to the terminal's own clipboard (OSC 52), which also works over SSH. Pure.

Terminals never say whether they took it, so neither do we.
"""

from __future__ import annotations

from base64 import b64encode

MOST_ENCODED = 74_994
"""Longest payload that terminals in use take, in encoded bytes."""


def sequences(text: str, *, in_tmux: bool) -> str | None:
    """Return what to write to the terminal, or None if `text` is too long for it.

    Whether tmux lets the plain or the wrapped sequence through depends on two of its options, so inside it
    both are sent.
    """
    payload = b64encode(text.encode()).decode("ascii")
    if len(payload) > MOST_ENCODED:
        return None
    plain = f"\x1b]52;c;{payload}\x07"
    if not in_tmux:
        return plain
    return plain + f"\x1bPtmux;{plain.replace(chr(27), chr(27) * 2)}\x1b\\"
