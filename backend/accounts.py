"""An account: what the user configures under a name. Plain data; secrets stay references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backend.errors import AccountError, UsageError
from backend.filenames import NamePattern
from backend.language import _, pgettext
from backend.prices import Price
from backend.providers.contract import Limits, Operation, Provider
from backend.secrets import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A provider, an address, credentials and limits under the user's name for them."""

    name: str
    provider: Provider
    base_url: str
    credentials: Mapping[str, SecretRef]
    limits: Limits
    former_base_urls: tuple[str, ...] = ()
    """Addresses that this account's tasks were sent to before; they get its credential too."""
    disabled: bool = False
    """Whether nothing is sent or asked with it; its tasks stay as they are."""
    auto_download: bool = True
    downloads_name: NamePattern | None = None
    """How its files are named, where that is not as for all accounts."""
    downloads_at_once: int | None = None
    """How many of its tasks are fetched at a time, where that is less than of all accounts."""
    warnings: bool = True
    """Whether to warn of what third parties report; rules of the provider hold in any case."""
    supports: frozenset[str] = frozenset()
    """Fields, or ``MODEL/FIELD``, of which the user knows better than what third parties report."""
    prices: tuple[Price, ...] = ()
    """What the user says it charges; the first that fits counts."""
    sandbox: bool = field(default=False)

    def trusts(self, base_url: str) -> bool:
        """Whether the account's credential may go to `base_url` (DESIGN rule 10)."""
        if base_url == self.base_url:
            return True
        return _origin(base_url) in {_origin(url) for url in (self.base_url, *self.former_base_urls)}

    def require(self, operation: Operation) -> None:
        """Check that the account may be used, and has the kind of credential that `operation` takes.

        Raises AccountError.
        """
        if self.disabled:
            raise AccountError(
                pgettext("record", "account {name} is disabled: reeltop accounts enable {name}").format(
                    name=self.name
                )
            )
        missing = [key for key in operation.needs if key not in self.credentials]
        if missing:
            wanted = pgettext("record", " and ").join(missing)
            raise AccountError(
                pgettext("record", "account {name}: {operation} needs {wanted}; no other key will do").format(
                    name=self.name, operation=operation.name, wanted=wanted
                )
            )

    def resolve(self) -> dict[str, str]:
        """Return the credentials' values. Blocks: call it in a thread. Raises AccountError."""
        for keys in self.provider.credential_sets:
            if all(key in self.credentials for key in keys):
                try:
                    return {key: self.credentials[key].resolve() for key in keys}
                except AccountError as error:
                    raise AccountError(
                        _("account {name}: {error}").format(name=self.name, error=error)
                    ) from None
        wanted = pgettext("record", " or ").join(
            pgettext("record", " and ").join(keys) for keys in self.provider.credential_sets
        )
        raise AccountError(
            pgettext("record", "account {name}: no credential; set {wanted}").format(
                name=self.name, wanted=wanted
            )
        )


def find_account(accounts: Mapping[str, Account], name: str) -> Account:
    """Return one of `accounts`. Raises UsageError that names the known ones."""
    if name not in accounts:
        raise UsageError(
            _("unknown account {name!r}; known: {names}").format(
                name=name, names=", ".join(accounts) or _("none")
            )
        )
    return accounts[name]


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
