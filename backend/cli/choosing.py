"""From ``--account``, ``--operation``, ``--set`` and ``--request`` to a request that obeys its rules.

What leaves only one choice may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.cli.bodies import read_body
from backend.errors import RequestError, UsageError
from backend.language import _
from backend.providers.fields import Role, check, leaf_specs, parse_assignments

if TYPE_CHECKING:
    from argparse import Namespace

    from backend.models import Task
    from backend.providers.contract import Operation
    from backend.providers.fields import RequestModel
    from backend.service import AccountView, Service


@dataclass(frozen=True, slots=True)
class Given:
    """What the user said about the request's fields."""

    body: Mapping[str, Any] | None
    """A body in the provider's words."""
    assignments: Mapping[str, str]
    """Texts by field name, which go over the body."""

    @property
    def is_nothing(self) -> bool:
        return self.body is None and not self.assignments


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be sent, and where."""

    account: str
    operation: str
    request: RequestModel


def choose(service: Service, account: str | None, operation: str | None, given: Given) -> Chosen:
    """Settle what the user left open. Raises UsageError, RequestError."""
    view = choose_account(service, account, operation)
    name = (operation or "").rpartition("/")[2]
    operations = service.provider(view.provider).operations
    if name or len(operations) == 1:
        found = service.operation(view.name, name or None)
        return Chosen(view.name, found.name, build(found, given))
    return _only_fit(view.name, [service.operation(view.name, name) for name in operations], given)


def choose_again(service: Service, account: str, old: Task, assignments: Mapping[str, str]) -> Chosen:
    """Return an old task's request for `account`, with some fields changed; an empty text takes one out.

    An id that the user gave it is left out: it belongs to the old task. Raises UsageError, RequestError.
    """
    operation = service.operation(account, old.operation)
    values = dict(old.request)
    emptied = {name for name, text in assignments.items() if not text}
    for name in emptied | _external_ids(operation):
        _without(values, name)
    filled = {name: text for name, text in assignments.items() if text}
    checked = check(operation.model, _merged(values, parse_assignments(operation.model, filled)))
    if checked.request is None:
        raise RequestError(checked.issues)
    return Chosen(account, operation.name, checked.request)


def choose_account(service: Service, account: str | None, operation: str | None) -> AccountView:
    """Return the account, or the only one that offers the operation, which may stand behind its
    provider's name. Raises UsageError."""
    provider, _slash, name = (operation or "").rpartition("/")
    if account is not None:
        view = service.account(account)
        if provider not in ("", view.provider):
            raise UsageError(
                _("account {account} is one of {provider}, which has no {operation!r}").format(
                    account=view.name, provider=view.provider, operation=operation
                )
            )
        return view
    every = service.accounts()
    fitting = [view for view in every if _offers(service, view, provider, name)]
    if len(every) == 1:
        return every[0]
    if not fitting:
        raise UsageError(_("no account offers operation {operation!r}").format(operation=operation))
    if len(fitting) > 1:
        raise UsageError(
            _("which account? --account takes {names}").format(names=", ".join(view.name for view in fitting))
        )
    return fitting[0]


def read_given(args: Namespace) -> Given:
    """Return what ``--request`` and ``--set`` say. Blocks; raises UsageError."""
    return Given(
        body=read_body(args.request) if args.request else None,
        assignments=read_assignments(args.assignments),
    )


def read_assignments(pairs: Sequence[str], option: str = "--set") -> dict[str, str]:
    """Split ``FIELD=VALUE``. Raises UsageError."""
    assignments: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            told = _("{option} {pair!r}: must be FIELD=VALUE")
            if option == "--var":
                told = _("{option} {pair!r}: must be NAME=VALUE")
            raise UsageError(told.format(option=option, pair=pair))
        if name.strip() in assignments:
            raise UsageError(_("{option} {name}: given twice").format(option=option, name=name.strip()))
        assignments[name.strip()] = text
    return assignments


def build(operation: Operation, given: Given, over: Mapping[str, Any] | None = None) -> RequestModel:
    """Return the request; fields that nothing is said of are as in `over`, unless a body is given.

    Raises UsageError, RequestError with all that is wrong.
    """
    model = operation.model
    values, issues = model.read_body(given.body) if given.body is not None else (dict(over or {}), [])
    values = _merged(values, parse_assignments(model, given.assignments))
    issues = [issue for issue in issues if issue.field not in given.assignments]
    checked = check(model, values)
    told = {issue.field for issue in issues}
    issues += [issue for issue in checked.issues if issue.field not in told]
    if issues or checked.request is None:
        raise RequestError(issues)
    return checked.request


def _offers(service: Service, view: AccountView, provider: str, name: str) -> bool:
    operations = service.provider(view.provider).operations
    return provider in ("", view.provider) and (not name or name in operations)


def _external_ids(operation: Operation) -> frozenset[str]:
    specs = leaf_specs(operation.model)
    return frozenset(spec.name for spec in specs if spec.role is Role.EXTERNAL_ID)


def _without(values: dict[str, Any], name: str) -> None:
    """Take a field, dotted if nested, out of `values`."""
    first, _dot, rest = name.partition(".")
    if not rest:
        values.pop(first, None)
    elif isinstance(values.get(first), Mapping):
        values[first] = dict(values[first])
        _without(values[first], rest)


def _only_fit(account: str, operations: Sequence[Operation], given: Given) -> Chosen:
    """Return the one operation whose rules the request obeys."""
    names = ", ".join(operation.name for operation in operations)
    if given.is_nothing:
        raise UsageError(_("which operation? --operation takes {names}").format(names=names))
    fitting: list[Chosen] = []
    against: list[str] = []
    for operation in operations:
        try:
            fitting.append(Chosen(account, operation.name, build(operation, given)))
        except RequestError as error:
            against.append(f"{operation.name}: {error.issues[0]}")
        except UsageError as error:
            against.append(f"{operation.name}: {str(error).partition(';')[0]}")
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(chosen.operation for chosen in fitting)
        raise UsageError(_("which operation? the request fits {names}: say --operation").format(names=names))
    raise UsageError(
        _("the request fits no operation of account {account} ({names})").format(
            account=account, names="; ".join(against)
        )
    )


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = _merged(old, value)
        merged[name] = value
    return merged
