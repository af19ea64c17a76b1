"""Request models: the single source of truth about what an operation takes.

Form, live validation, command line, help and the sandbox's checks all come from the one
:class:`RequestModel` of an operation, by way of :func:`field_specs` and :func:`check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from backend import broken_json
from backend.errors import Issue, RequestError, UsageError
from backend.language import _
from backend.providers import complaints
from backend.providers.idle import Idle, doubts
from backend.providers.specs import (
    FieldSpec,
    all_specs,
    extra,
    field_specs,
    item_model,
    leaf_specs,
    nested_model,
)
from backend.providers.vocabulary import VARIABLE, Group, Kind, LineForm, PublishedPrice, Role, field

__all__ = [
    "VARIABLE",
    "Checked",
    "FieldSpec",
    "FormModel",
    "Group",
    "Idle",
    "Kind",
    "LineForm",
    "PublishedPrice",
    "RequestModel",
    "Role",
    "Unknown",
    "as_text",
    "check",
    "field",
    "field_specs",
    "idle",
    "leaf_specs",
    "parse_assignments",
    "parse_text",
    "unfilled",
    "unsendable",
]

Unknown = Literal["refuse", "ignore"]
"""What to do with keys that a model does not know."""


class FormModel(BaseModel):
    """Base of request models and of the objects nested in them."""

    model_config = ConfigDict(
        extra="forbid", validate_default=False, protected_namespaces=(), allow_inf_nan=False
    )

    ALWAYS_SENT: ClassVar[frozenset[str]] = frozenset()
    """Fields that are sent with their default when they are not set."""
    LINE: ClassVar[LineForm | None] = None
    """How one of several in a list may be written as a line."""

    @model_validator(mode="after")
    def _set_what_is_always_sent(self) -> Self:
        self.model_fields_set.update(self.ALWAYS_SENT)
        return self


class RequestModel(FormModel):
    """What one operation takes. Field names are ours; :meth:`to_body` gives the provider's.

    Unset fields are not sent, but for :attr:`ALWAYS_SENT`: defaults are the provider's own, only shown.
    """

    RULES_FROM: ClassVar[str] = ""
    """The page that the rules of this model come from."""

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks a documented rule across fields."""
        return iter(())

    def warnings(self) -> Iterator[Issue]:
        """Yield what is set to no use, and what third parties report as unsupported: never a refusal."""
        values = self.values()
        yield from doubts(self.idle(values), values)

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what is of no use with `values`, the more telling reason first; called by :func:`idle`.

        `values` are by field name, as far as they can be read: they may be incomplete, wrong, or hold
        blanks. What is not known for sure to be of no use is left out.
        """
        return iter(())

    def published_price(self) -> PublishedPrice | None:
        """Return what the request costs by a price that the provider has published, if there is one."""
        return None

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body as the provider documents it, set fields only."""
        body: dict[str, Any] = {}
        for name, value in self.values().items():
            *parents, last = _path(type(self), name).split(".")
            target = body
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, Any], unknown: Unknown = "refuse") -> Self:
        """Read a body as the provider's page prints it.

        ``unknown="ignore"`` drops keys that the model does not know, as servers do; otherwise each is an
        issue. Raises RequestError with an issue for each broken rule and unknown field.
        """
        if not isinstance(body, Mapping):
            raise RequestError([Issue("", _("must be a JSON object"), cls.RULES_FROM)])
        values, found = cls.read_body(body)
        if unknown == "ignore":
            values = _known(cls, values)
            found = [issue for issue in found if not complaints.is_unknown(issue)]
        checked = check(cls, values)
        told = {issue.field for issue in found}
        every = [*found, *(issue for issue in checked.issues if issue.field not in told)]
        if every or checked.request is None:
            raise RequestError(every)
        return checked.request  # type: ignore[return-value]

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name, and what is wrong with its shape. Undoes :meth:`to_body`."""
        return _unnest(cls, body)

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


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of :func:`check`; `request` is None if there are issues."""

    request: RequestModel | None
    issues: tuple[Issue, ...]
    warnings: tuple[Issue, ...]


def idle(model: type[RequestModel], values: Mapping[str, Any]) -> tuple[Idle, ...]:
    """Return what of `model` is of no use with `values`, as far as they can be read."""
    sent = {name: model.model_fields[name].default for name in model.ALWAYS_SENT}
    return tuple(model.idle({**sent, **values}))


def check(model: type[RequestModel], values: Mapping[str, Any]) -> Checked:
    """Check `values` against every rule of `model`. Never raises."""
    try:
        request = model.model_validate(dict(values))
    except ValidationError as error:
        details = error.errors(include_url=False)
        unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
        if len(unknown) == len(details):
            # Rules across fields are looked at only where each field is right by itself.
            details += _complaints(model, _without(values, unknown))
        found = (issue for detail in details for issue in complaints.issues(detail, model.RULES_FROM))
        return Checked(None, tuple(found), ())
    return Checked(request, (), tuple(request.warnings()))


def _complaints(model: type[RequestModel], values: Mapping[str, Any]) -> list[ErrorDetails]:
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _without(values: Any, paths: Sequence[tuple[int | str, ...]]) -> Any:
    """Return `values` without what lies at `paths`."""
    if isinstance(values, Mapping):
        items: Iterable[tuple[int | str, Any]] = values.items()
    elif isinstance(values, list):
        items = enumerate(values)
    else:
        return values
    kept = {
        key: _without(item, [path[1:] for path in paths if path[:1] == (key,)])
        for key, item in items
        if (key,) not in paths
    }
    return kept if isinstance(values, Mapping) else list(kept.values())


def parse_assignments(model: type[RequestModel], pairs: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts by dotted field name (``--set``, form inputs) into nested values.

    Lists and objects are read as JSON, some lists by lines. Raises UsageError for unknown fields and what
    cannot be read.
    """
    known = {spec.name: spec for spec in all_specs(model)}
    values: dict[str, Any] = {}
    for name, text in pairs.items():
        spec = known.get(name)
        if spec is None:
            raise UsageError(
                _("unknown field {name!r}; known: {known}").format(name=name, known=", ".join(known))
            )
        target = values
        *parents, last = name.split(".")
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise UsageError(
                    _("{name}: {parent} is set to something that has no fields").format(
                        name=name, parent=parent
                    )
                )
        try:
            parsed = parse_text(spec, text)
        except ValueError as error:
            raise UsageError(_("{name}: {words}").format(name=name, words=error)) from None
        if isinstance(parsed, dict) and isinstance(target.get(last), dict):
            parsed = {**parsed, **target[last]}
        target[last] = parsed
    return values


def parse_text(spec: FieldSpec, text: str) -> Any:
    """Turn what a person typed into a value of the field's kind, or leave it for the model to refuse.

    Raises ValueError for malformed JSON or lines where those are wanted.
    """
    if spec.kind in (Kind.LIST, Kind.OBJECT):
        stripped = text.strip()
        if spec.kind is Kind.LIST and not stripped.startswith("["):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if spec.line is not None:
                return [_from_line(spec, number, line) for number, line in enumerate(lines, 1)]
            if not spec.items:
                return lines
        try:
            return json.loads(stripped)
        except (ValueError, RecursionError) as error:
            raise ValueError(broken_json.words(error)) from None
    if spec.kind is Kind.BOOLEAN:
        return _SWITCHES.get(text.strip(), text)
    if spec.kind is Kind.CHOICE:
        return next((choice for choice in spec.choices if str(choice) == text.strip()), text)
    return text


_SWITCHES = {"true": True, "false": False}


def _from_line(spec: FieldSpec, number: int, line: str) -> dict[str, Any]:
    assert spec.line is not None  # noqa: S101  asked before
    found = spec.line.pattern.fullmatch(line)
    if found is None:
        words = _("line {number} must be written like: {example}")
        raise ValueError(words.format(number=number, example=_(spec.line.example)))
    counted = {spec.line.numbered: number} if spec.line.numbered else {}
    return {**counted, **found.groupdict()}


def as_text(spec: FieldSpec, value: Any) -> str:
    """Return a value as a person would type it: :func:`parse_text` makes the same of it.

    A list is a line for each item where lines can tell all of it, else JSON.
    """
    if isinstance(value, str):
        return value
    if spec.kind is Kind.LIST and isinstance(value, list) and value:
        lines = "\n".join(_as_line(spec, item) for item in value)
        try:
            if _as_strings(parse_text(spec, lines)) == _as_strings(value):
                return lines
        except ValueError:
            pass  # an item that is no line
    return json.dumps(value, ensure_ascii=False)


def _as_line(spec: FieldSpec, item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    names = spec.line.pattern.groupindex if spec.line is not None else ()
    return " ".join(str(item.get(name, "")) for name in names)


def _as_strings(items: Any) -> list[Any]:
    return [
        {key: str(value) for key, value in item.items()} if isinstance(item, Mapping) else item
        for item in items
    ]


def unfilled(request: RequestModel) -> Iterator[Issue]:
    """Yield the fields that still hold a blank such as ``{{first_frame_url}}``."""
    for name, text in _texts("", request.values()):
        for found in VARIABLE.finditer(text):
            said = _("{blank} is a blank to fill in; give a value for it").format(blank=found[0])
            yield Issue(name, said)


def unsendable(request: RequestModel) -> Iterator[Issue]:
    """Yield the fields whose text cannot be written down as UTF-8."""
    for name, text in _texts("", request.values()):
        if _HALVES.search(text):
            yield Issue(name, _("holds half a character, which cannot be sent"))


_HALVES = re.compile("[\ud800-\udfff]")
"""Of surrogate pairs."""


def _path(model: type[BaseModel], name: str) -> str:
    return extra(model.model_fields[name]).get("path") or name


def _unnest(model: type[BaseModel], body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
    """Return the values at the paths of `model`'s fields, and an issue for whatever else is there."""
    by_path = {_path(model, name): name for name in model.model_fields}
    branches = {path.rsplit(".", depth)[0] for path in by_path for depth in range(1, path.count(".") + 1)}
    values: dict[str, Any] = {}
    issues: list[Issue] = []

    def descend(branch: Mapping[str, Any], prefix: str) -> None:
        for key, value in branch.items():
            path = f"{prefix}{key}"
            if path in branches:
                if isinstance(value, Mapping):
                    descend(value, f"{path}.")
                elif value is not None:
                    issues.append(Issue(path, _("must be an object")))
            elif path in by_path:
                values[by_path[path]] = value
            else:
                issues.append(complaints.unknown(path))

    descend(body, "")
    return values, issues


def _known(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without what `model` and the objects nested in it do not know."""
    known: dict[str, Any] = {}
    for name, value in values.items():
        info = model.model_fields.get(name)
        if info is None:
            continue
        nested, item = nested_model(info.annotation), item_model(info.annotation)
        if nested and isinstance(value, Mapping):
            known[name] = _known(nested, value)
        elif item and isinstance(value, list):
            known[name] = [_known(item, entry) if isinstance(entry, Mapping) else entry for entry in value]
        else:
            known[name] = value
    return known


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, nested in value.items():
            yield from _texts(f"{path}.{key}" if path else key, nested)
    elif isinstance(value, list):
        for index, nested in enumerate(value):
            yield from _texts(f"{path}.{index}", nested)
