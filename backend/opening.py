"""Puts a service together: configuration or sandbox, ledger, network, engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.accounts import Account
from backend.clock import Clock, SystemClock
from backend.config import load_config
from backend.errors import ConfigError, ProviderError, UsageError
from backend.models import Failure
from backend.paths import Paths, make_private_folder
from backend.secrets import SecretRef
from backend.service import Service

if TYPE_CHECKING:
    from backend.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a front end asks for."""

    paths: Paths
    sandbox: bool = False
    """Use the sandbox in this process even if accounts are configured."""
    sandbox_url: str | None = None
    """Use a sandbox that is already running."""
    work: bool = True
    """Submit, poll and download if nobody else does; otherwise only read."""
    sandbox_speed: float = 1.0
    sandbox_seed: int = 0


async def open_service(options: Options, *, clock: Clock | None = None) -> Service:
    """Return a service that is ready to be entered.

    With no configured account it is the sandbox's. Raises ConfigError, StoreError, ProviderError.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as resources:
        service = await _open(options, clock, resources)
        service.own(resources.pop_all())
        return service
    raise AssertionError  # the stack swallows nothing


async def _open(options: Options, clock: Clock, resources: AsyncExitStack) -> Service:
    from backend.engine.engine import Engine
    from backend.ledger.tinydb_store import open_store
    from backend.tokens import TokenCache
    from backend.transport import Transport

    config = load_config(options.paths.config)
    is_sandbox = options.sandbox or options.sandbox_url is not None or not config.accounts
    paths = _paths(options, config.downloads, is_sandbox=is_sandbox)
    make_private_folder(paths.data)
    transport = Transport(clock=clock, tokens=TokenCache(paths.tokens, clock=clock))
    resources.push_async_callback(transport.close)
    listed = (
        await _sandbox_accounts(options, paths, transport, resources) if is_sandbox else config.accounts
    )
    accounts = {account.name: account for account in listed}
    connections = {name: transport.connect(account) for name, account in accounts.items()}
    store = await open_store(paths.ledger, clock=clock, lead=options.work)
    resources.push_async_callback(store.close)
    engine = Engine(store=store, connections=connections, clock=clock, downloads=paths.downloads)
    return Service(
        accounts=accounts,
        connections=connections,
        store=store,
        engine=engine if options.work else None,
        paths=paths,
        clock=clock,
        is_sandbox=is_sandbox,
    )
