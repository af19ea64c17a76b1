"""The language of what people read: English as written in the code, or a catalogue of gettext.

A sentence is given to :func:`_` where it is made, or marked with :func:`N_` where it is a constant and given
to :func:`_` where it is shown. Values are put in afterwards: ``_("{count} of {total} shown").format(...)``.
Never translated: what scripts read (JSON, identifiers, the names of statuses in the filter language), what is
kept, logs, and the words of providers and users.

What is kept is English: marked with :func:`N_` where it is a constant that :func:`_` translates when it is
shown; marked with :func:`recorded` where values are put into it, or where it stands among the words of others
(of a failure, of an event), and translated by :func:`spoken`. What raises or says something at once, but may
be run by the engine, which records it, runs :func:`in_english` there; such a sentence is given to
:func:`pgettext` with the context :data:`RECORD`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""By the name of the catalogue's folder: what a language calls itself."""

PARTS = ("tui", "backend", "providers", "cli")
"""A catalogue for each part of the code, named after its folder."""

FOLDER = Path(__file__).parent / "languages"

RECORD = "record"
"""The context of sentences that records keep."""

_language = "en"
_catalogue: NullTranslations | None = None
_kept_english: ContextVar[bool] = ContextVar("kept_english", default=False)


def _(text: str) -> str:
    """Return a sentence in the chosen language."""
    return text if _catalogue is None or not text or _kept_english.get() else _catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for `count` things: ``ngettext("{count} task", "{count} tasks", count)``."""
    if _catalogue is None or _kept_english.get():
        return one if count == 1 else many
    return _catalogue.ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """Return a short word whose meaning depends on where it stands."""
    return text if _catalogue is None or _kept_english.get() else _catalogue.pgettext(context, text)


def listed(parts: Iterable[str]) -> str:
    """Return parts one after the other, as in a sentence: ``a, b, c``."""
    return reduce(
        lambda before, part: _("{before}, {part}").format(before=before, part=part), [*parts] or [""]
    )


def named(names: Iterable[str]) -> str:
    """Return names one after the other: ``a, b, c``. Chinese parts them by another comma than sentences."""
    return reduce(lambda before, name: _("{names}, {name}").format(names=before, name=name), [*names] or [""])


def N_(text: str) -> str:  # noqa: N802 - the name that tools of gettext know
    """Mark a constant that :func:`_` translates where it is shown."""
    return text


def recorded(text: str) -> str:
    """Mark a sentence that is kept in English and that :func:`spoken` translates, whatever is put into it."""
    return text


def spoken(text: str, *, is_ours: bool = False) -> str:
    """Return words of a record in the chosen language; those of providers and users as they are.

    `is_ours`: whether nobody else can have said them.
    """
    if _catalogue is None or not text or _kept_english.get():
        return text
    from backend.recorded_sentences import translated

    return translated(text, _catalogue, is_ours=is_ours)


def speaks_english() -> bool:
    """Whether nothing is translated just now."""
    return _catalogue is None or _kept_english.get()


@contextmanager
def in_english() -> Iterator[None]:
    """Say what is made in here, and in the tasks and threads begun in here, in English: it is kept."""
    before = _kept_english.set(True)
    try:
        yield
    finally:
        _kept_english.reset(before)


def speak(language: str) -> None:
    """From now on, say everything in one of :data:`LANGUAGES`. Raises KeyError for another."""
    global _language, _catalogue
    if language not in LANGUAGES:
        raise KeyError(language)
    _language, _catalogue = language, None
    if language == "en":
        return
    from gettext import translation

    for part in PARTS:
        catalogue = translation(part, FOLDER, [language])
        if _catalogue is None:
            _catalogue = catalogue
        else:
            _catalogue.add_fallback(catalogue)


def spoken_language() -> str:
    """Return which of :data:`LANGUAGES` is spoken."""
    return _language


def choose_language(wanted: str | None, environment: Mapping[str, str]) -> str:
    """Return the first of :data:`LANGUAGES` that is asked for, else English.

    `wanted` (an option, or the configuration) goes before ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` and
    ``LANG``, each read as gettext does: ``zh_CN.UTF-8``, ``zh-Hans``, ``zh_CN:en``. Raises ValueError for a
    `wanted` that there is not.
    """
    if wanted is not None:
        if (found := _known(wanted)) is None:
            raise ValueError(f"no language {wanted!r}: there are {', '.join(LANGUAGES)}")
        return found
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    if locale.split(".")[0] in ("", "C", "POSIX"):
        return "en"
    return next(filter(None, map(_known, (environment.get("LANGUAGE") or locale).split(":"))), "en")


def _known(name: str) -> str | None:
    language, _, rest = name.split(".")[0].split("@")[0].replace("-", "_").partition("_")
    if language.lower() == "zh":
        return None if rest.lower() in ("tw", "hk", "mo", "hant") else "zh_CN"
    return language.lower() if language.lower() in LANGUAGES else None
