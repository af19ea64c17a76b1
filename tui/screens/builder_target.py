"""Where a request goes: an account, and one of its operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.language import _
from backend.providers.fields import FieldSpec, leaf_specs
from backend.service import Draft
from backend.text import clean_line
from tui.screens.builder_words import place
from tui.widgets.field_choices import Choice

if TYPE_CHECKING:
    from backend.providers.contract import Operation
    from backend.service import AccountView, Service


@dataclass(frozen=True, slots=True)
class Target:
    """An account and one of its operations."""

    account: AccountView
    operation: Operation

    @property
    def key(self) -> str:
        """The same for all accounts of a provider: ``kling/image2video``."""
        return f"{self.account.provider}/{self.operation.name}"

    @property
    def specs(self) -> Sequence[FieldSpec]:
        return list(leaf_specs(self.operation.model))

    def draft(self, texts: Mapping[str, str]) -> Draft:
        return Draft(account=self.account.name, operation=self.operation.name, texts=texts)


def nearest(service: Service, account: str, operation: str) -> Target | None:
    """Return the target of these names, or what is nearest to it; None without any account."""
    views = {view.name: view for view in service.accounts()}
    if not views:
        return None
    view = views.get(account) or next(iter(views.values()))
    operations = service.provider(view.provider).operations
    name = operation if operation in operations else _alike(operation, list(operations))
    return Target(view, operations[name])


def account_choices(service: Service) -> list[Choice]:
    return [Choice(view.name, view.name, place(view)) for view in service.accounts()]


def operation_choices(service: Service, account: AccountView) -> list[Choice]:
    operations = service.provider(account.provider).operations
    return [Choice(each.name, clean_line(_(each.title)), each.name) for each in operations.values()]


def _alike(wanted: str, names: Sequence[str]) -> str:
    """Return the name that holds `wanted` or is held by it, or the first."""
    return next((name for name in names if wanted and (wanted in name or name in wanted)), names[0])
