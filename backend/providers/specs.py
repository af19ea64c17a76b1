"""A request model's fields as form, command line and help show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.language import N_, _
from backend.providers.vocabulary import Group, Kind, LineForm, PictureLimit, Role

_ASSUMED = re.compile(r"(?:\w+ assumes )?(\S+) if not sent")
_NOTES = (
    (re.compile(r"(\S+) if not sent"), N_("{value} if not sent")),
    (re.compile(r"(\S+), always sent"), N_("{value}, always sent")),
)
"""Notes that differ in nothing but a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field as form, command line and help show it."""

    name: str
    """Dotted path, as :class:`~backend.errors.Issue` and ``--set`` name it."""
    title: str
    help: str
    group: Group
    role: Role | None
    kind: Kind
    required: bool
    default: Any
    default_note: str
    unit: str
    choices: tuple[str | int | float, ...]
    closed: bool
    """Whether only `choices` are allowed."""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    fields: tuple[FieldSpec, ...] = ()
    """Of an OBJECT."""
    items: tuple[FieldSpec, ...] = ()
    """Of each object in a LIST of objects; named without the list's name."""
    line: LineForm | None = None
    """How each object in a LIST may be written as a line."""
    path: str = ""
    """Where the value lies in the provider's body, dotted."""
    largest_file: int | None = None
    """Bytes that a picture of the user's disk may have, named by its path; None: no file is taken."""

    @property
    def assumed(self) -> str:
        """What the provider takes for a field that is not sent, as far as known."""
        found = _ASSUMED.match(self.default_note)
        return found[1] if found else "" if self.default is None else str(self.default)

    @property
    def note(self) -> str:
        """The default note in the language that is spoken."""
        for pattern, words in _NOTES:
            if found := pattern.fullmatch(self.default_note):
                return _(words).format(value=found[1])
        return _(self.default_note)

    def leaves(self) -> Iterator[FieldSpec]:
        """Yield the fields that take a value: this one, or those nested in it."""
        if self.fields:
            for nested in self.fields:
                yield from nested.leaves()
        else:
            yield self


@cache
def field_specs(
    model: type[BaseModel], prefix: str = "", group: Group = Group.BASICS
) -> tuple[FieldSpec, ...]:
    """Return the fields of `model` in form order: by group, then as declared.

    `group` is that of fields which name none: nested ones stand where their parent does.
    """
    specs = [_spec(prefix + name, info, group) for name, info in model.model_fields.items()]
    order = list(Group)
    return tuple(sorted(specs, key=lambda spec: order.index(spec.group)))


def leaf_specs(model: type[BaseModel]) -> Iterator[FieldSpec]:
    """Yield every field of `model` that takes a value, nested ones by dotted name."""
    for spec in field_specs(model):
        yield from spec.leaves()


def all_specs(model: type[BaseModel]) -> Iterator[FieldSpec]:
    """Yield every field of `model`, each object before the fields nested in it."""
    pending = list(field_specs(model))
    while pending:
        spec = pending.pop(0)
        yield spec
        pending[:0] = spec.fields


def extra(info: FieldInfo) -> Mapping[str, Any]:
    """Return what :func:`~backend.providers.vocabulary.field` was told beyond pydantic's own."""
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, if it holds one object."""
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def item_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model of the objects in a list field, if it is one."""
    bare = _bare(annotation)
    return nested_model(get_args(bare)[0]) if get_origin(bare) is list else None


def picture_limit(info: FieldInfo) -> int | None:
    """Return how many bytes a field's local picture may have; None if it takes none."""
    return next((mark.largest for mark in _marks(info) if isinstance(mark, PictureLimit)), None)


def _spec(name: str, info: FieldInfo, parent: Group) -> FieldSpec:
    told = extra(info)
    group = told.get("group") or parent
    annotation = _bare(info.annotation)
    closed = get_args(annotation) if get_origin(annotation) is Literal else ()
    model, items = nested_model(annotation), item_model(annotation)
    marks = list(_marks(info))
    limits = {type(mark): mark for mark in marks}
    return FieldSpec(
        name=name,
        title=info.title or name,
        help=told.get("help", ""),
        group=group,
        role=told.get("role"),
        kind=told.get("kind") or _kind(annotation, marks),
        required=info.is_required(),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        default_note=told.get("default_note", ""),
        unit=told.get("unit", ""),
        choices=tuple(closed or told.get("choices", ())),
        closed=bool(closed),
        minimum=_limit(limits, Ge, "ge"),
        maximum=_limit(limits, Le, "le"),
        min_length=_limit(limits, MinLen, "min_length"),
        max_length=_limit(limits, MaxLen, "max_length"),
        fields=field_specs(model, f"{name}.", group) if model else (),
        items=field_specs(items, "", group) if items else (),
        line=getattr(items, "LINE", None),
        path=told.get("path") or name,
        largest_file=picture_limit(info),
    )


def _marks(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    yield from _annotations(info.annotation)


def _annotations(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from marks
        yield from _annotations(inner)
    elif get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _annotations(option)


def _limit(limits: Mapping[type, Any], kind: type, name: str) -> Any:
    return getattr(limits[kind], name) if kind in limits else None


def _bare(annotation: Any) -> Any:
    """Strip Annotated and ``| None``."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        return _bare(options[0])
    return annotation


def _kind(annotation: Any, marks: list[Any]) -> Kind:
    marked = next((mark for mark in marks if isinstance(mark, Kind)), None)
    if marked is not None:
        return marked
    if get_origin(annotation) is Literal:
        return Kind.CHOICE
    if get_origin(annotation) in (list, tuple):
        return Kind.LIST
    if get_origin(annotation) is dict:
        return Kind.OBJECT
    if isinstance(annotation, type):
        for base, kind in (
            (BaseModel, Kind.OBJECT),
            (bool, Kind.BOOLEAN),
            (int, Kind.INTEGER),
            (float, Kind.NUMBER),
            (dict, Kind.OBJECT),
        ):
            if issubclass(annotation, base):
                return kind
    return Kind.TEXT
