"""The way through a proxy that the environment names: httpx's own client, which knows all about that."""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Hosts that no proxy of the environment stands between."""


class ProxiedTransport(httpx.AsyncBaseTransport):
    """Sends each request once, by the environment's ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and
    ``NO_PROXY``; `most` connections are open at a time, `idle` of them kept."""

    def __init__(self, tls: ssl.SSLContext, *, most: int, idle: int) -> None:
        self._client = httpx.AsyncClient(
            verify=tls,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=idle),
            mounts={f"all://{host}": None for host in _LOOPBACK},
            # Cookies would tie accounts of one host together.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to be read. Raises httpx's errors."""
        return await self._client.send(request, stream=True, auth=None)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
