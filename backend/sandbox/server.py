"""The sandbox's HTTP server: runs in the loop that starts it, on loopback, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from backend.clock import Clock, SystemClock
from backend.providers import registry
from backend.providers.contract import JsonObject
from backend.sandbox.app import LoggedRequest, SandboxApp
from backend.sandbox.books import Books
from backend.sandbox.chanjing import Chanjing
from backend.sandbox.face import Face, Studio
from backend.sandbox.faults import HEADER, NAMES, Faults
from backend.sandbox.jobs import MARK_FAIL, MARK_OK, MARK_SLOW, Simulator
from backend.sandbox.kling import Kling
from backend.sandbox.kling_relay import KlingRelay
from backend.sandbox.openai_video import OpenAIVideo

HOST = "127.0.0.1"
_FACES: tuple[type[Face], ...] = (Kling, KlingRelay, OpenAIVideo, Chanjing)
_GENEROUS = 100
"""Slots of the providers whose limit nobody knows."""
_KEEP_ALIVE_SECONDS = 75
_LARGEST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """An account to use the sandbox with."""

    name: str
    provider: str
    base_url: str
    """What the provider's documented paths hang below."""
    credentials: Mapping[str, str]
    """By the provider's credential keys; more than one alternative set for Kling."""


class SandboxServer:
    """The sandbox as an async context manager; or call :meth:`start` and :meth:`stop`."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        seed: int = 0,
        books: Path | None = None,
        concurrency: int = 5,
        clock: Clock | None = None,
        instance: str = "",
    ) -> None:
        """`books` is the file that jobs are kept in; `concurrency` the slots of official Kling.

        `instance` is told at the root, so that a sandbox can be recognised.
        """
        self.books = Books(books)
        self.faults = Faults()
        self._simulator = Simulator(self.books, clock or SystemClock(), seed=seed, speed=speed)
        studio = Studio(self._simulator, lambda: self.base_url, seed)
        self._faces = [
            face(studio, concurrency if face is Kling else max(_GENEROUS, concurrency)) for face in _FACES
        ]
        self._app = SandboxApp(self._faces, self.faults, self._about)
        self._settings = {"instance": instance, "speed": speed, "seed": seed}
        self._server: _Server | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        if self._server is None:
            await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> str:
        """Serve on `port` of 127.0.0.1 (0: any free one) and return the base URL.

        Raises OSError if the port is taken or the books cannot be read.
        """
        if self._server is not None:
            return self.base_url
        listener = _listen(port)
        try:
            await asyncio.to_thread(self._load)
            server = _Server(self._app)
            await server.startup(sockets=[listener])
        except BaseException:
            listener.close()
            self.books.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = server
        return self.base_url

    async def stop(self) -> None:
        """Stop at once: requests in flight lose their connection, as when a machine goes down."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await server.shutdown()
        self.books.close()

    @property
    def base_url(self) -> str:
        """Where the sandbox is, without a slash at the end; known once it was started."""
        return f"http://{HOST}:{self._port}"

    @property
    def port(self) -> int:
        """Of :attr:`base_url`."""
        return self._port

    @property
    def accounts(self) -> Sequence[SandboxAccount]:
        """One account for each provider."""
        return [
            SandboxAccount(face.name, face.name, f"{self.base_url}{face.prefix}", dict(face.credentials))
            for face in self._faces
        ]

    def account(self, name: str) -> SandboxAccount:
        """Return one account. Raises KeyError."""
        return {account.name: account for account in self.accounts}[name]

    def order_fault(self, text: str) -> None:
        """Let requests meet the trouble ``NAME[;key=value…][@account]``. Raises ValueError."""
        self.faults.order(text, {face.name: face.coded for face in self._faces})

    @property
    def log(self) -> Sequence[LoggedRequest]:
        """The last requests, oldest first."""
        return tuple(self._app.log)

    @property
    def crashes(self) -> Sequence[str]:
        """Tracebacks of the sandbox's own mistakes; empty unless it has one."""
        return tuple(self._app.crashes)

    @property
    def now(self) -> float:
        """The Unix time by the sandbox's clock."""
        return self._simulator.now

    def _load(self) -> None:
        self.books.load()
        for face in self._faces:
            registry.provider(face.name)  # imports it here and not in the first request

    def _about(self) -> JsonObject:
        return {
            "sandbox": "reeltop",
            "what": "A sandbox of video generation APIs. Nothing here costs money or makes films.",
            **self._settings,
            "accounts": [asdict(account) for account in self.accounts],
            "prompts": {MARK_OK: "succeeds", MARK_FAIL: "fails", MARK_SLOW: "takes ten times as long"},
            "faults": {"header": HEADER, "control": "POST /faults", "names": list(NAMES)},
        }


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off, which costs 40 ms a request otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A port whose last connections are still winding down can be had again at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind((HOST, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


class _Protocol(H11Protocol):
    """HTTP/1.1 whose connections the application can break."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Silent: the terminal belongs to the dashboard.
        self.logger = logging.Logger("reeltop.sandbox", logging.CRITICAL + 1)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Uvicorn without its own loop, signals, log or patience; idle it does nothing at all."""

    def __init__(self, app: SandboxApp) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
        config.load()
        super().__init__(config)
        self.lifespan = config.lifespan_class(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, cut all connections, end all requests."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # Aborted transports close their sockets in the loop's next turn.
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()
