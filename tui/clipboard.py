"""Handing text to the terminal's own clipboard (OSC 52), which also works over SSH. Pure.

Terminals never say whether they took it, so neither do we.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

from backend.language import _
from tui.terminal.tmux import wrapped

MOST_ENCODED = 74_994
"""Longest payload that terminals in use take, in encoded bytes."""


def sequences(text: str, *, in_tmux: bool) -> str:
    """Return what to write to the terminal; empty if `text` is too long for it.

    Whether tmux lets the plain or the wrapped sequence through depends on two of its options, so inside it
    both are sent.
    """
    payload = b64encode(text.encode()).decode("ascii")
    if len(payload) > MOST_ENCODED:
        return ""
    plain = f"\x1b]52;c;{payload}\x07"
    return plain + wrapped(plain) if in_tmux else plain


@dataclass(slots=True)
class Sent:
    """Where a text went."""

    name: str
    by_hand: str
    """The keys that show it as plain text."""
    to_terminal: bool
    took: list[str] = field(default_factory=list)
    """Programs that took it."""
    refused: list[str] = field(default_factory=list)

    def words(self) -> str:
        """Say so, and what to do if it did not arrive."""
        names = {"name": self.name, "keys": self.by_hand, "programs": ", ".join(self.took)}
        if self.to_terminal and self.took:
            words = _("{name} sent to the terminal's clipboard and to {programs}; if it is not there: {keys}")
        elif self.to_terminal:
            words = _("{name} sent to the terminal's clipboard; if it is not there: {keys}")
        elif self.took:
            words = _("{name} is too long for the terminal, sent to {programs}; if it is not there: {keys}")
        else:
            words = _("{name} is too long for the terminal, and {programs} did not take it; as text: {keys}")
            names["programs"] = ", ".join(self.refused)
        return words.format(**names)
