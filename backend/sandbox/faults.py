"""Trouble on request: for one request by the header ``X-Sandbox-Fault: name;key=value``, or set for an
account: by :class:`Faults`, by the control endpoint, or by ``reeltop sandbox --fault``.

============== ================================================================= ==========================
name           what happens                                                      options (default)
============== ================================================================= ==========================
latency        the answer waits                                                  seconds (2)
429            refused as too many requests, in the provider's own words         retry-after (none)
error          refused with one of the provider's own codes; nothing is made     code
500-before     the provider's internal error; nothing is made                    status (500)
500-after      the same, but the job is made                                     status (500)
drop-before    the connection is lost; nothing is made                           -
drop-after     the connection is lost; the job is made                           -
truncate       the connection is lost within the answer                          bytes (50%)
html           a proxy's HTML page instead of the answer; the job is made        status (502)
wrong-types    every number a text, every text a list …; the job is made         -
unknown-status status words that no page knows, in answers about jobs            word (reviewing)
expired-link   result links that have expired                                    -
short-file     the file itself is cut off, its Content-Length agrees             bytes (50%)
no-end         the file has no length, and zeros follow it for ever              -
new-version    the file is another one than before: longer, with another ETag    -
wrong-range    the rest of a file says that it is of another, longer file        -
redirect       sent on to another address; nothing is made                       to (http://localhost/)
bad-json       the body ends in the middle, its Content-Length agrees            -
============== ================================================================= ==========================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from math import isfinite
from typing import Any

from backend.providers.contract import JsonObject

HEADER = "x-sandbox-fault"
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "latency": ("seconds",),
    "429": ("retry-after",),
    "error": ("code",),
    "500-before": ("status",),
    "500-after": ("status",),
    "drop-before": (),
    "drop-after": (),
    "truncate": ("bytes",),
    "html": ("status",),
    "wrong-types": (),
    "unknown-status": ("word",),
    "expired-link": (),
    "short-file": ("bytes",),
    "no-end": (),
    "new-version": (),
    "wrong-range": (),
    "redirect": ("to",),
    "bad-json": (),
}
NAMES = tuple(_OPTIONS)
_ORDERS = ("times", "match")
"""Options of an order for an account, whatever the fault."""
_OF_FILES = ("short-file", "no-end", "new-version", "wrong-range", "redirect")
_STATUS_KEYS = ("task_status", "status", "progress_desc")
_LONGEST_WAIT = 600.0


class Kind(Enum):
    """What a request is about."""

    CREATE = auto()
    QUERY = auto()
    FILE = auto()
    OTHER = auto()
    """Access tokens, unknown paths …"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble, with its options."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, more: tuple[str, ...] = ()) -> Fault:
        """Read ``name;key=value;…`` with the fault's own keys and `more`. Raises ValueError that names the
        known ones.
        """
        name, *rest = (part.strip() for part in text.split(";"))
        if name not in _OPTIONS:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(_OPTIONS)}")
        pairs = (part.partition("=") for part in rest if part)
        options = {key.strip(): value.strip() for key, _, value in pairs}
        known = (*_OPTIONS[name], *more)
        for key in options:
            if key not in known:
                raise ValueError(f"{name} has no option {key!r}; known: {', '.join(known) or 'none'}")
        return cls(name, options)

    def number(self, key: str, default: float) -> float:
        """Return a numeric option, or `default` if there is none that can be read."""
        try:
            value = float(self.options[key])
        except (KeyError, ValueError):
            return default
        return value if isfinite(value) else default

    @property
    def wait(self) -> float:
        """Seconds that the answer waits."""
        return min(_LONGEST_WAIT, max(0.0, self.number("seconds", 2.0))) if self.name == "latency" else 0.0

    @property
    def status(self) -> int:
        """The HTTP status of ``500-*`` and ``html``."""
        status = int(self.number("status", 502 if self.name == "html" else 500))
        return status if 200 <= status <= 599 else 500

    def cut(self, length: int) -> int:
        """Return how many of `length` bytes are left: so many, or so many per cent."""
        text = self.options.get("bytes", "")
        if text.endswith("%"):
            part = Fault(self.name, {"bytes": text[:-1]}).number("bytes", 50)
            return max(0, min(length, int(length * part / 100)))
        return max(0, min(length, int(self.number("bytes", length // 2))))

    def __str__(self) -> str:
        return ";".join((self.name, *(f"{key}={value}" for key, value in self.options.items())))


@dataclass(slots=True)
class _Armed:
    fault: Fault
    times: int | None
    match: str

    def fits(self, target: str, kind: Kind) -> bool:
        if self.match:
            return self.match in target
        if self.fault.name in _OF_FILES:
            return kind is Kind.FILE
        if self.fault.name in ("unknown-status", "expired-link"):
            return kind is Kind.QUERY
        return kind in (Kind.CREATE, Kind.QUERY)


class Faults:
    """The faults set for accounts."""

    def __init__(self) -> None:
        self._armed: dict[str, list[_Armed]] = {}

    def set(self, account: str, fault: str, *, times: int | None = 1, match: str = "") -> None:
        """Let the next `times` requests of an account that fit meet `fault` (None: all, until cleared).

        `match` is a part of ``METHOD /path``; without it creates and queries fit (``short-file``, ``no-end``,
        ``new-version``, ``wrong-range`` and ``redirect``: files, ``unknown-status`` and ``expired-link``:
        queries). Raises ValueError for unknown faults.
        """
        self._armed.setdefault(account, []).append(_Armed(Fault.parse(fault), times, match))

    def order(self, text: str, accounts: Mapping[str, Callable[[str], object]]) -> None:
        """Set what ``NAME[;key=value…][@account]`` says, for all of `accounts` if it names none.

        Beside the fault's own options there are ``times`` (always, if it is left out) and ``match``.
        `accounts` tell by code whether they have such an ``error`` to show. Raises ValueError.
        """
        said, at, account = text.rpartition("@")
        named = account.strip() if at else ""
        if at and named not in accounts:
            raise ValueError(f"unknown account {named!r}; known: {', '.join(accounts)}")
        fault = Fault.parse(said if at else text, _ORDERS)
        options = dict(fault.options)
        times, match = options.pop("times", None), options.pop("match", "")
        if times is not None and not (times.isascii() and times.isdigit() and int(times[:9])):
            raise ValueError(f"times must be a whole number above 0, not {times!r}")
        chosen = [named] if at else list(accounts)
        if fault.name == "error":
            code = options.get("code", "")
            chosen = [one for one in chosen if accounts[one](code)]
            if not chosen:
                raise ValueError(f"no error with code {code!r} to show at {named or 'any account'}")
        plain = str(Fault(fault.name, options))
        for one in chosen:
            self.set(one, plain, times=int(times[:9]) if times else None, match=match)

    def clear(self, account: str | None = None) -> None:
        """Forget the faults of an account, or all."""
        if account is None:
            self._armed.clear()
        else:
            self._armed.pop(account, None)

    def take(self, account: str, target: str, kind: Kind) -> Fault | None:
        """Return the fault that a request to `target` (``METHOD /path``) meets, and count it."""
        armed = self._armed.get(account, [])
        for one in armed:
            if one.fits(target, kind):
                if one.times is not None:
                    one.times -= 1
                    if one.times <= 0:
                        armed.remove(one)
                return one.fault
        return None

    def listed(self) -> list[JsonObject]:
        """Return what is set, as the control endpoint shows and takes it."""
        return [
            {"account": account, "fault": str(one.fault), "times": one.times, "match": one.match}
            for account, armed in self._armed.items()
            for one in armed
        ]

    def set_from(self, body: Any) -> None:
        """Set what a control request says. Raises ValueError."""
        if not isinstance(body, dict) or not isinstance(body.get("account"), str):
            raise ValueError(  # noqa: TRY004  one kind of error for one kind of mistake
                'wanted: {"account": …, "fault": …, "times": 1, "match": ""}'
            )
        times, match = body.get("times", 1), body.get("match", "")
        if not (times is None or (isinstance(times, int) and times > 0)) or not isinstance(match, str):
            raise ValueError("times must be a whole number above 0, or null for always; match a text")
        self.set(body["account"], str(body.get("fault", "")), times=times, match=match)


def wrong_types(value: Any) -> Any:
    """Return JSON of the same keys with values of other types."""
    if isinstance(value, dict):
        return {key: wrong_types(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return {str(index): wrong_types(inner) for index, inner in enumerate(value)}
    if isinstance(value, bool) or value is None:
        return str(value)
    return [value] if isinstance(value, str) else str(value)


def unknown_status(value: Any, word: str) -> Any:
    """Return JSON with other status words."""
    if isinstance(value, dict):
        return {
            key: word if key in _STATUS_KEYS and isinstance(inner, str) else unknown_status(inner, word)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [unknown_status(inner, word) for inner in value]
    return value


def expired_links(value: Any) -> Any:
    """Return JSON whose links to result files have expired."""
    if isinstance(value, dict):
        return {key: expired_links(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [expired_links(inner) for inner in value]
    if isinstance(value, str) and value.startswith("http"):
        return value.replace("/files/", "/files/expired/")
    return value
