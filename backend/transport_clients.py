"""The HTTP clients underneath: their pools, timeouts and proxies. httpx is imported at first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from backend import __version__

if TYPE_CHECKING:
    import httpx

_CONNECTIONS = 100
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Hosts that no proxy of the environment stands between."""
_KEPT_ALIVE = 10
"""Idle connections kept: httpx looks through all of them at each request (PERF 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long is waited, in seconds of real time."""

    connect: float = 10.0
    """For a connection, TLS included."""
    read: float = 30.0
    """Between two pieces of an answer or of a file."""
    whole: float = 60.0
    """For a request and its whole answer; files have no such end."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Two pools over one TLS context: idle connections are used again only where a drop does no harm."""

    kept: httpx.AsyncClient
    fresh: httpx.AsyncClient


def open_clients(timeouts: Timeouts, network: httpx.AsyncBaseTransport | None) -> Clients:
    """Make the clients. Takes longer than a frame: call it in a thread."""
    import httpx

    tls = httpx.create_ssl_context() if network is None else True

    def client(idle: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=network,
            verify=tls,
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=idle),
            headers={"User-Agent": f"reeltop/{__version__}", "Accept-Encoding": "gzip"},
            mounts={f"all://{host}": network for host in _LOOPBACK},
            # Cookies would tie accounts of one host together.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )

    return Clients(client(_KEPT_ALIVE), client(0))


class Watch:
    """Sees whether a request has begun to leave, by the HTTP library's own trace."""

    def __init__(self, *, sees: bool) -> None:
        # Where the network below does not report, nothing is proven.
        self._begun = not sees

    async def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of an event of the library's."""
        self._begun = self._begun or event.endswith("send_request_headers.started")

    @property
    def may_have_sent(self) -> bool:
        """Whether a byte of the request may have left."""
        return self._begun
