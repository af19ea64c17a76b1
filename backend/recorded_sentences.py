"""The sentences that records keep in English, found again in the catalogue with what was put into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


@lru_cache(2048)
def translated(text: str, catalogue: NullTranslations) -> str:
    """Return `text` in the language of `catalogue` if it is a sentence of reeltop's own, else as it is."""
    return _translated(text, catalogue, _DEEPEST)


def _translated(text: str, catalogue: NullTranslations, depth: int) -> str:
    if len(text) > _LONGEST:
        return text
    exact = catalogue.pgettext(RECORD, text)
    if exact != text or depth == 0:
        return exact
    for pattern, told in _patterns(catalogue):
        if found := pattern.fullmatch(text):
            values = {
                name: _translated(value, catalogue, depth - 1) for name, value in found.groupdict().items()
            }
            return _HOLE.sub(lambda hole, values=values: values.get(hole[1], hole[0]), told)  # type: ignore[misc]
    return text


@lru_cache(4)
def _patterns(catalogue: NullTranslations) -> Sequence[tuple[re.Pattern[str], str]]:
    """Return how the sentences with values look once these are in, the wordiest first."""
    sentences: dict[str, str] = {}
    part: NullTranslations | None = catalogue
    while part is not None:
        inside = vars(part)  # gettext has no public way to list what a catalogue holds
        sentences |= {key: told for key, told in inside["_catalog"].items() if isinstance(key, str)}
        part = inside["_fallback"]
    found = [
        (key.removeprefix(_MARK), told)
        for key, told in sentences.items()
        if key.startswith(_MARK) and _HOLE.search(key)
    ]
    found.sort(key=lambda pair: -len(_HOLE.sub("", pair[0])))
    return [(_pattern(sentence), told) for sentence, told in found]


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _HOLE.split(sentence)
    seen: set[str] = set()
    made = []
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            made.append(re.escape(piece))
        elif piece in seen:
            made.append(f"(?P={piece})")
        else:
            seen.add(piece)
            made.append(f"(?P<{piece}>.+?)")
    return re.compile("".join(made), re.DOTALL)
