"""Puts a service together: configuration or sandbox, ledger, network, engine."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from backend.clock import Clock, SystemClock
from backend.config import load_config
from backend.errors import ProviderError, UsageError
from backend.feed import Changes, Feed
from backend.history import History
from backend.language import _
from backend.models import Status
from backend.options import Options, places
from backend.paths import Paths, make_private_folder

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.service import Service
    from backend.transport import Transport


__all__ = ["Options", "open_service"]

_UNSENT = frozenset({Status.WAITING, Status.SUBMITTING, Status.UNCONFIRMED})
"""What may still be sent, or sent again, and needs its pictures for it."""


async def open_service(options: Options, *, clock: Clock | None = None) -> Service:
    """Return a service, ready to be entered; with no configured account it is the sandbox's.

    Raises ConfigError, StoreError, and ProviderError for a sandbox that does not answer.
    """
    from backend.engine.engine import Engine
    from backend.ledger.tinydb_store import open_store
    from backend.pauses import Pauses
    from backend.pictures import PictureStore, references
    from backend.read_only import ReadOnlyService
    from backend.request_file import RequestFile
    from backend.request_log import RequestLog
    from backend.requests import Requests
    from backend.service import Service
    from backend.tokens import TokenCache
    from backend.transport import Transport

    clock = clock or SystemClock()
    config = load_config(options.paths.config, must_exist=options.paths.config_given)
    read_only = options.read_only or config.read_only
    works = options.work and not read_only
    is_sandbox = options.sandbox or options.sandbox_url is not None or not config.accounts
    paths = places(options, config.downloads, is_sandbox=is_sandbox)
    _make_folder(options.paths.data)
    async with AsyncExitStack() as resources:
        feed = Feed()
        requests_file = RequestFile(paths.requests)
        resources.push_async_callback(requests_file.close)
        log = RequestLog(requests_file, lambda: feed.publish(Changes(requests=True)))
        transport = Transport(clock, TokenCache(paths.tokens, clock), log=log)
        resources.push_async_callback(transport.close)
        listed = await _sandbox(options, paths, transport, resources) if is_sandbox else config.accounts
        _make_folder(paths.data)
        accounts = {account.name: account for account in listed}
        connections = {name: transport.connect(account) for name, account in accounts.items()}
        store = await open_store(paths.ledger, clock=clock, lead=works)
        resources.push_async_callback(store.close)
        pictures = PictureStore(paths.pictures)
        unsent = [task.request for task in store.tasks.values() if task.status in _UNSENT]
        if not read_only:
            await asyncio.to_thread(pictures.prune, list(references(unsent)))
        history = History()
        engine = Engine(
            store,
            {name: each for name, each in connections.items() if not each.account.disabled},
            clock,
            paths.downloads,
            pictures=pictures,
            rules=config.download_rules,
            on_progress=lambda task_id: feed.publish(Changes(tasks=frozenset({task_id}))),
            typical=history.typical_seconds,
            pauses=Pauses(paths.paused),
            disabled=[name for name, account in accounts.items() if account.disabled],
            on_health=lambda _: feed.publish(Changes(accounts=True)),
        )
        kind = ReadOnlyService if read_only else Service
        return kind(
            accounts=accounts,
            connections=connections,
            store=store,
            engine=engine,
            feed=feed,
            paths=paths,
            clock=clock,
            resources=resources.pop_all(),
            is_sandbox=is_sandbox,
            is_configured=bool(config.accounts),
            works=works,
            archive_after=config.archive_after,
            history=history,
            notify=config.notify,
            views=config.views,
            own_commands=config.own_commands,
            requests=Requests(log, paths.requests),
        )


async def _sandbox(
    options: Options, paths: Paths, transport: Transport, resources: AsyncExitStack
) -> tuple[Account, ...]:
    from backend.sandbox_client import sandbox_accounts, start_sandbox

    if options.sandbox_url is None:
        speed, seed = options.sandbox_speed, options.sandbox_seed
        base_url = await start_sandbox(paths, resources, speed=speed, seed=seed)
    else:
        base_url = options.sandbox_url
    try:
        return await sandbox_accounts(transport, base_url)
    except ProviderError:
        if options.work or not paths.ledger.exists():
            raise
        return ()  # what is recorded can be read without it


def _make_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as error:
        raise UsageError(
            _("{folder}: cannot be used as a folder for data: {reason}").format(
                folder=folder, reason=error.strerror
            )
        ) from None
