"""The sentences that records keep in English, found again in the catalogue with what was put into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations

from backend.language import RECORD

_MARK = f"{RECORD}\x04"
"""Before the sentences of a context in a catalogue."""
_HOLE = re.compile(r"\{(\w+)(?:![rs])?(?::[^{}]*)?\}")
_DEEPEST = 3
"""Sentences in sentences: a reason may be a sentence of its own."""
_LONGEST = 1000
"""Characters above which words are those of somebody else."""
_TELLING = 14
"""Letters of its own from which on a sentence cannot be mistaken for somebody else's words."""
_FREE = frozenset({"words", "why", "error", "path", "head", "header"})
"""Holes that take more than one word."""


@lru_cache(2048)
def translated(text: str, catalogue: NullTranslations, *, is_ours: bool) -> str:
    """Return `text` in the language of `catalogue` if it is a sentence of reeltop's own, else as it is.

    `is_ours`: whether nobody else can have said it, so that few words of ours are enough to know it by.
    """
    return _translated(text, catalogue, _DEEPEST, is_ours=is_ours)


def _translated(text: str, catalogue: NullTranslations, depth: int, *, is_ours: bool) -> str:
    if len(text) > _LONGEST or depth == 0:
        return text
    told = catalogue.pgettext(RECORD, text)
    if told == text and text.endswith("."):
        told = catalogue.gettext(text)  # a failure's meaning
    if told != text:
        return told

    def inner(text: str) -> str:
        return _translated(text, catalogue, depth - 1, is_ours=is_ours)

    for sentence in _sentences(catalogue):
        if (is_ours or sentence.letters >= _TELLING) and (found := sentence.pattern.fullmatch(text)):
            values = {name: inner(value) for name, value in found.groupdict().items()}
            return _HOLE.sub(lambda hole: values[hole[1]], sentence.told)  # noqa: B023  called here
    # A host, a code or a status before our own words.
    head, colon, rest = text.partition(": ")
    if colon and " " not in head and (told := inner(rest)) != rest:
        return f"{head}: {told}"
    return text


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with values in it, as it looks once these are in."""

    pattern: re.Pattern[str]
    told: str
    """In the other language."""
    letters: int
    """How many are its own."""


@lru_cache(4)
def _sentences(catalogue: NullTranslations) -> Sequence[_Sentence]:
    """Return the sentences with values, the wordiest first."""
    kept: dict[str, str] = {}
    part: NullTranslations | None = catalogue
    while part is not None:
        inside = vars(part)  # gettext has no public way to list what a catalogue holds
        kept |= {key: told for key, told in inside.get("_catalog", {}).items() if isinstance(key, str)}
        part = inside["_fallback"]
    found = [
        _Sentence(_pattern(text), told, sum(letter.isalpha() for letter in _HOLE.sub("", text)))
        for key, told in kept.items()
        if key.startswith(_MARK) and _HOLE.search(text := key.removeprefix(_MARK))
    ]
    return sorted(found, key=lambda sentence: -sentence.letters)


def _pattern(text: str) -> re.Pattern[str]:
    seen: set[str] = set()
    made = []
    for place, piece in enumerate(_HOLE.split(text)):
        if place % 2 == 0:
            made.append(re.escape(piece))
        elif piece in seen:
            made.append(f"(?P={piece})")
        else:
            seen.add(piece)
            made.append(f"(?P<{piece}>.+?)" if piece in _FREE else f"(?P<{piece}>\\S+?)")
    return re.compile("".join(made), re.DOTALL)
