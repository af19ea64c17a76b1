"""The HTTP clients underneath: their pools, timeouts and proxies. httpx is imported at first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from backend import __version__

if TYPE_CHECKING:
    import httpx

_CONNECTIONS = 100
_KEPT_ALIVE = 10
"""Idle connections kept."""
_ADDRESSES = 4096
"""Addresses that are kept as taken apart."""
_HEADERS_KEPT = 256
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "Connection": "keep-alive",
    "User-Agent": f"reeltop/{__version__}",
}


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

    kept: Client
    fresh: Client


class Client:
    """Requests through an httpx transport and nothing more: no cookie, no redirect, no second try."""

    def __init__(self, network: httpx.AsyncBaseTransport, timeouts: Timeouts) -> None:
        import httpx

        self._network = network
        # A question about a task goes to the same address again and again.
        self.address = lru_cache(maxsize=_ADDRESSES)(httpx.URL)
        """Takes an address apart. Raises httpx.InvalidURL."""
        # … and with the same headers as any other of its account.
        self._headers = lru_cache(maxsize=_HEADERS_KEPT)(_headers)
        self._request = httpx.Request
        self._no_body = httpx.ByteStream(b"")
        self._timeouts = httpx.Timeout(timeouts.read, connect=timeouts.connect).as_dict()

    async def open(
        self,
        method: str,
        url: str | httpx.URL,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        watch: Watch | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer, to be read and closed. Raises httpx's errors.

        `watch` is told of the moment before the first byte leaves.
        """
        extensions: dict[str, Any] = {"timeout": self._timeouts}
        if watch is not None:
            extensions["trace"] = watch.see
        address = self.address(url) if isinstance(url, str) else url
        complete = self._headers(address.netloc, tuple((headers or {}).items()))
        # With a stream httpx adds no header by itself, and a GET without a body needs none.
        body: dict[str, Any] = (
            {"stream": self._no_body} if method == "GET" and not content else {"content": content}
        )
        request = self._request(method, address, headers=complete, extensions=extensions, **body)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._network.aclose()


def _headers(netloc: bytes, headers: tuple[tuple[str, str], ...]) -> httpx.Headers:
    """Return all headers that a request to `netloc` has, but for those about its body."""
    import httpx

    return httpx.Headers({"Host": netloc.decode("ascii"), **_HEADERS, **dict(headers)})


def open_clients(timeouts: Timeouts, network: httpx.AsyncBaseTransport | None) -> Clients:
    """Make the clients, over `network` or, without one, over the lean transport of
    :mod:`.transport_pool`; where the environment names a proxy, over httpx's stock one.

    Takes longer than a frame: call it in a thread.
    """
    if network is not None:
        return Clients(Client(network, timeouts), Client(network, timeouts))
    import httpx

    tls = httpx.create_ssl_context()
    if {"http", "https", "all"} & getproxies().keys():
        from backend.transport_proxied import ProxiedTransport

        return Clients(
            Client(ProxiedTransport(tls, most=_CONNECTIONS, idle=_KEPT_ALIVE), timeouts),
            Client(ProxiedTransport(tls, most=_CONNECTIONS, idle=0), timeouts),
        )
    from backend.transport_pool import PoolTransport

    return Clients(
        Client(PoolTransport(tls, most=_CONNECTIONS, idle=_KEPT_ALIVE), timeouts),
        Client(PoolTransport(tls, most=_CONNECTIONS, idle=0), timeouts),
    )


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
