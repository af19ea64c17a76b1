"""A sandbox from its user's side: started or found, and its accounts."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.accounts import Account
from backend.errors import ProviderError, ReeltopError
from backend.language import N_, recorded
from backend.models import Failure, FailureKind
from backend.paths import Paths
from backend.providers import registry
from backend.secrets import SecretRef

if TYPE_CHECKING:
    from backend.sandbox.host import SandboxHost
    from backend.transport import Transport

_WATCH_SECONDS = 2.0
"""How long the sandbox may be gone after the process that ran it has died."""
_POLL_FIRST = 1.0
_POLL_MAX = 3.0
_SPACING = 0.02


async def start_sandbox(paths: Paths, resources: AsyncExitStack, *, speed: float, seed: int) -> str:
    """Return the base URL of the sandbox that all reeltops here share, run by this process if by no other.

    `resources` end it. Raises ReeltopError if it can neither be run nor reached.
    """
    from backend.sandbox.host import SandboxHost

    host = SandboxHost(paths.data / "server", speed=speed, seed=seed)
    resources.push_async_callback(host.close)
    base_url = await host.ensure()
    keeper = asyncio.create_task(_keep(host), name="sandbox")
    resources.push_async_callback(_end, keeper)
    return base_url


async def sandbox_accounts(transport: Transport, base_url: str) -> tuple[Account, ...]:
    """Return the ready accounts of the sandbox at `base_url`. Raises ProviderError."""
    answer = await transport.get(f"{base_url.rstrip('/')}/accounts")
    if isinstance(answer, Failure):
        raise ProviderError(replace(answer, words=f"{base_url}: {answer.words}"))
    try:
        listed = answer.json()["accounts"]
        return tuple(_account(entry) for entry in listed)
    except (TypeError, LookupError, AttributeError):
        raise ProviderError(_no_sandbox(base_url)) from None


def _account(entry: dict[str, str | dict[str, str]]) -> Account:
    provider = registry.provider(str(entry["provider"]))
    credentials = entry["credentials"]
    assert isinstance(credentials, dict)  # noqa: S101  else a TypeError of the caller's
    return Account(
        name=str(entry["name"]),
        provider=provider,
        base_url=str(entry["base_url"]),
        credentials={key: SecretRef("literal", value) for key, value in credentials.items()},
        # Its jobs take seconds where real ones take minutes.
        limits=replace(provider.limits, poll_first=_POLL_FIRST, poll_max=_POLL_MAX, min_spacing=_SPACING),
        sandbox=True,
    )


async def _keep(host: SandboxHost) -> None:
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        # Whoever cannot reach it now says so at the task; the next round may take it over.
        with suppress(ReeltopError):
            await host.ensure()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _no_sandbox(base_url: str) -> Failure:
    return Failure(
        kind=FailureKind.PROTOCOL,
        words=recorded("no sandbox answers at {address}").format(address=base_url),
        meaning=N_("What answers at this address is not a reeltop sandbox."),
        next_step=N_("Start one with: reeltop sandbox --port 8765"),
    )
