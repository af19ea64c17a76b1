"""What was typed: moved from one operation to another, and kept on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from backend.drafts import VALUES
from backend.language import _
from backend.providers.fields import FieldSpec, Kind, Role
from backend.service import Draft

_ASIDE = "@"
"""Begins the names of texts that are put aside; no field of a request model is called so."""


class Carrier:
    """Carries texts between operations: by role, or by name, as far as the other field can hold them.

    Every operation keeps its own texts as well, so that what does not fit elsewhere comes back with it.
    Texts put aside travel in the draft, under names that begin with ``@``.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._aside = {name: text for name, text in texts.items() if name.startswith(_ASIDE)}

    def values(self, variables: Iterable[str]) -> dict[str, str]:
        """Return what was typed as the values of `variables`, one a line."""
        return {name: self._aside.get(f"{VALUES}{name}", "") for name in variables}

    def keep_values(self, texts: Mapping[str, str]) -> None:
        """Put aside what was typed as the values of variables."""
        self._aside.update({f"{VALUES}{name}": text for name, text in texts.items()})

    @property
    def aside(self) -> Mapping[str, str]:
        return self._aside

    def leave(self, operation: str, specs: Iterable[FieldSpec], texts: Mapping[str, str]) -> None:
        """Put aside the texts of `operation`."""
        for spec in specs:
            text = texts.get(spec.name, "")
            own, shared = _own(operation, spec), _shared(spec)
            if text:
                self._aside[own] = self._aside[shared] = text
            else:
                self._aside.pop(own, None)
                if fits(spec, self._aside.get(shared, "")):
                    self._aside.pop(shared, None)

    def enter(self, operation: str, specs: Iterable[FieldSpec]) -> dict[str, str]:
        """Return the texts to start `operation` with."""
        found = {}
        for spec in specs:
            shared = self._aside.get(_shared(spec), "")
            text = shared if shared and fits(spec, shared) else self._aside.get(_own(operation, spec), "")
            if text:
                found[spec.name] = text
        return found


def without_own_ids(draft: Draft, names: Iterable[str]) -> Draft:
    """Return `draft` without the ids the user gave: a second task with the same one would be refused."""
    gone = {*names, f"{_ASIDE}role:{Role.EXTERNAL_ID.value}"}
    return replace(draft, texts={name: text for name, text in draft.texts.items() if name not in gone})


def left_behind(texts: Mapping[str, str], here: Iterable[FieldSpec], there: Iterable[FieldSpec]) -> list[str]:
    """Return the titles of the fields `here` whose texts no field `there` can hold."""
    takers: dict[str, list[FieldSpec]] = {}
    for spec in there:
        takers.setdefault(_shared(spec), []).append(spec)
    return [
        _(spec.title)
        for spec in here
        if (text := texts.get(spec.name))
        and not any(fits(taker, text) for taker in takers.get(_shared(spec), ()))
    ]


def fits(spec: FieldSpec, text: str) -> bool:
    """Whether a text typed for a like field makes sense in this one. It may still break a limit."""
    if spec.closed or (spec.role is Role.MODEL and spec.choices):
        return text in map(str, spec.choices)
    match spec.kind:
        case Kind.BOOLEAN:
            return text in ("true", "false")
        case Kind.INTEGER | Kind.NUMBER:
            return _is_number(text)
        case Kind.OBJECT:
            return text.lstrip().startswith("{")
        case _:
            return True


def _own(operation: str, spec: FieldSpec) -> str:
    return f"{_ASIDE}{operation}:{spec.name}"


def _shared(spec: FieldSpec) -> str:
    # A list and a single value of one name are different things.
    if spec.role is not None:
        return f"{_ASIDE}role:{spec.role.value}"
    return f"{_ASIDE}name:{'list:' if spec.kind is Kind.LIST else ''}{spec.name}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class DraftKeeper:
    """Saves the newest draft, one write at a time, and none twice."""

    def __init__(self, save: Callable[[Draft], Awaitable[None]], draft: Draft) -> None:
        """`draft` is what is on disk."""
        self._save = save
        self.newest = self._saved = draft
        self._writing = asyncio.Lock()

    def keep(self, draft: Draft) -> None:
        """Name the draft that the next :meth:`flush` writes."""
        self.newest = draft

    @property
    def is_behind(self) -> bool:
        """Whether the newest draft is not on disk yet."""
        return self.newest != self._saved

    async def flush(self) -> None:
        """Write what is not yet on disk. Raises StoreError, OSError."""
        async with self._writing:
            while self.is_behind:
                draft = self.newest
                await self._save(draft)
                self._saved = draft
