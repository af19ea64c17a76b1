"""A running sandbox, and what a plain client needs to talk to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.sandbox.server import SandboxServer

SPEED = 200.0
"""Jobs take 0.03 to 0.07 seconds."""

Json = dict[str, Any]


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Client:
    """Speaks to one sandbox with its fake keys."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.http = httpx.AsyncClient(timeout=10, verify=False, trust_env=False)  # no TLS, no proxy here
        self._chanjing: str | None = None

    async def call(
        self,
        account: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        fault: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send a signed request to a documented path."""
        base_url = self.server.account(account).base_url
        signed = {**await self.signature(account), **(headers or {})}
        if fault:
            signed["X-Sandbox-Fault"] = fault
        if body is not None:
            options["json"] = body
        return await self.http.request(method, base_url + path, headers=signed, **options)

    async def signature(self, account: str) -> dict[str, str]:
        """Return the headers that carry the credential."""
        credentials = self.server.account(account).credentials
        if account != "chanjing":
            return {"Authorization": f"Bearer {credentials['api_key']}"}
        if self._chanjing is None:
            self._chanjing = await self.chanjing_token()
        return {"access_token": self._chanjing}

    async def chanjing_token(self) -> str:
        """Fetch a token, which kills the one before."""
        account = self.server.account("chanjing")
        answer = await self.http.post(
            account.base_url + "/open/v1/access_token", json=dict(account.credentials)
        )
        return str(answer.json()["data"]["access_token"])


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> Any:
    """Return the first true outcome of `look`."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.01)
    return found


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    """A sandbox in memory whose jobs are done at once."""
    async with SandboxServer(speed=SPEED) as server:
        yield server
        assert list(server.crashes) == []


@pytest.fixture
async def client(sandbox: SandboxServer) -> AsyncIterator[Client]:
    """A client of `sandbox`."""
    client = Client(sandbox)
    yield client
    await client.http.aclose()


@pytest.fixture
def hand_clock() -> HandClock:
    """The clock of `still`."""
    return HandClock()


@pytest.fixture
async def still(hand_clock: HandClock) -> AsyncIterator[Client]:
    """A client of a sandbox in which time passes only by hand."""
    async with SandboxServer(clock=hand_clock) as server:
        client = Client(server)
        yield client
        await client.http.aclose()
        assert list(server.crashes) == []
