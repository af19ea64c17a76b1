"""Processes that share one Chanjing token, where a new one ends the one before."""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.models import Failure
from backend.providers.envelopes import open_envelope
from backend.sandbox.server import SandboxServer
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.backend.engine.test_sandbox import Away, accounts, quick, server
from tests.backend.sandbox.conftest import Client

__all__ = ["quick", "server"]


def _ask_when_told(away: Away, folder: str, pipe: Pipe) -> None:
    """For each number that comes, ask so many questions at once and answer with what was said to them."""
    (account,) = (each for each in accounts(away) if each.name == "chanjing")
    clock = SystemClock()

    async def ask(transport: Transport, count: int) -> list[str | None]:
        connection = transport.connect(account)
        answers = await asyncio.gather(*(connection.send(account.provider.check()) for _ in range(count)))
        return [each.code if isinstance(each, Failure) else open_envelope(each).code for each in answers]

    async def work() -> None:
        transport = Transport(clock, TokenCache(Path(folder), clock))
        while count := await asyncio.to_thread(pipe.recv):
            pipe.send(await ask(transport, count))
        await transport.close()

    asyncio.run(work())


class Crew:
    """Processes that ask when they are told to."""

    def __init__(self, server: SandboxServer, folder: Path, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        pairs = [context.Pipe() for _ in range(size)]
        away = Away(list(server.accounts))
        self.pipes = [mine for mine, _ in pairs]
        self.processes = [
            context.Process(target=_ask_when_told, args=(away, str(folder), theirs)) for _, theirs in pairs
        ]
        for process in self.processes:
            process.start()

    async def ask(self, count: int) -> list[str | None]:
        for pipe in self.pipes:
            pipe.send(count)
        told = await asyncio.gather(*(asyncio.to_thread(pipe.recv) for pipe in self.pipes))
        return [code for codes in told for code in codes]

    async def end(self) -> None:
        for pipe in self.pipes:
            pipe.send(0)
        for process in self.processes:
            await asyncio.to_thread(process.join, 10)
            assert process.exitcode == 0


def calls(server: SandboxServer, part: str, since: int) -> int:
    return sum(part in entry.path for entry in list(server.log)[since:])


@pytest.mark.parametrize("code", ["10400", "10401"])
async def test_one_token_for_all_and_one_renewal(server: SandboxServer, tmp_path: Path, code: str) -> None:
    crew = Crew(server, tmp_path / "tokens", 2)
    assert await crew.ask(3) == ["0"] * 6
    assert calls(server, "access_token", 0) == 1
    assert calls(server, "task/page", 0) == 6

    if code == "10400":
        stranger = Client(server)
        await stranger.chanjing_token()  # somebody else's program, which ends everybody's token
        await stranger.http.aclose()
    else:
        server.faults.set("chanjing", "error;code=10401", match="task/page")
    before = len(server.log)
    asked = 1
    assert await crew.ask(asked) == ["0"] * 2
    assert calls(server, "access_token", before) == 1, "renewed once, by one of the two"
    replays = calls(server, "task/page", before) - 2 * asked
    assert 1 <= replays <= 2, "each request at most once more"

    before = len(server.log)
    assert await crew.ask(3) == ["0"] * 6
    assert calls(server, "access_token", before) == 0
    # Whoever has heard nothing of the new token yet learns it from the file, not from Chanjing.
    assert 6 <= calls(server, "task/page", before) <= 9
    await crew.end()


async def test_a_token_that_is_refused_again_is_not_replayed_twice(
    server: SandboxServer, tmp_path: Path
) -> None:
    crew = Crew(server, tmp_path / "tokens", 1)
    assert await crew.ask(1) == ["0"]
    server.faults.set("chanjing", "error;code=10400", match="task/page", times=None)
    before = len(server.log)
    assert await crew.ask(1) == ["10400"]
    assert calls(server, "access_token", before) == 1
    assert calls(server, "task/page", before) == 2
    await crew.end()
