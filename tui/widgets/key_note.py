"""Below what a box is about: its keys, to be pressed or clicked."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from backend.language import _
from tui.action import key_of_word
from tui.widgets.status_bar import Hint


class KeyNote(Static):
    """Keys with their words, in as many lines as they need."""

    DEFAULT_CSS = """
    KeyNote { height: auto; color: $text-muted; link-color: $text-muted; link-style: none; }
    """

    def __init__(self, *hints: Hint, before: str = "", classes: str | None = None) -> None:
        """`before` stands before the keys."""
        words = Text(before)
        for key, word in hints:
            words.append(" · " if words else "")
            words.append(_("{key}: {word}").format(key=key, word=word), _pressing(key))
        super().__init__(words, classes=classes)


def _pressing(word: str) -> Style:
    key = key_of_word(word)
    return Style(meta={"@click": f"app.simulate_key({key!r})"}) if key else Style()
