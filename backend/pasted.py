"""A request from elsewhere, as a curl command or as a JSON body, made into a draft. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backend.bodies import parse_body
from backend.curl import Curl, is_curl, read_curl
from backend.drafts import Draft, texts_of
from backend.errors import Issue, UsageError
from backend.language import _

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.providers.contract import Operation

LARGEST = 32 * 2**20
"""Characters: what Base64 pictures need."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood of it."""

    draft: Draft
    issues: tuple[Issue, ...] = ()
    """What cannot be taken over: unknown fields, and what has the wrong shape."""


@dataclass(frozen=True, slots=True)
class _Fit:
    account: Account
    operation: Operation
    values: Mapping[str, Any]
    issues: tuple[Issue, ...]
    rank: tuple[bool | int, ...]


def read_pasted(text: str, accounts: Iterable[Account], draft: Draft) -> Pasted:
    """Return the draft that `text` describes, for the account and operation that fit it best.

    Those of `draft` are preferred; a bare body stays with its account. Raises UsageError for what is no
    such text, without repeating what may be secret.
    """
    if len(text) > LARGEST:
        raise UsageError(_("this is longer than {count} million characters").format(count=LARGEST // 2**20))
    curl = read_curl(text) if is_curl(text) else None
    body = parse_body(
        text if curl is None else curl.body, _("pasted JSON") if curl is None else _("the body")
    )
    if not isinstance(body, dict):
        raise UsageError(_("must be one JSON object, {…}"))
    fits = [
        _fit(account, operation, body, curl, draft)
        for account in accounts
        if curl is not None or account.name == draft.account
        for operation in account.provider.operations.values()
    ]
    if not fits:
        raise UsageError(_("there is no account that it could be for"))
    best = max(fits, key=lambda fit: fit.rank)
    texts = texts_of(best.operation.model, best.values)
    if not texts:
        raise UsageError(
            _("holds no field of {provider}/{operation}").format(
                provider=best.account.provider.name, operation=best.operation.name
            )
        )
    return Pasted(Draft(account=best.account.name, operation=best.operation.name, texts=texts), best.issues)


def _fit(
    account: Account, operation: Operation, body: Mapping[str, Any], curl: Curl | None, draft: Draft
) -> _Fit:
    from backend.providers.complaints import is_unknown, unknown
    from backend.providers.fields import check, field_specs

    values, shape = operation.model.read_body(body)
    checked = check(operation.model, values)
    not_known = [issue for issue in (*shape, *checked.issues) if is_unknown(issue)]
    lost = tuple({issue.field: issue for issue in (*shape, *not_known)}.values())
    # A name may be read though no form has it: the "model" that Kling ignores.
    forms = {spec.name for spec in field_specs(operation.model)}
    told = {issue.field for issue in lost}
    ignored = tuple(unknown(name) for name in values if name not in forms | told)
    has_place = False
    if curl is not None and checked.request is not None:
        path = operation.codec.create(checked.request, None).path
        has_place = curl.path.endswith(path.partition("?")[0])
    rank = (
        curl is not None and urlsplit(account.base_url).netloc.lower() == curl.host,
        has_place,
        -len(lost),
        -len(checked.issues),
        account.name == draft.account,
        operation.name == draft.operation,
    )
    return _Fit(account, operation, values, lost + ignored, rank)
