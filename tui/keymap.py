"""The user's own keys: taken over before any screen is made of them, and told apart from what cannot work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backend.language import N_, _
from backend.own_keys import OWN_COMMANDS
from tui.action import Action, Group, Scope

_TOGETHER = (
    ("app", "dashboard", "task", "table"),
    ("app", "builder", "form"),
    ("app", "files"),
    ("box", "files"),
    ("app", "log"),
    ("app", "comparing"),
    ("app", "text"),
    ("list", "text"),
    ("box", "list", "question"),
    ("box", "list", "choosing", "columns"),
    ("box", "list", "choosing", "several"),
    ("box", "list", "copying"),
    ("box", "list", "accounts"),
    ("box", "writing"),
    ("box", "account form"),
    ("filter",),
    ("finding",),
)
"""Scopes whose keys work at the same time."""
_WRITTEN_IN = ("builder", "files", "account form", "writing", "filter", "finding")
"""Scopes where texts are written."""
_NAMED = frozenset(
    {"space", "enter", "tab", "shift+tab", "escape", "backspace", "delete", "insert", "up", "down"}
    | {"left", "right", "home", "end", "pageup", "pagedown", "ctrl+pageup", "ctrl+pagedown"}
    | {"shift+up", "shift+down"}
)
_TWINS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace"}
_CHARACTERS = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
"""What is typed, and what Textual calls it; the comma stands between two keys and is called by its name."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TYPED = frozenset({*_LETTERS, *_LETTERS.upper(), *"0123456789", *_CHARACTERS.values(), "comma", "space"})
"""Keys that write something where something can be written."""
_CONTROLLED = frozenset({f"ctrl+{letter}" for letter in _LETTERS} - {"ctrl+c", *_TWINS})
_REACHABLE = _TYPED | _NAMED | _CONTROLLED | {f"f{number}" for number in range(1, 13)}

wanted: Mapping[str, str] = {}
"""Keys by action, from the configuration; set before the actions are imported."""

commands: Sequence[tuple[str, str]] = ()
"""The names of the user's own commands, each with its keys, maybe none; set like :data:`wanted`."""


def own_actions() -> tuple[Action, ...]:
    """Return an action for each of the user's own commands; its title is the command's name."""
    return tuple(
        Action(
            f"{OWN_COMMANDS}{name}",
            ",".join(parse(keys)),
            name,
            N_("A program of yours, with the chosen tasks."),
            Group.OWN,
            Scope.TASK,
            f"own_command({place})",
        )
        for place, (name, keys) in enumerate(commands)
    )


def with_keys(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Return the actions with the keys that are wanted."""
    return tuple(
        action._replace(keys=",".join(parse(wanted[action.id]))) if wanted.get(action.id) else action
        for action in actions
    )


def parse(text: str) -> list[str]:
    """Return the names of the keys in ``"x, ctrl+g"``."""
    words = [word.strip() for word in text.split(",")]
    return [_CHARACTERS.get(word, word if len(word) == 1 else word.lower()) for word in words if word]


def problem(actions: Sequence[Action], keys: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first action, or command of the user's, whose keys cannot be had, and why; `actions` have
    the keys that they usually have, `keys` are those that the user wants."""
    known = {action.id: action for action in actions}
    for name, text in keys.items():
        if name not in known:
            words = _("no such action; known: {names}")
            return name, words.format(names=", ".join(_changeable(actions)))
        if words := _refusal(known[name], parse(text)):
            return name, words
    own = own_actions()
    for action in own:
        if action.keys and (words := _refusal(action, action.each_key)):
            return action.id, words
    by_keys = [
        action._replace(keys=",".join(parse(keys[action.id]))) if action.id in keys else action
        for action in actions
    ]
    return next(_conflicts([*by_keys, *own], [*(each.id for each in own), *keys]), None)


def conflicts(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """Return whatever key means two things at once: an action, and the words for it."""
    return list(_conflicts(actions, [action.id for action in actions]))


def _changeable(actions: Sequence[Action]) -> list[str]:
    return [action.id for action in actions if action.call]


def _refusal(action: Action, keys: Sequence[str]) -> str:
    if not action.call:
        words = _("the keys of '{title}' cannot be changed: each of them does something else")
        return words.format(title=_(action.title))
    if not keys:
        return _("needs a key")
    for key in keys:
        if key in _TWINS:
            words = _("{key} is {other} to a terminal: choose another key")
            return words.format(key=key, other=_TWINS[key])
        if key == "ctrl+c":
            return _("ctrl+c copies what is selected: choose another key")
        if key not in _REACHABLE:
            words = _(
                "{key} does not reach every terminal: choose a character, ctrl and a letter, or f1 to f12"
            )
            return words.format(key=key)
    if action.scope in _WRITTEN_IN:
        quiet = [key for key in keys if key not in _TYPED]
        if action.first and len(quiet) < len(keys):
            return _("where texts are written, this needs keys that write nothing, such as f11")
        if not quiet:
            return _("where texts are written, this needs a key that writes nothing as well, such as f11")
    return ""


def _conflicts(actions: Sequence[Action], blamed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what of `blamed` has a key that another action has, where both work."""
    for scopes in _TOGETHER:
        owners: dict[str, Action] = {}
        for action in actions:
            for key in action.each_key if action.scope in scopes else ():
                other = owners.setdefault(key, action)
                if other.id == action.id:
                    continue
                for one, two in ((action, other), (other, action)):
                    if one.id in blamed:
                        words = _("{key} is for '{two}' ({id}) already, here for '{one}'")
                        yield (
                            one.id,
                            words.format(key=key, two=_(two.title), id=two.id, one=_(one.title)),
                        )
                        break
