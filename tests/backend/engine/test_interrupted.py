"""Downloads with real threads, broken off at any moment: what is on the disk is always a beginning."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from backend.clock import SystemClock
from backend.engine import fetch, receive
from backend.engine.part import PartFile
from backend.models import RemoteFile
from backend.request_log import About
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.backend.engine.loopback import Heard, loopback
from tests.backend.engine.toys import account, film

FILM = film(3_000_000)


async def serve(heard: Heard, writer: asyncio.StreamWriter) -> None:
    start = int(heard.headers.get("range", "bytes=0-")[6:-1])
    head = [
        f"HTTP/1.1 {206 if start else 200} OK",
        'ETag: "v1"',
        f"Content-Length: {len(FILM) - start}",
    ]
    if start:
        head.append(f"Content-Range: bytes {start}-{len(FILM) - 1}/{len(FILM)}")
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    for at in range(start, len(FILM), 50_000):
        writer.write(FILM[at : at + 50_000])
        await writer.drain()
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("seed", range(3))
async def test_a_cancelled_download_leaves_a_clean_beginning(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "_SPACE", 100_000)
    random, clock = Random(seed), SystemClock()

    async def nothing(done: int) -> None:
        return

    async with loopback() as server:
        server.script(serve)
        transport = Transport(clock, TokenCache(tmp_path / "tokens", clock))
        await transport.clients()
        connection = transport.connect(account(base_url=server.url))
        for _ in range(200):
            part = PartFile(tmp_path, "x", 0)
            part.open()
            remote = RemoteFile(url=f"{server.url}/a.mp4")
            job = asyncio.ensure_future(
                fetch.fetch(connection, remote, server.url, part, clock, nothing, About())
            )
            await asyncio.wait({job}, timeout=0.01 + random.random() * 0.05)
            job.cancel()
            (outcome,) = await asyncio.gather(job, return_exceptions=True)
            part.close()
            written = part.path.read_bytes()
            assert FILM.startswith(written)
            if outcome is None:
                break
        assert len(written) == len(FILM)
        assert len(server.heard) > 1
        await transport.close()
