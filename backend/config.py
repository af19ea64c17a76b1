"""``config.toml``: read, checked, and explained by file, line and key."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend import display
from backend.accounts import Account
from backend.config_lines import line_of, no_such_config
from backend.downloads import AT_ONCE, DownloadRules
from backend.errors import ConfigError, UsageError
from backend.filenames import NamePattern
from backend.language import N_, _, choose_language
from backend.notify import AS_USUAL, Notify, read_notify
from backend.own_commands import OwnCommand, OwnCommandError, read_own_commands
from backend.prices import Price, read_price
from backend.providers import registry
from backend.providers.contract import Limits, Provider
from backend.query import QueryError, parse
from backend.secrets import SecretRef
from backend.spans import parse_span
from backend.text import clean_line

_SUPPORTED = re.compile(r"(?:[\w.-]+/)?[a-z][\w.]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
ACCOUNT_KEYS = {
    "provider",
    "disabled",
    "base_url",
    "former_base_urls",
    "auto_download",
    "downloads_at_once",
    "downloads_name",
    "warnings",
    "supports",
    "limits",
    "options",
    "prices",
}
TOP_KEYS = {
    "accounts",
    "archive_after",
    "downloads",
    "notify",
    "downloads_at_once",
    "downloads_name",
    "downloads_sidecar",
    *display.KEYS,
    "views",
    "keys",
    "commands",
    "read_only",
}
MOST_AT_ONCE = 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Config:
    """What the user configured."""

    accounts: tuple[Account, ...] = ()
    downloads: Path | None = None
    download_rules: DownloadRules = field(default_factory=DownloadRules)
    archive_after: timedelta | None = None
    """Age at which finished tasks are put away; None: only when the user says so."""
    notify: Notify = AS_USUAL
    views: Mapping[str, str] = field(default_factory=dict)
    """The user's own filters of the dashboard, by name."""
    own_commands: tuple[OwnCommand, ...] = ()
    read_only: bool = False
    """Whether nothing may be changed from here."""


def load_config(path: Path, *, must_exist: bool = False) -> Config:
    """Read `path`; a file that does not exist is an empty configuration, unless it `must_exist`.

    Raises ConfigError.
    """
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(no_such_config(path)) from None
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("is not UTF-8 text")
        raise ConfigError(f"{path}: {reason}") from None
    return read_config(path, text, private=not mode & (stat.S_IRWXG | stat.S_IRWXO))


def read_config(path: Path, text: str, *, private: bool) -> Config:
    """Read what stands, or is to stand, at `path`, which nobody else can read if it is `private`.

    Raises ConfigError.
    """
    return _Reader(path, text, private=private).read()


class _Reader:
    """Turns one file's text into a Config."""

    def __init__(self, path: Path, text: str, *, private: bool) -> None:
        self._path = path
        self._text = text
        self._private = private

    def read(self) -> Config:
        try:
            data = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{self._path}: {error}") from None
        self._only(data, TOP_KEYS, ())
        self._check_display(data)
        self._check_keys(data)
        downloads = self._typed(data, "downloads", str, (), None)
        accounts = self._typed(data, "accounts", dict, (), {})
        return Config(
            accounts=tuple(self._account(name, value) for name, value in accounts.items()),
            downloads=(self._path.parent / Path(downloads).expanduser()) if downloads else None,
            download_rules=self._download_rules(data),
            archive_after=self._span(data, "archive_after"),
            notify=self._notify(data),
            views=self._views(data),
            own_commands=self._own_commands(data),
            read_only=self._typed(data, "read_only", bool, (), False),
        )

    def _check_display(self, data: Mapping[str, Any]) -> None:
        self._typed(data, "lean", bool, (), False)
        refresh = self._typed(data, "refresh", str, (), None)
        try:
            display.parse_refresh(refresh or "1s")
        except ValueError as error:
            raise self._error(("refresh",), str(error)) from None
        if self._typed(data, "theme", str, (), display.THEMES[0]) not in display.THEMES:
            raise self._error(("theme",), _("must be {names}").format(names=_(" or ").join(display.THEMES)))
        if self._typed(data, "pictures", str, (), display.PICTURES[0]) not in display.PICTURES:
            names = _(" or ").join(display.PICTURES)
            raise self._error(("pictures",), _("must be {names}").format(names=names))
        try:
            choose_language(self._typed(data, "language", str, (), None), {})
        except ValueError as error:
            raise self._error(("language",), str(error)) from None

    def _check_keys(self, data: Mapping[str, Any]) -> None:
        # Which actions there are, and whether two have one key, is for the dashboard to know.
        keys: dict[str, str] = self._typed(data, "keys", dict, (), {})
        for name in keys:
            self._typed(keys, name, str, ("keys",), "")

    def _download_rules(self, data: Mapping[str, Any]) -> DownloadRules:
        name = self._name_pattern(data, ())
        rules = DownloadRules(
            at_once=self._at_once(data, ()) or AT_ONCE,
            sidecar=self._typed(data, "downloads_sidecar", bool, (), True),
        )
        return replace(rules, name=name) if name else rules

    def _name_pattern(self, table: Mapping[str, Any], where: tuple[str, ...]) -> NamePattern | None:
        text = self._typed(table, "downloads_name", str, where, None)
        try:
            return NamePattern.parse(text) if text is not None else None
        except ValueError as error:
            raise self._error((*where, "downloads_name"), str(error)) from None

    def _at_once(self, table: Mapping[str, Any], where: tuple[str, ...]) -> int | None:
        number = table.get("downloads_at_once")
        if number is not None and (type(number) is not int or not 1 <= number <= MOST_AT_ONCE):
            message = _("must be a whole number from 1 to {most}").format(most=MOST_AT_ONCE)
            raise self._error((*where, "downloads_at_once"), message)
        return number

    def _notify(self, data: Mapping[str, Any]) -> Notify:
        try:
            return read_notify(self._typed(data, "notify", dict, (), {}))
        except ValueError as error:
            key = str(error).partition(":")[0]
            raise self._error(("notify", key), str(error).partition(": ")[2]) from None

    def _views(self, data: Mapping[str, Any]) -> dict[str, str]:
        views: dict[str, str] = self._typed(data, "views", dict, (), {})
        for name in views:
            text = self._typed(views, name, str, ("views",), "")
            try:
                parse(text)
            except QueryError as error:
                raise self._error(("views", name), str(error)) from None
        return {clean_line(name): text for name, text in views.items()}

    def _own_commands(self, data: Mapping[str, Any]) -> tuple[OwnCommand, ...]:
        try:
            return read_own_commands(self._typed(data, "commands", list, (), []))
        except OwnCommandError as error:
            inside = (error.key,) if error.key else ()
            raise self._error(("commands", str(error.number), *inside), str(error)) from None

    def _span(self, table: Mapping[str, Any], key: str) -> timedelta | None:
        text = self._typed(table, key, str, (), None)
        try:
            return parse_span(text) if text is not None else None
        except ValueError as error:
            raise self._error((key,), str(error)) from None

    def _account(self, name: str, table: Any) -> Account:
        where = ("accounts", name)
        if not isinstance(table, dict):
            raise self._error(where, _("must be a table"))
        if not _NAME.fullmatch(name):
            raise self._error(where, _("a name has up to 40 letters, digits, dots, dashes and underscores"))
        provider = self._provider(table, where)
        secrets = {spec.key for spec in provider.credentials}
        self._only(table, ACCOUNT_KEYS | secrets, where)
        return Account(
            name=name,
            provider=provider.configured(self._options(table, provider, where)),
            base_url=self._base_url(table, provider, where),
            former_base_urls=tuple(
                self._url(url, (*where, "former_base_urls"))
                for url in self._typed(table, "former_base_urls", list, where, [])
            ),
            credentials={key: self._secret(table, key, where) for key in secrets if key in table},
            limits=self._limits(table, provider, where),
            disabled=self._typed(table, "disabled", bool, where, False),
            auto_download=self._typed(table, "auto_download", bool, where, True),
            downloads_name=self._name_pattern(table, where),
            downloads_at_once=self._at_once(table, where),
            warnings=self._typed(table, "warnings", bool, where, True),
            supports=frozenset(self._supports(table, where)),
            prices=tuple(self._prices(table, where)),
        )

    def _provider(self, table: Mapping[str, Any], where: tuple[str, ...]) -> Provider:
        name = self._typed(table, "provider", str, where, None)
        if name is None:
            raise self._error(
                where, _("needs provider = one of {names}").format(names=", ".join(registry.providers()))
            )
        try:
            return registry.provider(name)
        except UsageError as error:
            raise self._error((*where, "provider"), str(error)) from None

    def _base_url(self, table: Mapping[str, Any], provider: Provider, where: tuple[str, ...]) -> str:
        given = self._typed(table, "base_url", str, where, None)
        if given is not None:
            return self._url(provider.base_urls.get(given, given), (*where, "base_url"))
        if not provider.base_urls:
            raise self._error(
                where,
                _("needs base_url: {provider} has no address of its own").format(provider=provider.title),
            )
        return next(iter(provider.base_urls.values()))

    def _url(self, url: Any, where: tuple[str, ...]) -> str:
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except (ValueError, AttributeError):
            host = None
        if not host or parts.scheme not in ("http", "https") or parts.username or parts.query:
            raise self._error(where, _("must be an address such as https://api.example.com"))
        if parts.scheme == "http" and host not in _LOOPBACK:
            raise self._error(where, _("must be https: the credential would travel in the clear"))
        return str(url).rstrip("/")

    def _secret(self, table: Mapping[str, Any], key: str, where: tuple[str, ...]) -> SecretRef:
        ref = SecretRef.parse(self._typed(table, key, str, where, ""))
        if ref.kind == "literal" and not self._private:
            raise self._error(
                (*where, key),
                _(
                    "a secret in the file itself needs a file that only you can read (chmod 600); "
                    "better a reference such as env:NAME or file:PATH"
                ),
            )
        return ref

    def _limits(self, table: Mapping[str, Any], provider: Provider, where: tuple[str, ...]) -> Limits:
        given = self._typed(table, "limits", dict, where, {})
        inside = (*where, "limits")
        self._only(given, {item.name for item in fields(Limits)}, inside)
        for key, value in given.items():
            whole = key in ("concurrency", "per_minute")
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value <= 0:
                said = _("must be a whole number above 0") if whole else _("must be a number above 0")
                raise self._error((*inside, key), said)
        return replace(provider.limits, **given)

    def _supports(self, table: Mapping[str, Any], where: tuple[str, ...]) -> Iterator[str]:
        for name in self._typed(table, "supports", list, where, []):
            if not isinstance(name, str) or not _SUPPORTED.fullmatch(name):
                message = _("{name!r} must be a field, or MODEL/FIELD such as kling-v2-6/cfg_scale").format(
                    name=name
                )
                raise self._error((*where, "supports"), message)
            yield name

    def _prices(self, table: Mapping[str, Any], where: tuple[str, ...]) -> Iterator[Price]:
        inside = (*where, "prices")
        for number, entry in enumerate(self._typed(table, "prices", list, where, []), 1):
            try:
                yield read_price(entry if isinstance(entry, dict) else {})
            except ValueError as error:
                raise self._error(
                    inside, _("price {number}: {error}").format(number=number, error=error)
                ) from None

    def _options(
        self, table: Mapping[str, Any], provider: Provider, where: tuple[str, ...]
    ) -> dict[str, Any]:
        given: dict[str, Any] = self._typed(table, "options", dict, where, {})
        inside = (*where, "options")
        specs = {spec.key: spec for spec in provider.options}
        self._only(given, set(specs), inside)
        for key, value in given.items():
            spec, at = specs[key], (*inside, key)
            texts = self._typed(given, key, list, inside, []) if spec.many else [value]
            for text in texts:
                if not isinstance(text, str):
                    said = _("must be a list of texts") if spec.many else _(_KIND_WORDS[str])
                    raise self._error(at, said)
                if spec.choices and text not in spec.choices:
                    raise self._error(at, _("must be {names}").format(names=_(" or ").join(spec.choices)))
                if not re.fullmatch(spec.pattern, text):
                    raise self._error(
                        at, _("{text!r} does not fit: {help}").format(text=text, help=_(spec.help))
                    )
        return given

    def _only(self, table: Mapping[str, Any], known: set[str], where: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                raise self._error(
                    (*where, key),
                    _("unknown; known here: {names}").format(names=", ".join(sorted(known)) or _("none")),
                )

    def _typed(
        self, table: Mapping[str, Any], key: str, kind: type, where: tuple[str, ...], default: Any
    ) -> Any:
        value = table.get(key, default)
        if value is not default and not isinstance(value, kind):
            raise self._error((*where, key), _(_KIND_WORDS[kind]))
        return value

    def _error(self, key: tuple[str, ...], message: str) -> ConfigError:
        where = f"{self._path}:{line_of(self._text, key)}: {'.'.join(key)}"
        return ConfigError(f"{where}: {message}", key=key, words=message)


_KIND_WORDS = {
    str: N_("must be text in quotes"),
    dict: N_("must be a table"),
    list: N_("must be a list"),
    bool: N_("must be true or false"),
}
