"""What a filter could go on with at the cursor, and the whole language in examples. Pure.

Both are made from the table in :mod:`backend.query_fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.language import N_, _
from backend.models import Task
from backend.query import SORT, quoted, terms
from backend.query_fields import FIELDS, ORDERS, Kind, fold

_OF_IS_AND_HAS = (
    *(N_("active"), N_("ended"), N_("problem"), N_("attention"), N_("files"), N_("saved"), N_("unsaved")),
    *(N_("tags"), N_("note"), N_("batch"), N_("cost"), N_("trouble"), N_("failure"), N_("code")),
)
"""The words beside which their meaning stands, as beside those of statuses and of kinds of failure."""
_SORT_HELP = N_("an order; - turns it round")


@dataclass(frozen=True, slots=True)
class Completion:
    """What could stand at the cursor: `text` for the characters from `start` to `end`, counted from 0."""

    text: str
    help: str
    start: int
    end: int

    def into(self, text: str) -> str:
        """Return the filter with it in its place."""
        return text[: self.start] + self.text + text[self.end :]


def known_values(tasks: Iterable[Task], accounts: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return the values that tasks have in fields worth completing, the most frequent first."""
    counts: dict[str, dict[str, int]] = {
        "account": dict.fromkeys(accounts, 0),
        "provider": {},
        "model": {},
        "operation": {},
        "tag": {},
        "batch": {},
        "code": {},
    }
    for task in tasks:
        for name, seen in counts.items():
            for text in FIELDS[name].texts(task):
                if text:
                    seen[text] = seen.get(text, 0) + 1
    return {name: sorted(seen, key=lambda text: (-seen[text], text)) for name, seen in counts.items()}


def complete(text: str, cursor: int, known: Mapping[str, Sequence[str]]) -> list[Completion]:
    """Return what the term at the cursor could become, best first.

    `known` has the values in use of fields of text, see :func:`known_values`.
    """
    cursor = max(0, min(cursor, len(text)))
    before = terms(text[:cursor])
    term = before[-1] if before and before[-1].end == cursor else None
    if term is None:
        return _names("", cursor, cursor)
    if not term.name:
        minus = int(term.negated)
        quoting = text[term.start + minus : cursor].startswith('"')
        return [] if quoting else _names(term.values[0].text, term.start + minus, cursor)
    value = term.values[-1]
    if term.name == SORT:
        minus = int(value.text.startswith("-"))
        return _values(value.text[minus:], ORDERS, value.start + minus, cursor)
    field = FIELDS.get(term.name)
    if field is None or field.kind in (Kind.SPAN, Kind.NUMBER):
        return []
    if field.words:
        found = _values(value.text, field.words, value.start, cursor)
        return [replace(each, help=_meaning(each.text)) for each in found]
    return _values(value.text, known.get(term.name, ()), value.start, cursor)


def _meaning(word: str) -> str:
    """Return what people read in its place, if that is another word."""
    shown = _(word.replace("_", " "))
    return "" if shown == word.replace("_", " ") else shown


def help_rows() -> list[tuple[str, str]]:
    """Return an example and its meaning for each part of the language."""
    return [
        ("rainy street", _("both words, anywhere in the task")),
        ('"rainy street"', _("the words as they stand")),
        ("rain*street", _("* for anything between, in words and in fields of text; in quotes it is itself")),
        ("-word", _("without it; before a field, too")),
        *((field.example, _with_words(_(field.help), field.words)) for field in FIELDS.values()),
        ("account=kling", _("= is for the whole text, : for a part of it")),
        ("tag:ad,test", _("one or the other")),
        ("sort:-cost", _with_words(_(_SORT_HELP), ORDERS)),
    ]


def _with_words(meaning: str, words: Iterable[str]) -> str:
    told = ", ".join(words)
    return _("{meaning}: {words}").format(meaning=meaning, words=told) if told else meaning


_MARKS = {Kind.SPAN: "<", Kind.NUMBER: ">"}


def _names(typed: str, start: int, end: int) -> list[Completion]:
    wanted = fold(typed)
    names = [(f"{name}{_MARKS.get(field.kind, ':')}", _(field.help)) for name, field in FIELDS.items()]
    names.append((f"{SORT}:", _(_SORT_HELP)))
    return [Completion(name, help, start, end) for name, help in names if name.startswith(wanted)]


def _values(typed: str, options: Iterable[str], start: int, end: int) -> list[Completion]:
    wanted = fold(typed)
    fitting = [option for option in options if wanted in fold(option) and option != typed]
    fitting.sort(key=lambda option: not fold(option).startswith(wanted))
    return [Completion(re.sub("[\r\n]", " ", quoted(option)), "", start, end) for option in fitting]
