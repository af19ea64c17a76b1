"""The sandbox and the own accounts: how one is offered in the other, and what is said there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.language import N_, _
from tui.actions import key
from tui.widgets.field_choices import Choice

if TYPE_CHECKING:
    from backend.service import Service

SANDBOX, OWN = "sandbox", "own"
"""Values of the choices."""

_OWN_TITLE = N_("Your own accounts")


def other_places(*, is_sandbox: bool, is_configured: bool) -> list[Choice]:
    """Return where one can go from here; `is_configured`: there are accounts of the user's own."""
    if not is_sandbox:
        return [Choice(SANDBOX, _("Sandbox"), _("nothing costs money"))]
    return [Choice(OWN, _(_OWN_TITLE), _("what is sent costs money"))] if is_configured else []


def place_words(service: Service) -> str:
    """Say where one is now."""
    if not service.is_sandbox:
        return _("With your own accounts again: what is sent costs money")
    if not service.is_configured:
        return _("In the sandbox: no account of your own is configured")
    words = _("In the sandbox now: nothing costs money. {accounts}, {add}, “{own}” brings your accounts back")
    return words.format(accounts=key("accounts"), add=key("add_account"), own=_(_OWN_TITLE))


def saved_words(account: str, service: Service) -> str:
    """Say that an account is saved, and whether it is in use."""
    if not service.is_sandbox:
        return _("{account} is saved and in use").format(account=account)
    words = _("{account} is saved; {accounts}, {add}, “{own}” brings it into use")
    return words.format(account=account, accounts=key("accounts"), add=key("add_account"), own=_(_OWN_TITLE))
