"""Request models and what a person needs to know of their fields.

One :class:`RequestModel` per operation is the single source of truth: form, live validation, command line,
help and the sandbox's checks all come from it, by way of :func:`field_specs` and :func:`check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticUndefined

from backend.errors import Issue, RequestError, UsageError


class Group(StrEnum):
    """Where a field stands in the form, in this order."""

    BASICS = "basics"
    FRAMES = "frames"
    MOTION = "motion"
    CAMERA = "camera"
    SOUND = "sound"
    DELIVERY = "delivery"
    ADVANCED = "advanced"


class Role(StrEnum):
    """What a field means, so that a draft can move between operations."""

    MODEL = "model"
    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    DURATION = "duration"
    ASPECT_RATIO = "aspect_ratio"
    RESOLUTION = "resolution"
    QUALITY = "quality"
    GUIDANCE = "guidance"
    SOUND = "sound"
    CALLBACK = "callback"
    EXTERNAL_ID = "external_id"


class Kind(StrEnum):
    """What sort of value a field takes."""

    TEXT = "text"
    PROSE = "prose"
    """Text of several lines."""
    URL = "url"
    IMAGE = "image"
    """An address, or a local file or Base64 where the operation takes them."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    LIST = "list"
    """A JSON array; entered as JSON, or a value a line for plain texts."""
    OBJECT = "object"
    """A nested model; its own fields are in :attr:`FieldSpec.fields`."""


VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A blank to be filled in, as the pages print them: ``{{first_frame_url}}``."""


def field(
    default: Any = PydanticUndefined,
    *,
    title: str,
    help: str = "",
    group: Group = Group.BASICS,
    role: Role | None = None,
    kind: Kind | None = None,
    unit: str = "",
    choices: Sequence[str | int | float] = (),
    default_note: str = "",
    **limits: Any,
) -> Any:
    """Declare a field of a request model.

    `choices` are suggestions for an open field (a closed one is a ``Literal``). `default_note` says what
    the provider assumes when the field is not sent. `limits` go to :func:`pydantic.Field`.
    """
    extra: dict[str, Any] = {
        "help": help,
        "group": group,
        "role": role,
        "kind": kind,
        "unit": unit,
        "choices": list(choices),
        "default_note": default_note,
    }
    return Field(default, title=title, json_schema_extra=extra, **limits)


class FormModel(BaseModel):
    """Base of request models and of the objects nested in them."""

    model_config = ConfigDict(extra="forbid", validate_default=False, protected_namespaces=())


class RequestModel(FormModel):
    """What one operation takes. Field names are ours; :meth:`to_body` gives the provider's.

    Unset fields are not sent: defaults are the provider's own and only shown.
    """

    RULES_FROM: ClassVar[str] = ""
    """The page that the rules of this model come from."""

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks a documented rule across fields."""
        return iter(())

    def warnings(self) -> Iterator[Issue]:
        """Yield what third parties report as unsupported: shown, never a refusal."""
        return iter(())

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body as the provider documents it, set fields only."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read a body as the provider's page prints it.

        Raises RequestError with an issue for each broken rule and unknown field.
        """
        return cls.parse(body)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Build a request from field values. Raises RequestError."""
        checked = check(cls, values)
        if checked.request is None:
            raise RequestError(checked.issues)
        return checked.request  # type: ignore[return-value]

    def values(self) -> dict[str, Any]:
        """Return the set fields as JSON values, what :meth:`parse` takes and the ledger keeps."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)

    @model_validator(mode="after")
    def _obey_rules(self) -> Self:
        issues = list(self.rules())
        if issues:
            raise PydanticCustomError(
                "rules", "{text}", {"text": "; ".join(map(str, issues)), "issues": issues}
            )
        return self


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

    def leaves(self) -> Iterator[FieldSpec]:
        """Yield the fields that take a value: this one, or those nested in it."""
        if self.fields:
            for nested in self.fields:
                yield from nested.leaves()
        else:
            yield self


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of :func:`check`; `request` is None if there are issues."""

    request: RequestModel | None
    issues: tuple[Issue, ...]
    warnings: tuple[Issue, ...]


@cache
def field_specs(model: type[FormModel], prefix: str = "") -> tuple[FieldSpec, ...]:
    """Return the fields of `model` in form order: by group, then as declared."""
    specs = [_spec(prefix + name, info) for name, info in model.model_fields.items()]
    order = list(Group)
    return tuple(sorted(specs, key=lambda spec: order.index(spec.group)))


def leaf_specs(model: type[FormModel]) -> Iterator[FieldSpec]:
    """Yield every field of `model` that takes a value, nested ones by dotted name."""
    for spec in field_specs(model):
        yield from spec.leaves()


def check(model: type[RequestModel], values: Mapping[str, Any]) -> Checked:
    """Check `values` against every rule of `model`. Never raises."""
    try:
        request = model.model_validate(dict(values))
    except ValidationError as error:
        issues = [issue for detail in error.errors() for issue in _issues(model, detail)]
        return Checked(None, tuple(issues), ())
    return Checked(request, (), tuple(request.warnings()))


def parse_assignments(model: type[RequestModel], pairs: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts by dotted field name (``--set``, form inputs) into nested values.

    Lists and objects are read as JSON. Raises UsageError for unknown fields and malformed JSON.
    """
    known = {spec.name: spec for spec in _all_specs(field_specs(model))}
    values: dict[str, Any] = {}
    for name, text in pairs.items():
        spec = known.get(name)
        if spec is None:
            raise UsageError(f"unknown field {name!r}; known: {', '.join(known)}")
        target = values
        *parents, last = name.split(".")
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = parse_text(spec, text)
    return values


def parse_text(spec: FieldSpec, text: str) -> Any:
    """Turn what a person typed into a value of the field's kind, or leave it for the model to refuse.

    Raises UsageError for malformed JSON where JSON is wanted.
    """
    if spec.kind in (Kind.LIST, Kind.OBJECT):
        stripped = text.strip()
        if spec.kind is Kind.LIST and not stripped.startswith("["):
            return [line.strip() for line in text.splitlines() if line.strip()]
        try:
            return json.loads(stripped)
        except ValueError as error:
            raise UsageError(f"{spec.name}: not valid JSON: {error}") from None
    if spec.kind is Kind.CHOICE:
        return next((choice for choice in spec.choices if str(choice) == text), text)
    return text


def unfilled(request: RequestModel) -> Iterator[Issue]:
    """Yield the fields that still hold a blank such as ``{{first_frame_url}}``."""
    for name, text in _texts("", request.values()):
        for found in VARIABLE.finditer(text):
            yield Issue(name, f"{found[0]} is a blank to fill in; give a value for it")


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, nested in value.items():
            yield from _texts(f"{path}.{key}" if path else key, nested)
    elif isinstance(value, list):
        for index, nested in enumerate(value):
            yield from _texts(f"{path}.{index}", nested)


def _all_specs(specs: Sequence[FieldSpec]) -> Iterator[FieldSpec]:
    for spec in specs:
        yield spec
        yield from _all_specs(spec.fields)


def _issues(model: type[RequestModel], detail: ErrorDetails) -> Iterator[Issue]:
    if detail["type"] == "rules":
        yield from detail["ctx"]["issues"]
        return
    path = ".".join(str(part) for part in detail["loc"] if not str(part).startswith("function-"))
    yield Issue(path, _message(detail), model.RULES_FROM)


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "required"
        case "extra_forbidden":
            return "unknown field"
        case "string_too_long" | "too_long":
            return f"at most {context['max_length']}{_given(detail['input'])}"
        case "string_too_short" | "too_short":
            return f"at least {context['min_length']}{_given(detail['input'])}"
        case "literal_error":
            return f"must be {context['expected']}"
        case "greater_than_equal":
            return f"must be {context['ge']} or more"
        case "less_than_equal":
            return f"must be {context['le']} or less"
        case _:
            text = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            return text[0].lower() + text[1:] if text else "not valid"


def _given(value: Any) -> str:
    if isinstance(value, str):
        return f" characters, this has {len(value)}"
    return f" items, this has {len(value)}" if isinstance(value, Sequence) else ""


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    annotation = _bare(info.annotation)
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    nested = (
        field_specs(annotation, f"{name}.")
        if isinstance(annotation, type) and issubclass(annotation, FormModel)
        else ()
    )
    limits = {type(item): item for item in _metadata(info)}
    return FieldSpec(
        name=name,
        title=info.title or name,
        help=extra.get("help", ""),
        group=extra.get("group", Group.ADVANCED),
        role=extra.get("role"),
        kind=extra.get("kind") or _kind(annotation),
        required=info.is_required(),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        default_note=extra.get("default_note", ""),
        unit=extra.get("unit", ""),
        choices=tuple(choices or extra.get("choices", ())),
        closed=bool(choices),
        minimum=_limit(limits, Ge, "ge"),
        maximum=_limit(limits, Le, "le"),
        min_length=_limit(limits, MinLen, "min_length"),
        max_length=_limit(limits, MaxLen, "max_length"),
        fields=nested,
    )


def _metadata(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    for option in (info.annotation, *get_args(info.annotation)):
        if get_origin(option) is Annotated:
            yield from get_args(option)[1:]


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


def _kind(annotation: Any) -> Kind:
    if get_origin(annotation) is Literal:
        return Kind.CHOICE
    if get_origin(annotation) in (list, tuple):
        return Kind.LIST
    if isinstance(annotation, type):
        if issubclass(annotation, FormModel):
            return Kind.OBJECT
        for base, kind in (
            (bool, Kind.BOOLEAN),
            (int, Kind.INTEGER),
            (float, Kind.NUMBER),
            (dict, Kind.OBJECT),
        ):
            if issubclass(annotation, base):
                return kind
    return Kind.TEXT
