"""The dashboard in a browser: textual-serve with a lock before it. Needs the extra ``reeltop[serve]``.

Whoever reaches the page can spend the user's money, so every request must carry a token: once in the address
that is printed, from then on in a cookie. Other programs and other people on the machine have neither; pages
of other sites are kept out by the cookie's SameSite and by the checks of Host and Origin.
"""

from __future__ import annotations

import hmac
import secrets
import shlex
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from backend.language import _

_HOST = "127.0.0.1"
_TOKEN_BYTES = 24
_HEADERS = {
    # The page names a font at Google's: nobody but this server is asked for anything.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer(Server):
    """Serves one program to whoever has the token; each visitor gets a process of their own."""

    def __init__(self, command: Sequence[str], port: int, public_url: str | None = None) -> None:
        """`public_url`: what a proxy in front of it, or the near end of a tunnel, is reached by."""
        super().__init__(shlex.join(command), _HOST, port, title="reeltop", public_url=public_url)
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """Where to go to, with the token."""
        return f"{self.public_url}/?token={self._token}"

    async def start(self) -> None:
        """Listen on loopback. Raises OSError."""
        app = await self._make_app()
        app.middlewares.append(self._lock)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        if not self.port:
            self.port = self._runner.addresses[0][1]
            if urlsplit(self.public_url).port == 0:
                self.public_url = f"http://{self.host}:{self.port}"

    async def stop(self) -> None:
        """End the visits and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command line does."""

    @web.middleware
    async def _lock(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        own = urlsplit(self.public_url)
        if request.host != own.netloc:
            raise web.HTTPMisdirectedRequest(text=_("This is not the address that reeltop serves."))
        origin = request.headers.get("Origin")
        if origin is not None and origin != self.public_url:
            raise web.HTTPForbidden(text=_("Another site's page may not use reeltop."))
        if self._is_token(request.query.get("token", "")):
            answer: web.StreamResponse = web.HTTPSeeOther("/")
            answer.set_cookie(
                self._cookie, self._token, httponly=True, samesite="Strict", secure=own.scheme == "https"
            )
        elif self._is_token(request.cookies.get(self._cookie, "")):
            answer = await handler(request)
        else:
            answer = web.Response(status=401, text=_("Open the whole address that `reeltop serve` printed."))
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    @property
    def _cookie(self) -> str:
        """A name of its own: a browser sends a host's cookies to all its ports."""
        return f"reeltop-{self.port}"

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors="replace"), self._token.encode())
