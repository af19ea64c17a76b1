"""What a form says of a field: placeholder, limits, one line of help. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.errors import Issue
from backend.language import _, ngettext
from backend.providers.fields import FieldSpec, FormModel, Kind, field_specs
from backend.providers.specs import all_specs
from backend.text import clean_input, clean_line

_NOT_SENT = re.compile(r"(\S+) if not (?:sent|set)")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class FormField:
    """A field that takes a value."""

    spec: FieldSpec
    required: bool
    """Whether it must be set whatever else is: it, and every object that it lies in."""

    @property
    def name(self) -> str:
        return self.spec.name


def form_fields(model: type[FormModel]) -> tuple[FormField, ...]:
    """Return the fields of `model` that take a value, in form order."""
    return tuple(found for spec in field_specs(model) for found in _leaves(spec, True))


def _leaves(spec: FieldSpec, required: bool) -> Iterator[FormField]:
    required = required and spec.required
    if not spec.fields:
        yield FormField(spec, required)
    for nested in spec.fields:
        yield from _leaves(nested, required)


def title_at(model: type[FormModel], path: str) -> str:
    """Return the title of the field that an issue's path leads to or into; without one, the path itself."""
    inside = [spec for spec in all_specs(model) if f"{path}.".startswith(f"{spec.name}.")]
    return _(max(inside, key=lambda spec: len(spec.name)).title) if inside else path


def told_of(model: type[FormModel], issue: Issue) -> str:
    """Return an issue with the title of its field before it."""
    if not issue.field:
        return issue.message
    return _("{reason}: {words}").format(reason=title_at(model, issue.field), words=issue.message)


def harmless(spec: FieldSpec, text: str) -> str:
    """Return `text` without what a terminal must not get, with line breaks where the field has lines."""
    has_lines = spec.kind in (Kind.PROSE, Kind.LIST, Kind.OBJECT)
    return clean_input(text) if has_lines else clean_line(text)


def assumed(spec: FieldSpec) -> str:
    """Return what happens if the field is left alone: ``5 s if not set``; empty if nobody says."""
    note = clean_line(spec.default_note)
    if not note:
        return "" if spec.default is None else _if_not_set(spec, str(spec.default))
    found = _NOT_SENT.fullmatch(note)
    if not found:
        return clean_line(spec.note)
    value = found[1]
    if spec.kind is Kind.BOOLEAN:
        value = {"true": _("yes"), "false": _("no")}.get(value, value)
    return _if_not_set(spec, value)


def _if_not_set(spec: FieldSpec, value: str) -> str:
    return _("{value} if not set").format(value=with_unit(value, spec.unit))


def with_unit(text: str, unit: str) -> str:
    return f"{text} {_(unit)}" if unit and _NUMBER.fullmatch(text) else text


def limits(spec: FieldSpec) -> str:
    """Return what values it takes: ``3 to 15 s``, ``at most 2500 characters``."""
    low, high = _plain(spec.minimum), _plain(spec.maximum)
    if low and high:
        return _with(_("{low} to {high}").format(low=low, high=high), spec.unit)
    if low:
        return _with(_("{low} or more").format(low=low), spec.unit)
    if high:
        return _with(_("at most {high}").format(high=high), spec.unit)
    if count := spec.max_length:
        if spec.kind is Kind.LIST:
            return ngettext("at most {count} item", "at most {count} items", count).format(count=count)
        return ngettext("at most {count} character", "at most {count} characters", count).format(count=count)
    return _in(spec)


def _with(words: str, unit: str) -> str:
    return f"{words} {_(unit)}" if unit else words


def _in(spec: FieldSpec) -> str:
    return _("in {unit}").format(unit=_(spec.unit)) if spec.unit else ""


def placeholder(field: FormField) -> str:
    """Return what an empty field shows: whether it is needed, what is assumed, what it takes."""
    spec = field.spec
    known = assumed(spec)
    parts = [_("required") if field.required else known or _("not set")]
    if spec.kind is Kind.LIST:
        parts.append(_list_words(spec))
    elif spec.kind is Kind.OBJECT:
        parts.append("JSON")
    elif limit := _limit_beside(spec, known):
        parts.append(limit)
    return " · ".join(parts)


def help_line(field: FormField) -> str:
    """Return the one line under the form for the focused field."""
    spec = field.spec
    state = _("required") if field.required else assumed(spec)
    sentence = clean_line(_(spec.help)).strip()
    # Many sentences say the limit themselves.
    limit = _limit_beside(spec, state)
    numbers = _DIGITS.findall(limit)
    said = numbers and all(number in sentence for number in numbers)
    parts = (sentence.rstrip(".。"), "" if said else limit, state)
    return " · ".join([spec.name, *filter(None, parts)])


def _limit_beside(spec: FieldSpec, known: str) -> str:
    """Return the limits, unless the choices or what is said already tell as much."""
    limit = limits(spec)
    told = spec.closed or (limit == _in(spec) and f" {_(spec.unit)} " in f"{known} ")
    return "" if told else limit


def _plain(number: float | None) -> str:
    if number is None:
        return ""
    return str(int(number)) if float(number).is_integer() else str(number)


def _list_words(spec: FieldSpec) -> str:
    if spec.line is not None:
        return _("a line each, such as: {example}").format(example=_(spec.line.example))
    return f"JSON: [{_example(spec)}, …]" if spec.items else _("a value per line")


def _example(spec: FieldSpec) -> str:
    return "{" + ", ".join(f'"{item.name}": …' for item in spec.items) + "}"
