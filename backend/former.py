"""What was put into a field before: values from the user's own tasks and drafts. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from backend.drafts import Draft
from backend.errors import UsageError
from backend.providers.vocabulary import Kind, Role

if TYPE_CHECKING:
    from backend.models import Task
    from backend.providers.fields import FieldSpec

MOST = 300
"""Values of a field, the newest."""
_LONGEST = 4096
"""Characters of a value in one line: more is a picture as Base64."""
_EVERYWHERE = (Role.PROMPT, Role.NEGATIVE_PROMPT)
"""What is written for any account and operation may be of use for any other."""


@dataclass(frozen=True, slots=True)
class Former:
    """A value that a field had."""

    text: str
    """As a person would type it. Of a list of objects with one field each (voices, elements), one of them,
    as JSON."""
    at: datetime
    """When it was used last."""
    place: str
    """By what: ``kling text2video``."""
    times: int = 1


def takes_items(spec: FieldSpec) -> bool:
    """Whether former values of a field are single items of its list."""
    return spec.kind is Kind.LIST and len(spec.items) == 1


def former_values(
    tasks: Sequence[Task], drafts: Iterable[tuple[datetime, Draft]], account: str, specs: Iterable[FieldSpec]
) -> dict[str, list[Former]]:
    """Return for each field what it held before, the newest first, each once.

    `tasks` are oldest first. Prompts come from all accounts; any other value from the same field of the same
    account. Ids of tasks are never offered: one is used once.
    """
    specs = list(specs)
    found: dict[str, dict[str, Former]] = {spec.name: {} for spec in specs}
    wanted = [spec for spec in specs if spec.role is not Role.EXTERNAL_ID and not spec.closed]
    for at, draft in drafts:
        for spec in wanted:
            if spec.role in _EVERYWHERE or draft.account == account:
                _note(found[spec.name], spec, _in_draft(draft, spec), at, draft.account, draft.operation)
    for task in reversed(tasks):
        for spec in wanted:
            if spec.role in _EVERYWHERE or task.account == account:
                value = _in_task(task, spec)
                _note(found[spec.name], spec, value, task.created_at, task.account, task.operation)
    newest = attrgetter("at")
    return {name: sorted(each.values(), key=newest, reverse=True)[:MOST] for name, each in found.items()}


def _note(
    found: dict[str, Former], spec: FieldSpec, value: Any, at: datetime, account: str, operation: str
) -> None:
    for text in _texts(spec, value):
        known = found.get(text)
        if known is not None:
            found[text] = replace(known, times=known.times + 1, at=max(at, known.at))
        elif len(found) < 2 * MOST:
            found[text] = Former(text, at, f"{account} {operation}".strip())


def _texts(spec: FieldSpec, value: Any) -> Iterator[str]:
    if value is None or isinstance(value, bool):
        return
    if takes_items(spec):
        for item in value if isinstance(value, list) else ():
            yield json.dumps(item, ensure_ascii=False)
        return
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.strip() and (spec.kind in (Kind.PROSE, Kind.LIST) or len(text) <= _LONGEST):
        yield text


def _in_task(task: Task, spec: FieldSpec) -> Any:
    if spec.role is Role.PROMPT:
        return task.prompt
    name: str | None = spec.name
    if spec.role in _EVERYWHERE:
        name = _names(task.provider, task.operation).get(spec.role)
    value: Any = task.request if name else None
    for part in name.split(".") if name else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _in_draft(draft: Draft, spec: FieldSpec) -> Any:
    text = draft.texts.get(spec.name)
    if text is None and spec.role in _EVERYWHERE:
        ends = (f"@role:{spec.role}", "negative_prompt" if spec.role is Role.NEGATIVE_PROMPT else "prompt")
        text = next((draft.texts[name] for name in ends if name in draft.texts), None)
    if text and takes_items(spec):
        from backend.providers.fields import parse_text

        try:
            return parse_text(spec, text)
        except ValueError:
            return None
    return text


@cache
def _names(provider: str, operation: str) -> Mapping[Role, str]:
    """Return the names of the fields with a role of :data:`_EVERYWHERE`."""
    from backend.providers import registry
    from backend.providers.fields import leaf_specs

    try:
        specs = leaf_specs(registry.operation(provider, operation).model)
    except UsageError:
        return {}
    return {spec.role: spec.name for spec in specs if spec.role in _EVERYWHERE}
