"""Checks a sheet's rows against their operations: from cells to requests, or to a list of all that is wrong.

Columns are the fields of the operation's request, dotted where nested, beside these:

========== =========================================================================================
account    whose request it is
operation  what is to be made
id         the row's own name: a changed row is then known to be the same one
tags       words for the task, separated by spaces or commas
count      how many of the same
var.NAME   a value for ``{{NAME}}`` in this row alone; a list makes a row for each of its values
request.…  a field, for those who would rather have the fields in a table of their own
========== =========================================================================================
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from backend.batches.sheet import BatchError, Problem, RawRow, Sheet
from backend.batches.variables import count, expand, names_in
from backend.costs import CostEstimate
from backend.errors import Issue, ReeltopError, RequestError, UsageError
from backend.labels import tidy_tag
from backend.language import _
from backend.pictures import MARK, local_files
from backend.preparing import role_value
from backend.providers.fields import Kind, RequestModel, Role, check, parse_text, unsendable
from backend.providers.specs import all_specs
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.costs import Estimator
    from backend.pictures import PictureStore
    from backend.providers.contract import Operation
    from backend.providers.specs import FieldSpec

MOST_ROWS = 100_000
"""Tasks that one file may make."""
_MOST_PROBLEMS = 1000
_ALIKE = 3
"""Problems that say the same of the same column, before the rest is only counted."""
_LONGEST_ID = 80
_OWN = frozenset({"account", "operation", "id", "tags", "count"})
_NAMELESS = "~"
"""Begins the identity of a row that has no id."""
_CONTENT = 12
"""Digits of its fingerprint that stand in it; equal ones are counted."""

Resolve = Callable[[str | None, str | None], tuple[str, str]]
"""Settles account and operation where one of them is not said. Raises UsageError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One task to be made, checked."""

    number: int
    """Of the file's row that it comes from, from 1."""
    line: int
    """Of that row; 0 where it is not known."""
    key: str
    """Its identity within the batch."""
    account: str
    operation: str
    values: Mapping[str, Any]
    """The request's fields, as a task has them."""
    tags: tuple[str, ...]
    estimate: CostEstimate | None
    external_id: str
    """That the row itself sets."""
    fingerprint: str
    """Of account, operation and values."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet without anything wrong in it."""

    rows: Sequence[Row]
    warnings: Mapping[str, int]
    """How many rows each is about."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An operation of an account, and its fields by name."""

    account: Account
    operation: Operation
    fields: Mapping[str, FieldSpec]


Places = dict[tuple[str | None, str | None], _Place | str]
"""By account and operation as rows say them; a text says why that is none."""


class Checker:
    """Checks the rows of one sheet. Blocks: call it in a thread."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        resolve: Resolve,
        place: Callable[[str, str], tuple[Account, Operation]],
        estimator: Estimator,
        pictures: PictureStore,
        over: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
        places: Places | None = None,
    ) -> None:
        """`over`: cells that go over the file's; `places`: what was settled for sheets before it, kept up."""
        self._sheet = sheet
        self._resolve = resolve
        self._place = place
        self._estimator = estimator
        self._pictures = pictures
        self._over = over or {}
        self._variables = {**sheet.variables, **(more_variables or {})}
        self._taken: dict[tuple[str, str], int] = {}
        self._places = places if places is not None else {}
        self._problems: list[Problem] = []
        self._unkept = 0
        self._alike: Counter[tuple[str, str]] = Counter()
        self._warnings: Counter[str] = Counter()
        self._ids: dict[str, int] = {}
        self._ordinals: Counter[str] = Counter()

    def check(self) -> Checked:
        """Return all rows. Raises BatchError with everything that is wrong."""
        rows: list[Row] = []
        planned = 0
        for raw in self._sheet.rows:
            cells, own = self._cells(raw)
            planned += count(cells, own) * max(1, _number(cells.get("count")) or 1)
            if planned > MOST_ROWS:
                said = _("makes more than {most:,} tasks by here; split the file").format(most=MOST_ROWS)
                self._problem(raw, "", said)
                break
            rows += self._row(raw, cells, own)
        if self._problems:
            raise BatchError(self._sheet.file, self._problems, more=self._unkept)
        return Checked(rows, self._warnings)

    # -- one row ----------------------------------------------------------------------------------

    def _cells(self, raw: RawRow) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a row's cells with what goes under and over them, and the variables that fill them."""
        merged: dict[str, Any] = {}
        for cells in (self._sheet.defaults, raw.cells, self._over):
            for name, value in cells.items():
                plain = name.removeprefix("request.")
                # A table as a whole and its fields alone: what comes later counts.
                if not isinstance(value, Mapping):
                    for inside in [key for key in merged if key.startswith(f"{plain}.")]:
                        del merged[inside]
                if value is None:
                    merged.pop(plain, None)
                else:
                    merged[plain] = value
        own = dict(self._variables)
        for name in [name for name in merged if name.startswith("var.")]:
            own[name.removeprefix("var.")] = _listed(merged.pop(name))
        return merged, own

    def _row(self, raw: RawRow, cells: dict[str, Any], own: Mapping[str, Any]) -> Iterator[Row]:
        copies = 1
        if "count" in cells:
            copies = _number(cells.pop("count")) or 0
            if copies < 1:
                self._problem(raw, "count", _("must be a whole number from 1"))
                copies = 1
        for binding, filled in expand(cells, own):
            made = self._request(raw, filled)
            if made is None:
                continue
            place, request = made
            key = self._id(raw, filled, binding)
            tags = self._tags(raw, filled)
            values = request.values()
            fingerprint = fingerprint_of(place.account.name, place.operation.name, values)
            estimate = self._estimator(place.account, place.operation, request)
            external_id = self._external_id(raw, place, request, copies)
            for copy in range(1, copies + 1):
                if key is None:
                    content = fingerprint[:_CONTENT]
                    self._ordinals[content] += 1
                    identity = f"{_NAMELESS}{content}/{self._ordinals[content]}"
                else:
                    identity = key if copy == 1 else f"{key}#{copy}"
                    if not self._is_free(raw, identity):
                        continue
                yield Row(
                    number=raw.number,
                    line=raw.line,
                    key=identity,
                    account=place.account.name,
                    operation=place.operation.name,
                    values=values,
                    tags=tags,
                    estimate=estimate,
                    external_id=external_id,
                    fingerprint=fingerprint,
                )

    def _request(self, raw: RawRow, cells: Mapping[str, Any]) -> tuple[_Place, RequestModel] | None:
        """Return where a row goes and its request, or None after noting what is wrong with it."""
        place = self._where(raw, cells)
        if place is None:
            return None
        values, found = _read(place.fields, {name: cell for name, cell in cells.items() if name not in _OWN})
        checked = check(place.operation.model, values)
        told = {issue.field for issue in found}
        found += [issue for issue in checked.issues if issue.field not in told]
        request = checked.request
        found += [Issue(name, _blank(each)) for name, cell in cells.items() for each in names_in(cell)]
        if request is not None and not found:
            found += unsendable(request)
        if request is not None and not found and any(local_files(request)):
            try:
                request = self._pictures.keep(request)
            except RequestError as error:
                found += error.issues
        for issue in found:
            column = _column(issue.field, cells)
            self._problem(raw, column or issue.field, issue.message)
        if request is None or found:
            return None
        if place.account.warnings:
            self._warnings.update({str(warning) for warning in checked.warnings})
        return place, request

    def _where(self, raw: RawRow, cells: Mapping[str, Any]) -> _Place | None:
        key = _word(cells.get("account")), _word(cells.get("operation"))
        if key not in self._places:
            self._places[key] = self._settle(*key)
        found = self._places[key]
        if isinstance(found, str):
            column = next((name for name in ("operation", "account") if name in raw.cells), "")
            self._problem(raw, column, found)
            return None
        return found

    def _settle(self, account: str | None, operation: str | None) -> _Place | str:
        try:
            owner, made = self._place(*self._resolve(account, operation))
            owner.require(made)
            owner.resolve()
        except ReeltopError as error:
            return str(error)
        return _Place(owner, made, {spec.name: spec for spec in all_specs(made.model)})

    def _external_id(self, raw: RawRow, place: _Place, request: RequestModel, copies: int) -> str:
        """Return the external id that a row sets, which must be unique in its account."""
        given = role_value(request, Role.EXTERNAL_ID)
        key = place.account.name, given
        if given and (key in self._taken or copies > 1):
            name = next(spec.name for spec in place.fields.values() if spec.role is Role.EXTERNAL_ID)
            user = self._taken.get(key, raw.number)
            self._problem(
                raw,
                name,
                _("{given!r} stands in row {user} too: it must be unique in an account").format(
                    given=given, user=user
                ),
            )
        self._taken.setdefault(key, raw.number)
        return given

    def _id(self, raw: RawRow, cells: Mapping[str, Any], binding: Mapping[str, Any]) -> str | None:
        given = _word(cells.get("id"))
        if given is None:
            return None
        if given.startswith(_NAMELESS) or len(given) > _LONGEST_ID or clean_line(given) != given:
            said = _(
                "must be plain text of up to {most} characters that does not begin with {nameless}"
            ).format(most=_LONGEST_ID, nameless=_NAMELESS)
            self._problem(raw, "id", said)
            return None
        if not binding or "{{" in str(raw.cells.get("id", "")):
            return given
        choices = ",".join(f"{name}={value}" for name, value in binding.items())
        if len(choices) > _LONGEST_ID or clean_line(choices) != choices:
            choices = sha256(choices.encode("utf-8", "replace")).hexdigest()[:12]
        return f"{given}[{choices}]"

    def _is_free(self, raw: RawRow, identity: str) -> bool:
        if identity in self._ids:
            said = _("{identity!r} is already used in row {ids}").format(
                identity=identity, ids=self._ids[identity]
            )
            self._problem(raw, "id", said)
            return False
        self._ids[identity] = raw.number
        return True

    def _tags(self, raw: RawRow, cells: Mapping[str, Any]) -> tuple[str, ...]:
        given = cells.get("tags")
        words = given if isinstance(given, list) else str(given or "").replace(",", " ").split()
        try:
            return tuple(sorted({tidy_tag(str(word)) for word in words}))
        except UsageError as error:
            self._problem(raw, "tags", str(error))
            return ()

    # -- what is wrong ----------------------------------------------------------------------------

    def _problem(self, raw: RawRow, column: str, message: str) -> None:
        self._alike[column, message] += 1
        if self._alike[column, message] <= _ALIKE and len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(raw.line_of(column), column, message, raw.number))
        else:
            self._unkept += 1


def fingerprint_of(account: str, operation: str, values: Mapping[str, Any]) -> str:
    """Return what tells requests apart; a local picture counts by its bytes, not by where it lies."""
    content = json.dumps([account, operation, _bare(values)], sort_keys=True, ensure_ascii=True)
    return sha256(content.encode()).hexdigest()[:20]


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return value[value.rindex(MARK) :] if value.startswith("file:") and MARK in value else value
    if isinstance(value, Mapping):
        return {key: _bare(nested) for key, nested in value.items()}
    if isinstance(value, list):
        return [_bare(nested) for nested in value]
    return value


def _read(fields: Mapping[str, FieldSpec], cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
    """Return nested values of the fields' kinds, and an issue for each that cannot be one."""
    values: dict[str, Any] = {}
    issues: list[Issue] = []
    for name, cell in cells.items():
        spec = fields.get(name)
        target = values
        *parents, last = name.split(".")
        for parent in parents:
            inner = target.setdefault(parent, {})
            target = inner if isinstance(inner, dict) else {}
        try:
            target[last] = cell if spec is None else _value(spec, cell)
        except ValueError as error:
            issues.append(Issue(name, str(error)))
    return values, issues


def _value(spec: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, str):
        return parse_text(spec, cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if spec.kind is Kind.CHOICE:
            return parse_text(spec, str(cell))
        if spec.kind in (Kind.TEXT, Kind.PROSE):
            return str(cell)
    return cell


def _column(field: str, cells: Mapping[str, Any]) -> str:
    """Return the cell that an issue's field stands in: the field itself, or what encloses it."""
    parts = field.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in cells:
            return name
    return ""


def _blank(name: str) -> str:
    return _(
        "{{{{{name}}}}} has no value: give it as a variable, in a column var.{name}, or by --var"
    ).format(name=name)


def _word(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def _listed(value: Any) -> Any:
    """Return a list that a table's cell has as JSON, or the value as it is."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            found = json.loads(value)
        except ValueError:
            return value
        return found if isinstance(found, list) else value
    return value
