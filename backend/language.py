"""The language of what people read: English as written in the code, or a catalogue of gettext.

A sentence is given to :func:`_` where it is made, or marked with :func:`N_` where it is a constant and given
to :func:`_` where it is shown. Values are put in afterwards: ``_("{count} of {total} shown").format(...)``.
Never translated: what scripts read (JSON, identifiers, the names of statuses in the filter language), what is
kept (records hold the English sentence), logs, and the words of providers and users.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""By the name of the catalogue's folder: what a language calls itself."""

PARTS = ("tui", "backend", "providers", "cli")
"""A catalogue for each part of the code, named after its folder."""

FOLDER = Path(__file__).parent / "languages"

_catalogue: NullTranslations | None = None


def _(text: str) -> str:
    """Return a sentence in the chosen language."""
    return _catalogue.gettext(text) if _catalogue is not None and text else text


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for `count` things: ``ngettext("{count} task", "{count} tasks", count)``."""
    if _catalogue is not None:
        return _catalogue.ngettext(one, many, count)
    return one if count == 1 else many


def pgettext(context: str, text: str) -> str:
    """Return a short word whose meaning depends on where it stands."""
    return _catalogue.pgettext(context, text) if _catalogue is not None else text


def N_(text: str) -> str:  # noqa: N802 - the name that tools of gettext know
    """Mark a constant that :func:`_` translates where it is shown."""
    return text


def speak(language: str) -> None:
    """From now on, say everything in one of :data:`LANGUAGES`. Raises KeyError for another."""
    global _catalogue
    if language not in LANGUAGES:
        raise KeyError(language)
    _catalogue = None
    if language == "en":
        return
    from gettext import translation

    for part in PARTS:
        catalogue = translation(part, FOLDER, [language])
        if _catalogue is None:
            _catalogue = catalogue
        else:
            _catalogue.add_fallback(catalogue)


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
