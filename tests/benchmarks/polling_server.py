"""A gateway on loopback, in a process of its own. Any film is under way, and further at each question."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import ClassVar

_ANSWER = {
    "object": "video",
    "model": "kling-2.6",
    "status": "in_progress",
    "created_at": 1_777_637_000,
    "seconds": "5",
    "size": "1280x720",
    "prompt": "a cat on a train, " * 30,
}
_REST = json.dumps(_ANSWER)[1:].encode()
"""Written down once: what this process takes of the machine is missing to the one that is measured."""
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: nginx\r\n"
    b"Date: Sat, 21 Nov 2026 07:00:00 GMT\r\nX-Request-Id: 0123456789abcdef\r\nContent-Length: %d\r\n\r\n"
)


class _Gateway(asyncio.Protocol):
    asked: ClassVar[Counter[bytes]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, self._heard = self._heard.partition(b"\r\n\r\n")
            film = head.split(b" ", 2)[1].rpartition(b"/")[2]
            self.asked[film] += 1
            body = b'{"id":"%b","progress":%d,%b' % (film, self.asked[film] % 99, _REST)
            self._transport.write(_HEAD % len(body) + body)


def _serve(pipe: Connection) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Gateway, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])

        def tell() -> None:
            pipe.recv()
            pipe.send((sum(_Gateway.asked.values()), len(_Gateway.asked)))

        loop.add_reader(pipe.fileno(), tell)
        await server.serve_forever()

    asyncio.run(work())


class Gateway:
    """The gateway as a context manager."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self.url = ""

    def __enter__(self) -> Gateway:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        self.url = f"http://127.0.0.1:{self._pipe.recv()}"
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def asked(self) -> tuple[int, int]:
        """Return how many questions came, and about how many films."""
        self._pipe.send(None)
        asked, films = self._pipe.recv()
        return asked, films
