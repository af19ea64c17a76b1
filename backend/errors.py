"""Errors that reeltop raises on purpose.

ReeltopError
├── UsageError            wrong command, unknown name, unreadable file        exit 2
│   ├── RequestError      a request that breaks its operation's rules         exit 2
│   └── ConfigError       config.toml: file, line, key                        exit 2
├── AccountError          missing or unusable credential, disabled account    exit 3
├── ProviderError         a provider answered with a Failure, or not at all   exit 3 or 4
└── StoreError            the ledger cannot be opened, read or written        exit 1
    └── TransitionError   a status change that the state machine forbids

Whatever a server answers never raises: codecs return a :class:`~backend.models.Failure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.models import Failure


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong, or doubtful, with a request."""

    field: str
    """Dotted path of the request model's field; empty for the request as a whole."""
    message: str
    source: str = ""
    """Which page or fact the rule comes from."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ReeltopError(Exception):
    """Base of all; its text is one clear line for the user."""


class UsageError(ReeltopError):
    """The user asked for something that does not exist or cannot be read."""


class RequestError(UsageError):
    """A request breaks its operation's rules; nothing was sent."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(map(str, issues)))


class ConfigError(UsageError):
    """The configuration cannot be used."""

    def __init__(self, text: str, *, key: tuple[str, ...] = (), words: str = "") -> None:
        """`words` say what is wrong with `key`; empty where it is no single key."""
        self.key, self.words = key, words
        super().__init__(text)


class AccountError(ReeltopError):
    """An account has no usable credential."""


class ProviderError(ReeltopError):
    """A provider said no, or nothing; :attr:`failure` says what."""

    def __init__(self, failure: Failure) -> None:
        from backend.failure_words import told

        self.failure = failure
        said = told(failure)
        super().__init__(said.words or said.meaning)


class StoreError(ReeltopError):
    """The ledger cannot be opened, read or written."""


class TransitionError(StoreError):
    """A status change that the state machine forbids."""
