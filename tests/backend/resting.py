"""A service at a sandbox, for tests in which nothing is to be sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backend.opening import Options, open_service
from backend.paths import Paths
from backend.sandbox.server import SandboxServer
from backend.service import Service


@asynccontextmanager
async def resting_service(folder: Path) -> AsyncIterator[Service]:
    """Open a service whose files are in `folder`, and that leaves all work to others."""
    paths = Paths(config=folder / "c.toml", data=folder / "data", downloads=folder / "downloads")
    async with (
        SandboxServer(speed=20) as server,
        await open_service(Options(paths=paths, sandbox_url=server.base_url, work=False)) as service,
    ):
        yield service
