"""A look at what is recorded, without a service: no engine, no network, nothing written, nothing locked.

For commands that only print. What it sees is what was on disk at that moment. It checks nothing of the
configuration but that it can be read: what is recorded can be seen whatever an account's entry says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.config_lines import no_such_config
from backend.errors import ConfigError
from backend.language import _
from backend.ledger.content import read_content
from backend.options import Options, places

if TYPE_CHECKING:
    from backend.models import Task

_FILE_NAME = "tasks.jsonl"


@dataclass(frozen=True, slots=True)
class Glance:
    """What was there."""

    records: Mapping[int, bytes]
    """The tasks as they are kept, by number, oldest first; see :mod:`backend.records`."""
    accounts: Mapping[str, str]
    """Providers by the names of the configured accounts; a sandbox's are not known without asking it."""
    is_sandbox: bool

    def tasks(self) -> list[Task]:
        """Return the tasks, oldest first. Raises ValueError for a record that cannot be read."""
        from backend.records import decode

        return [decode(record) for record in self.records.values()]


def look(options: Options) -> Glance | None:
    """Return what is recorded; None if the ledger must be repaired first, which a service does.

    Raises ConfigError, StoreError for a ledger of a newer reeltop, OSError.
    """
    config = _configured(options.paths.config, must_exist=options.paths.config_given)
    accounts = config.get("accounts")
    accounts = accounts if isinstance(accounts, dict) else {}
    is_sandbox = options.sandbox or options.sandbox_url is not None or not accounts
    ledger = places(options, None, is_sandbox=is_sandbox).ledger
    try:
        content, _ = read_content((ledger / _FILE_NAME).read_bytes())
    except FileNotFoundError:
        documents: dict[str, bytes] = {}
    else:
        if content.damage:
            return None
        documents = content.documents.get("tasks", {})
    return Glance(
        records={int(number): documents[number] for number in sorted(documents, key=int)},
        accounts={} if is_sandbox else {name: _provider(table) for name, table in accounts.items()},
        is_sandbox=is_sandbox,
    )


def _configured(path: Path, *, must_exist: bool) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(no_such_config(path)) from None
        return {}
    except UnicodeDecodeError:
        raise ConfigError(_("{path}: is not UTF-8 text").format(path=path)) from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None


def _provider(table: Any) -> str:
    return str(table.get("provider", "")) if isinstance(table, dict) else ""
