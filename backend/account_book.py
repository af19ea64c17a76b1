"""The accounts in ``config.toml``, changed in place: what else stands there, comments and order, stays.

A secret never gets into that file: see :mod:`backend.secret_drawer`.
"""

from __future__ import annotations

import fcntl
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.accounts import Account
from backend.config import read_config
from backend.errors import ConfigError, Issue, RequestError, UsageError
from backend.files import replace_file
from backend.language import _
from backend.paths import make_private_folder
from backend.providers import registry
from backend.secret_drawer import SecretDrawer, find_keyring
from backend.secrets import SecretRef

NAME, PROVIDER, BASE_URL, CONCURRENCY = "name", "provider", "base_url", "limits.concurrency"
"""Fields of every account, as :class:`~backend.errors.Issue` names them; the others are the provider's
credentials by key, and its options as ``options.KEY``."""

_UNPUT = "file:/dev/null"
"""Stands for a secret that is not put away yet, while the rest is checked."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What an account is begun with."""

    provider: str
    title: str
    """In the language of the moment."""
    base_url: str
    """Empty where the user must say."""
    name: str


def presets() -> Sequence[Preset]:
    """Return a preset for each address of each provider. Imports all providers."""
    found = []
    for name, provider in registry.providers().items():
        for label, url in (provider.base_urls or {"": ""}).items():
            is_one_of_many = len(provider.base_urls) > 1
            title = _(provider.title)
            if is_one_of_many:
                title = _("{provider}, {region}").format(provider=title, region=_(provider.regions[label]))
            found.append(Preset(name, title, url, f"{name}-{label}" if is_one_of_many else name))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """An account as the user types it in."""

    name: str
    provider: str
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Secrets or references by key; one that is empty or missing stays as it was."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Texts by key, several with commas between them; an empty one is not set."""
    concurrency: str = ""
    """Empty: as many as the provider's own limit says."""


@dataclass(frozen=True, slots=True)
class Edition:
    """``config.toml`` as it was read: changes are refused once it is another."""

    text: str
    accounts: Mapping[str, Account]
    concurrency: Mapping[str, int]
    """Where the user set it."""
    options: Mapping[str, Mapping[str, Any]]


class AccountBook:
    """Adds, changes and removes accounts. Everything blocks: call it in a thread."""

    def __init__(self, config: Path, drawer: SecretDrawer | None = None) -> None:
        self.path = config
        """The file that is changed."""
        self._drawer = drawer or SecretDrawer(config.parent / "secrets", find_keyring())

    def read(self) -> Edition:
        """Return what is there now. Raises ConfigError."""
        text = self._text()
        accounts = read_config(self.path, text, private=True).accounts
        tables = tomllib.loads(text).get("accounts", {})
        return Edition(
            text,
            {account.name: account for account in accounts},
            {
                name: table["limits"]["concurrency"]
                for name, table in tables.items()
                if "concurrency" in table.get("limits", {})
            },
            {name: table.get("options", {}) for name, table in tables.items()},
        )

    def check(self, edition: Edition, entry: AccountEntry, *, new: bool) -> list[Issue]:
        """Return what is wrong with `entry`, each at its field. Nothing is written."""
        issues = []
        if new and entry.name in edition.accounts:
            issues.append(Issue(NAME, _("there is an account of this name already")))
        given = {key for key, text in entry.credentials.items() if text}
        if not new and entry.name in edition.accounts:
            given |= set(edition.accounts[entry.name].credentials)
        sets = registry.provider(entry.provider).credential_sets
        if not any(given.issuperset(keys) for keys in sets):
            wanted = _(" or ").join(_(" and ").join(keys) for keys in sets)
            near = min(sets, key=lambda keys: len(set(keys) - given) - len(given.intersection(keys)))
            missing = next(key for key in near if key not in given)
            issues.append(Issue(missing, _("needs {wanted}").format(wanted=wanted)))
        try:
            concealed = {key: _concealed(text) for key, text in entry.credentials.items() if text}
            self._edited(edition, entry, concealed)
        except ConfigError as error:
            issues.append(_issue(error, entry.name))
        return issues

    def save(self, edition: Edition, entry: AccountEntry, *, new: bool) -> None:
        """Add an account, or change it; put its secrets away.

        Raises RequestError with what is wrong at which field, ConfigError if the file is another by now,
        OSError; then nothing was changed.
        """
        if issues := self.check(edition, entry, new=new):
            raise RequestError(issues)
        put: list[SecretRef] = []
        try:
            references = {}
            for key, text in entry.credentials.items():
                if SecretRef.parse(text).kind == "literal" and text:
                    put.append(self._drawer.put(f"{entry.name}.{key}", text))
                    references[key] = f"{put[-1].kind}:{put[-1].target}"
                elif text:
                    references[key] = text
            self._write(edition, self._edited(edition, entry, references))
        except BaseException:
            for ref in put:
                self._drawer.drop(ref)
            raise
        if entry.name in edition.accounts:
            before = edition.accounts[entry.name].credentials
            self._drop(ref for key, ref in before.items() if key in references)

    def remove(self, edition: Edition, name: str) -> None:
        """Forget an account and the secrets kept here for it; its tasks stay. Raises ConfigError, OSError."""

        def change(accounts: Any) -> None:
            del accounts[name]

        account = self._known(edition, name)
        self._write(edition, self._changed(edition, change))
        self._drop(account.credentials.values())

    def set_disabled(self, edition: Edition, name: str, disabled: bool) -> None:
        """Have an account send and ask nothing, or go on. Raises ConfigError, OSError."""

        def change(accounts: Any) -> None:
            accounts[name].pop("disabled", None)
            if disabled:
                accounts[name]["disabled"] = True

        self._known(edition, name)
        self._write(edition, self._changed(edition, change))

    # -- inside -----------------------------------------------------------------------------------

    def _edited(self, edition: Edition, entry: AccountEntry, references: Mapping[str, str]) -> str:
        provider = registry.provider(entry.provider)
        many = {spec.key for spec in provider.options if spec.many}

        def change(accounts: Any) -> None:
            table = _inside(accounts, entry.name)
            table[PROVIDER] = entry.provider
            for key, value in {BASE_URL: entry.base_url, **references}.items():
                _put(table, key, value)
            options = {
                key: [part.strip() for part in text.split(",") if part.strip()] if key in many else text
                for key, text in entry.options.items()
            }
            _put_inside(table, "options", options)
            concurrency: Any = entry.concurrency
            _put_inside(
                table, "limits", {"concurrency": int(concurrency) if concurrency.isdecimal() else concurrency}
            )

        return self._changed(edition, change, "" if entry.name in edition.accounts else entry.name)

    def _changed(self, edition: Edition, change: Callable[[Any], None], added: str = "") -> str:
        """Return the file's text after `change` of its accounts, which puts `added` among them.

        Raises ConfigError.
        """
        import tomlkit  # only for this

        expected = tomllib.loads(edition.text)
        change(expected.setdefault("accounts", {}))
        if added:
            # After all else: wherever the other accounts stand, nothing of them is touched.
            section = tomlkit.dumps({"accounts": {added: expected["accounts"][added]}})
            text = f"{edition.text.rstrip()}\n\n{section}".lstrip()
        else:
            document: Any = tomlkit.parse(edition.text)
            change(document["accounts"])
            text = tomlkit.dumps(document)
        try:
            became = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            raise self._by_hand() from None
        if _without_nothing(became) != _without_nothing(expected):
            raise self._by_hand()
        read_config(self.path, text, private=True)
        return text

    def _by_hand(self) -> ConfigError:
        return ConfigError(
            _("{path} is written in a way that cannot be changed here; edit it by hand").format(
                path=self.path
            )
        )

    def _write(self, edition: Edition, text: str) -> None:
        target = self.path.resolve()  # it may be a link into the user's own collection
        with _locked(make_private_folder(target.parent)):
            if self._text() != edition.text:
                raise ConfigError(
                    _("{path} was changed meanwhile; nothing was written, try again").format(path=self.path)
                )
            replace_file(target, text)

    def _text(self) -> str:
        try:
            # Line ends as they are: read_text would make one kind of them.
            return self.path.read_bytes().decode()
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise ConfigError(_("{path}: is not UTF-8 text").format(path=self.path)) from None

    def _drop(self, refs: Iterable[SecretRef]) -> None:
        for ref in refs:
            self._drawer.drop(ref)

    def _known(self, edition: Edition, name: str) -> Account:
        if name not in edition.accounts:
            known = ", ".join(edition.accounts) or _("none")
            raise UsageError(
                _("{path} has no account {name!r}; known: {known}").format(
                    path=self.path, name=name, known=known
                )
            )
        return edition.accounts[name]


def _without_nothing(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave aside a table of accounts with none in it: the last one takes it along, or not."""
    return {key: value for key, value in data.items() if key != "accounts" or value}


def _put(table: Any, key: str, value: Any) -> None:
    """Set a value if it differs, so that what is as it was keeps its form; an empty one goes."""
    if value in ("", []):
        table.pop(key, None)
    elif table.get(key) != value:
        table[key] = value


def _inside(table: Any, name: str) -> Any:
    if name not in table:
        table[name] = {}
    return table[name]  # not the one just put in: tomlkit keeps another


def _put_inside(table: Any, name: str, values: Mapping[str, Any]) -> None:
    if not any(value not in ("", []) for value in values.values()) and name not in table:
        return
    inside = _inside(table, name)
    for key, value in values.items():
        _put(inside, key, value)
    if not inside:
        del table[name]


def _concealed(text: str) -> str:
    return _UNPUT if SecretRef.parse(text).kind == "literal" else text


def _issue(error: ConfigError, name: str) -> Issue:
    field = ".".join(error.key[2:]) if error.key[:2] == ("accounts", name) else ""
    if error.key == ("accounts", name):
        field = BASE_URL if BASE_URL in error.words else NAME
    return Issue(field, error.words or str(error))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other reeltops from changing what is in `folder` meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
