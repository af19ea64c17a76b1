"""What one thing that a user can do is made of."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from backend.language import N_, _


class Group(StrEnum):
    """Under which title the help lists an action."""

    TASKS = N_("Tasks")
    FIND = N_("Finding")
    MANY = N_("Many at once: what is marked, else the one under the cursor")
    OWN = N_("Your own commands")
    VIEW = N_("Getting about")
    PROGRAM = N_("Program")
    BUILDER = N_("New request")
    ACCOUNTS = N_("Accounts")
    BOXES = N_("Questions, lists, texts, requests")


class Scope(StrEnum):
    """Where an action's keys work."""

    APP = "app"
    DASHBOARD = "dashboard"
    TASK = "task"
    """Wherever one task is shown: on the dashboard and on the detail screen."""
    TABLE = "table"
    """The table widget binds these itself; they are here to be listed."""
    BUILDER = "builder"
    ACCOUNTS = "accounts"
    """On the accounts screen, in place of all others."""
    ACCOUNT_FORM = "account form"
    FILES = "files"
    """Where a picture is chosen, in place of all others."""
    FORM = "form"
    """The form and the request beside it bind these themselves; they are here to be listed."""
    BOX = "box"
    """In every box over a screen."""
    LIST = "list"
    """In boxes where nothing is written."""
    QUESTION = "question"
    WRITING = "writing"
    """In boxes that are about a text."""
    CHOOSING = "choosing"
    COLUMNS = "columns"
    SEVERAL = "several"
    COPYING = "copying"
    TEXT = "text"
    """Where a long text has the focus, before what its screen has under the same keys."""
    FINDING = "finding"
    """While words are typed that are to be found in a text."""
    FILTER = "filter"
    """While a filter is typed."""
    LOG = "log"
    COMPARING = "comparing"


class Action(NamedTuple):
    """One thing to do. `hint` is its word in the footer; without one it is not shown there.

    `title`, `help` and `hint` are English, to be translated where they are shown.
    """

    id: str
    keys: str
    title: str
    help: str
    group: Group
    scope: Scope
    call: str
    hint: str = ""
    first: bool = False
    """Whether its keys go before what the focused widget does with them."""

    @property
    def name(self) -> str:
        """The title with the word of the footer, or with the English title, to be found by either."""
        title = _(self.title)
        if title != self.title:  # English is quickly typed where Chinese takes an input method
            return f"{title} · {self.title}"
        known = not self.hint or self.hint in title.lower()
        return title if known else f"{title} ({self.hint})"

    @property
    def each_key(self) -> list[str]:
        """Its keys by their names; those of the user's own commands may have none."""
        return self.keys.split(",") if self.keys else []

    @property
    def shown_keys(self) -> str:
        """The keys as people call them: ``^p :``."""
        return " ".join(_key_word(key) for key in self.each_key)

    @property
    def first_key(self) -> str:
        """The key to show where there is room for one."""
        return _key_word(self.keys.split(",")[0])


_KEY_WORDS = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "colon": ":",
    "equals_sign": "=",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "plus": "+",
    "minus": "-",
    "grave_accent": "`",
    "asterisk": "*",
    "escape": "esc",
    "delete": "del",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "ctrl+pageup": "^pgup",
    "ctrl+pagedown": "^pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def _key_word(key: str) -> str:
    if key.startswith("shift+"):
        return f"shift+{_key_word(key.removeprefix('shift+'))}"
    return _KEY_WORDS.get(key, key.replace("ctrl+", "^"))


def key_of_word(word: str) -> str | None:
    """Return the key that is called so, as :attr:`Action.first_key` does; None if it is not one key."""
    if word in _KEYS_BY_WORD:
        return _KEYS_BY_WORD[word]
    if len(word) == 2 and word[0] == "^":
        return f"ctrl+{word[1]}"
    is_named = word in ("tab", "enter", "space", "home", "end") or (word[:1] == "f" and word[1:].isdecimal())
    return word if is_named or (len(word) == 1 and word.isalnum()) else None


_KEYS_BY_WORD = {word: key for key, word in _KEY_WORDS.items()}
