"""Texts with ``*`` for anything, as pieces between the asterisks. Nothing is tried twice: the time grows with
the text alone, whatever the pattern. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def is_part(pieces: Sequence[str], text: str) -> bool:
    """Whether the pieces stand in a text, one after the other; asterisks alone fit any that is not empty."""
    place = 0
    for piece in pieces:
        place = text.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return bool(text)


def is_whole(pieces: Sequence[str], text: str) -> bool:
    """Whether a text is the pieces with anything between them."""
    if len(pieces) == 1:
        return text == pieces[0]
    first, *between, last = pieces
    rest = len(first) + len(last) <= len(text) and text.startswith(first) and text.endswith(last)
    middle = text[len(first) : len(text) - len(last)]
    return rest and bool(text) and (not any(between) or is_part(between, middle))
