"""Accounts as screens and commands show them: no secret, nothing to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from backend.accounts import Account
from backend.costs import amount
from backend.language import _, listed
from backend.models import Failure, Quota


@dataclass(frozen=True, slots=True)
class CredentialView:
    """Where an account's secret comes from; never the secret."""

    key: str
    source: str
    """``env:KLING_KEY``, ``file:…``, ``config.toml``, ``sandbox``."""
    problem: str = ""
    """Why it cannot be read, empty if nothing is known against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as screens and commands show it."""

    name: str
    provider: str
    base_url: str
    credentials: tuple[CredentialView, ...]
    concurrency: int
    sandbox: bool = False
    disabled: bool = False

    @property
    def problem(self) -> str:
        """What keeps it from being used, empty if nothing is known."""
        if self.disabled:
            return ""  # by the user's own will
        if not self.credentials:
            return _("no credential is configured")
        return next((view.problem for view in self.credentials if view.problem), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What a free call proved."""

    account: str
    ok: bool
    words: str
    seconds: float
    failure: Failure | None = None
    skew: float | None = None
    """Seconds by which this machine's clock is ahead of the provider's, to about a second; None: not told."""
    quotas: tuple[Quota, ...] = ()
    """What is left to spend, where the provider tells it."""
    quota_failure: Failure | None = None
    """Why that could not be heard."""


def quota_words(quota: Quota) -> str:
    """Return what is left: ``Trial pack: 812.4 of 1000 left, until 2026-05-13, online``."""
    words = _("{name}: {left} left") if quota.total is None else _("{name}: {left} of {total} left")
    words = words.format(
        name=quota.name or _("a pack"),
        left=amount(quota.left, "").strip(),
        total=amount(quota.total or Decimal(0), "").strip(),
    )
    until = _("until {date}").format(date=f"{quota.ends_at.astimezone():%Y-%m-%d}") if quota.ends_at else ""
    return listed(filter(None, (words, until, quota.status)))


def account_view(account: Account) -> AccountView:
    """Return `account` without its secrets."""
    return AccountView(
        name=account.name,
        provider=account.provider.name,
        base_url=account.base_url,
        credentials=tuple(
            CredentialView(key, "sandbox" if account.sandbox else str(ref), ref.problem())
            for key, ref in account.credentials.items()
        ),
        concurrency=account.limits.concurrency,
        sandbox=account.sandbox,
        disabled=account.disabled,
    )


def clock_skew(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return by how many seconds `now` is ahead of an answer's Date; None if it has none that can be read."""
    told = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        return round((now - parsedate_to_datetime(told)).total_seconds(), 1)
    except (ValueError, TypeError):
        return None
