"""One sandbox for all reeltops that share a folder: the first to come runs it, the others use it.

The folder holds ``lock`` (an OS lock that dies with its holder), ``sandbox.json`` (where the sandbox is) and
``jobs.jsonl`` (its books). The port is kept, so that addresses frozen with tasks stay valid.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.errors import ReeltopError
from backend.files import replace_file
from backend.paths import PRIVATE_FILE, make_private_folder
from backend.sandbox.server import HOST, SandboxServer

_PATIENCE_SECONDS = 5.0
"""How long another process may take to start or to stop."""
_RETRY_SECONDS = 0.05
_PROBE_SECONDS = 1.0
_LARGEST_PAGE = 64 * 1024


class SandboxError(ReeltopError):
    """The sandbox can neither be run nor reached."""


class SandboxHost:
    """Runs the sandbox of a folder, or finds the process that does."""

    def __init__(self, directory: Path, *, speed: float = 1.0, seed: int = 0) -> None:
        """`speed` and `seed` count only if this process is the one that runs it."""
        self._directory = directory
        self._speed = speed
        self._seed = seed
        self._server: SandboxServer | None = None
        self._lock: int | None = None
        self._turn = asyncio.Lock()

    @property
    def server(self) -> SandboxServer | None:
        """The sandbox, if this process runs it."""
        return self._server

    async def ensure(self) -> str:
        """Return the sandbox's base URL; start it here if no other process runs it.

        To be called again at any time: it takes over when the other process has died. Raises SandboxError.
        """
        async with self._turn:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while self._server is None:
                if await asyncio.to_thread(self._try_lock):
                    await self._start()
                    continue
                base_url = await self._other()
                if base_url is not None:
                    return base_url
                if time.monotonic() > deadline:
                    raise SandboxError(
                        f"{self._directory}: another process holds the sandbox but does not answer"
                    )
                await asyncio.sleep(_RETRY_SECONDS)
            return self._server.base_url

    async def close(self) -> None:
        """Stop the sandbox if this process runs it; jobs go on in the books."""
        async with self._turn:
            server, self._server = self._server, None
            if server is not None:
                await server.stop()
            self._unlock()

    def _try_lock(self) -> bool:
        try:
            make_private_folder(self._directory)
            lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise SandboxError(f"{self._directory}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _start(self) -> None:
        """Start the sandbox, on the former port if it is free, and say where it is. Raises SandboxError."""
        known = await asyncio.to_thread(self._read)
        instance = secrets.token_hex(8)
        server = SandboxServer(
            speed=self._speed, seed=self._seed, books=self._directory / "jobs.jsonl", instance=instance
        )
        try:
            try:
                await server.start(known["port"] if known else 0)
            except (OSError, OverflowError):
                await server.start(0)
            told = {
                "port": server.port,
                "base_url": server.base_url,
                "instance": instance,
                "pid": os.getpid(),
            }
            await asyncio.to_thread(replace_file, self._file, json.dumps(told) + "\n")
        except BaseException as error:
            await server.stop()
            self._unlock()
            if isinstance(error, OSError):
                raise SandboxError(f"{self._directory}: {error.strerror}") from None
            raise
        self._server = server

    async def _other(self) -> str | None:
        """Return the base URL of the other process's sandbox, once it really answers there."""
        known = await asyncio.to_thread(self._read)
        if known is None or await _instance_at(known["port"]) != known["instance"]:
            return None
        return f"http://{HOST}:{known['port']}"

    @property
    def _file(self) -> Path:
        return self._directory / "sandbox.json"

    def _read(self) -> dict[str, Any] | None:
        """Return what ``sandbox.json`` says, or None if there is nothing of use."""
        try:
            known = json.loads(self._file.read_bytes())
            return {"port": int(known["port"]), "instance": str(known["instance"])}
        except (OSError, ValueError, TypeError, KeyError):
            return None


async def _instance_at(port: int) -> str | None:
    """Ask a port of this machine which sandbox it is; None if it is none."""
    with suppress(OSError, ValueError, OverflowError, TimeoutError, AttributeError):
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port, limit=_LARGEST_PAGE)
            try:
                writer.write(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read(-1)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
        page = json.loads(answer.partition(b"\r\n\r\n")[2])
        return str(page.get("instance")) if page.get("sandbox") == "reeltop" else None
    return None
