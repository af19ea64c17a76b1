"""What is meant for the terminal outside of tmux."""

from __future__ import annotations


def wrapped(sequence: str) -> str:
    """Return an escape sequence that tmux hands on, if its option ``allow-passthrough`` is on."""
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
