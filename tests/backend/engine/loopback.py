"""A server on loopback that does what no decent server does."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    port: int


Reply = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]


def plain(body: Any, status: int = 200, **headers: str) -> Reply:
    """Answer properly."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        await writer.drain()

    return reply


def raw(data: bytes, wait: float = 0.0) -> Reply:
    """Write bytes, wait, hang up."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(wait)
        writer.close()

    return reply


def dripping(head: bytes, piece: bytes, pause: float) -> Reply:
    """Write a piece now and then, for ever."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return reply


@dataclass
class Loopback:
    """Answers from a list of replies; the last one for ever."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    replies: deque[Reply] = field(default_factory=lambda: deque([plain({"fine": True})]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, *replies: Reply) -> None:
        self.replies = deque(replies)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                heard = await _read(reader, self.port)
                self.heard.append(heard)
                reply = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
                await reply(heard, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader, port: int) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    return Heard(method, target, headers, body, port)


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    """Serve on a free port."""
    made = Loopback()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
