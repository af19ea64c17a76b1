"""From what was typed to a request that can be sent, a preview of it, and the task it becomes. No I/O."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend.accounts import Account
from backend.errors import Issue
from backend.ids import new_task_id
from backend.language import N_, _
from backend.models import Origin, Task, TaskEvent
from backend.preview import Preview, preview
from backend.providers.contract import Operation

if TYPE_CHECKING:
    from backend.costs import CostEstimate, Estimator
    from backend.providers.fields import Checked, RequestModel, Role
    from backend.providers.idle import Idle

_NO_ESTIMATE = N_("The cost is not known before sending: no price and no earlier charge fits.")
_SHOWN_EXTERNAL_ID = "reeltop-…"
"""Stands in a preview for the id that is made when the task is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request, checked. With no issues it can be sent."""

    request: RequestModel | None = None
    preview: Preview | None = None
    issues: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()
    idle: tuple[Idle, ...] = ()
    """What is of no use with the values so far; only what the user believes."""
    estimate: CostEstimate | None = None
    """What it will probably cost; None: no rule gives a number."""
    cost: str = ""
    """What is known of its cost before sending, as one honest sentence."""


def prepare_texts(
    account: Account, operation: Operation, texts: Mapping[str, str], estimator: Estimator
) -> Prepared:
    """Check texts by dotted field name; empty ones are not set, those of other operations are left aside."""
    from backend.providers.idle import doubts

    values, checked = _check_texts(operation.model, texts)
    found = _idle(account, operation.model, values)
    if checked.request is None:
        wrong = {issue.field for issue in checked.issues}
        warnings = (doubt for doubt in doubts(found, values) if doubt.field not in wrong)
        return Prepared(issues=checked.issues, warnings=tuple(warnings), idle=found)
    return replace(prepare_request(account, operation, checked.request, estimator), idle=found)


def prepare_request(
    account: Account, operation: Operation, request: RequestModel, estimator: Estimator
) -> Prepared:
    """Check a finished request against what sending needs: no blanks left, an id of its own."""
    from backend.providers.fields import Role, unfilled, unsendable

    create = operation.codec.create(request, _SHOWN_EXTERNAL_ID)
    estimate = estimator(account, operation, request)
    model = role_value(request, Role.MODEL)
    return Prepared(
        request=request,
        preview=preview(account.provider, account.base_url, create),
        issues=(*unsendable(request), *(() if account.sandbox else unfilled(request))),
        warnings=tuple(
            issue for issue in request.warnings() if _is_told(account, model, issue.field, issue.source)
        ),
        estimate=estimate,
        cost=_("Costs nothing: this is the sandbox.") if account.sandbox else _cost(estimate),
    )


def _idle(account: Account, model: type[RequestModel], values: Mapping[str, Any]) -> tuple[Idle, ...]:
    """Return what of `model` is of no use with `values`, by the sources that the user believes."""
    from backend.providers.fields import Role, field_specs, idle
    from backend.providers.idle import believed

    spec = next((spec for spec in field_specs(model) if spec.role is Role.MODEL), None)
    named = str(values.get(spec.name) or spec.default or "") if spec is not None else ""
    return tuple(believed(idle(model, values), lambda field, source: _is_told(account, named, field, source)))


def _is_told(account: Account, model: str, field: str, source: str) -> bool:
    """Whether the user wants to hear what a source says: what third parties report can be switched off."""
    from backend.providers.sources import is_hearsay

    if not is_hearsay(source):
        return True
    names = (field, field.partition(".")[0])
    known = {*names, *(f"{model}/{name}" for name in names)}
    return account.warnings and not known & account.supports


def new_task(
    account: Account,
    operation: Operation,
    request: RequestModel,
    taken: Container[str],
    now: datetime,
    external_id: str | None = None,
    *,
    tags: tuple[str, ...] = (),
    batch: str = "",
    row: str = "",
) -> Task:
    """Return the task that `request` becomes, with an id not in `taken` and all that is frozen with it.

    `external_id` is used where the request sets none; by default a new one is made.
    """
    from backend.providers.fields import Role

    external_id = role_value(request, Role.EXTERNAL_ID) or external_id or f"reeltop-{uuid.uuid4().hex}"
    create = operation.codec.create(request, external_id)
    return Task(
        id=new_task_id(taken),
        account=account.name,
        provider=account.provider.name,
        operation=operation.name,
        origin=Origin(
            base_url=account.base_url, endpoint=create.path, codec_version=operation.codec.codec_version
        ),
        request=request.values(),
        model=role_value(request, Role.MODEL),
        prompt=role_value(request, Role.PROMPT),
        external_id=external_id if external_id in _texts(create.body) else None,
        created_at=now,
        updated_at=now,
        events=(TaskEvent(at=now, what="created"),),
        batch=batch,
        row=row,
        tags=tags,
    )


def _check_texts(model: type[RequestModel], texts: Mapping[str, str]) -> tuple[Mapping[str, Any], Checked]:
    """Return the values as far as they can be read, and what a check of them found."""
    from backend.providers.fields import Checked, check, leaf_specs, parse_assignments, parse_text

    known = {spec.name: spec for spec in leaf_specs(model)}
    typed = {name: text for name, text in texts.items() if name in known and text.strip()}
    malformed = []
    for name, text in list(typed.items()):
        try:
            parse_text(known[name], text)
        except ValueError as error:
            malformed.append(Issue(name, str(error)))
            del typed[name]
    values = parse_assignments(model, typed)
    checked = check(model, values)
    if not malformed:
        return values, checked
    unread = {issue.field for issue in malformed}
    others = (issue for issue in checked.issues if issue.field not in unread)
    return values, Checked(None, (*malformed, *others), ())


def _cost(estimate: CostEstimate | None) -> str:
    return _("Costs {estimate}.").format(estimate=estimate) if estimate else _(_NO_ESTIMATE)


def role_value(request: RequestModel, role: Role) -> str:
    """Return the value of the field with this role as text; nothing if it is not set or not there."""
    from backend.providers.fields import field_specs

    for spec in field_specs(type(request)):
        if spec.role is role:
            return str(getattr(request, spec.name) or "")
    return ""


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for nested in value.values():
                yield from _texts(nested)
        case list():
            for nested in value:
                yield from _texts(nested)
