"""The one door to the network: signing, timeouts, limits, redaction. Nothing here raises for what a server
or the network does; every trouble becomes a Failure that says whether a task may exist because of it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from backend import __version__
from backend.accounts import Account
from backend.clock import Clock
from backend.errors import AccountError
from backend.models import Creation, Failure, FailureKind
from backend.providers.contract import Auth, HttpAnswer, HttpRequest, Token
from backend.secrets import redact
from backend.tokens import TokenCache, token_key

if TYPE_CHECKING:
    import httpx

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of an API answer, decoded, that are read; a longer one is refused."""
MAX_REMEMBERED = 8 * 1024
"""Bytes of an answer that a task keeps."""
_MAX_HOPS = 5
_CONNECTIONS = 100
_KEPT_ALIVE = 10
"""Idle connections kept: httpx looks through all of them at each request (PERF 5)."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_PERFORMED = frozenset({307, 308})
"""Redirects which by definition say that the request was not acted upon here."""
_RETRIED = "It is tried again by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long is waited, in seconds of real time."""

    connect: float = 10.0
    """For a connection, TLS included."""
    read: float = 30.0
    """Between two pieces of an answer or of a file."""
    whole: float = 60.0
    """For a request and its whole answer; files have no such end."""


@dataclass(slots=True)
class Stats:
    """What an account has asked for since the start."""

    requests: int = 0
    errors: int = 0
    """Requests that brought no answer."""


class Transport:
    """Sends requests for all accounts of a process; close it at the end."""

    def __init__(
        self,
        clock: Clock,
        tokens: TokenCache,
        *,
        timeouts: Timeouts | None = None,
        network: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.clock = clock
        self.tokens = tokens
        self.timeouts = timeouts or Timeouts()
        self._network = network
        self._clients: _Clients | None = None
        self._opening = asyncio.Lock()

    def connect(self, account: Account) -> Connection:
        """Return the way to an account; no network is touched."""
        return Connection(self, account)

    async def close(self) -> None:
        """Close every connection."""
        clients, self._clients = self._clients, None
        if clients:
            await clients.kept.aclose()
            await clients.fresh.aclose()

    async def clients(self) -> _Clients:
        """Return the shared clients, made at first use in a thread: that takes longer than a frame."""
        async with self._opening:
            if self._clients is None:
                self._clients = await asyncio.to_thread(_open_clients, self.timeouts, self._network)
            return self._clients


class Connection:
    """The way to one account."""

    def __init__(self, transport: Transport, account: Account) -> None:
        self.account = account
        self.stats = Stats()
        self._transport = transport
        self._signing = asyncio.Lock()
        self._auth: Auth | None = None
        self._credentials: Mapping[str, str] = {}
        self._secrets: set[str] = set()

    async def send(
        self, request: HttpRequest, *, base_url: str | None = None, fresh: bool = False
    ) -> HttpAnswer | Failure:
        """Sign and send `request` below `base_url` (the account's own by default); never raises.

        A `fresh` connection is one that no server can have dropped while it lay idle: for creates, where
        such a drop would leave it open whether the task exists.
        """
        base = base_url or self.account.base_url
        if not request.path.startswith("/") or not self.account.trusts(base):
            return self._count(_untrusted(base))
        auth = await self._open_auth()
        if isinstance(auth, Failure):
            return self._count(auth)
        token = await self._token(auth, base)
        if isinstance(token, Failure):
            return self._count(token)
        answer = await self._exchange(auth.sign(request, token), base, fresh=fresh)
        if isinstance(answer, HttpAnswer) and auth.is_stale(answer):
            # The refusal proves that nothing was done, so one replay is safe even for a create.
            renewed = await self._token(auth, base, stale=token)
            if isinstance(renewed, Failure):
                return self._count(renewed)
            if renewed != token:
                answer = await self._exchange(auth.sign(request, renewed), base, fresh=fresh)
        return self._count(answer)

    @asynccontextmanager
    async def fetch(
        self, url: str, headers: Mapping[str, str], *, authorized: bool = False
    ) -> AsyncIterator[FileAnswer | Failure]:
        """Open a result file. Redirects are followed; the credential goes to the account's own origin
        alone, and only if the file is `authorized`. Failures while reading come from the chunks."""
        try:
            async with asyncio.timeout(self._transport.timeouts.whole):
                opened = await self._open_file(url, headers, authorized=authorized)
        except TimeoutError:
            opened = _unanswered("no answer in time", sent=True)
        if isinstance(opened, Failure):
            yield self._count(opened)
            return
        try:
            yield self._count(FileAnswer(opened, self))
        finally:
            await opened.aclose()

    def redact(self, text: str) -> str:
        """Return `text` without this account's secrets, as far as they were ever used."""
        return redact(text, self._secrets)

    def remember(self, answer: HttpAnswer) -> str:
        """Return what a task keeps of an answer: bounded, without secrets."""
        text = self.redact(f"HTTP {answer.status}\n{answer.text()}")
        if len(text.encode()) <= MAX_REMEMBERED:
            return text
        return text.encode()[: MAX_REMEMBERED - 4].decode("utf-8", "ignore") + "…"

    def forget_credentials(self) -> None:
        """Resolve the credentials anew at the next request: they were refused, the user may mend them."""
        self._auth = None

    def failure(self, error: Exception, *, sent: bool) -> Failure:
        """Return the Failure for a network error; `sent`: a byte of the request may have left."""
        return _from_error(error, self.redact(str(error) or type(error).__name__), sent=sent)

    async def _open_auth(self) -> Auth | Failure:
        async with self._signing:
            if self._auth is None:
                try:
                    self._credentials = await asyncio.to_thread(self.account.resolve)
                except AccountError as error:
                    return _no_credential(str(error))
                self._learn(*self._credentials.values())
                self._auth = self.account.provider.auth(self._credentials)
            return self._auth

    async def _token(self, auth: Auth, base: str, stale: Token | None = None) -> Token | Failure | None:
        key = token_key(self._credentials, _origin(base))
        refused = stale.value if stale else None
        tokens = self._transport.tokens
        token: Token | Failure | None = tokens.known(key, refused)
        if token is None:
            made = auth.token(self._transport.clock.now())
            if isinstance(made, HttpRequest):
                token = await tokens.get(key, lambda: self._fetch_token(auth, made, base), refused)
            else:
                token = tokens.keep(key, made) if made else None
        if isinstance(token, Token):
            self._learn(token.value)
        # Whatever went wrong with a token, the request itself has not been sent.
        return replace(token, creation=Creation.NOT_CREATED) if isinstance(token, Failure) else token

    async def _fetch_token(self, auth: Auth, request: HttpRequest, base: str) -> Token | Failure:
        answer = await self._exchange(request, base, fresh=False)
        return answer if isinstance(answer, Failure) else auth.read_token(answer)

    async def _exchange(self, request: HttpRequest, base: str, *, fresh: bool) -> HttpAnswer | Failure:
        watch = _Watch()
        try:
            url = _join(base, request)
            headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **request.headers}
            content = None
            if request.body is not None:
                headers["Content-Type"] = "application/json"
                content = json.dumps(request.body, ensure_ascii=False).encode()
            _check_headers(headers)
            clients = await self._transport.clients()
            client = clients.fresh if fresh else clients.kept
            prepared = client.build_request(
                request.method, url, headers=headers, content=content, extensions={"trace": watch.see}
            )
        except Exception as error:
            return _unsendable(self.redact(str(error)))
        watch.sees = self._transport._network is None
        self.stats.requests += 1
        try:
            async with asyncio.timeout(self._transport.timeouts.whole):
                response = await client.send(prepared, stream=True)
                try:
                    return await _read_answer(response)
                finally:
                    await response.aclose()
        except Exception as error:
            return self.failure(error, sent=watch.may_have_sent)

    async def _open_file(
        self, url: str, headers: Mapping[str, str], *, authorized: bool
    ) -> httpx.Response | Failure:
        clients = await self._transport.clients()
        for _ in range(_MAX_HOPS + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                return _unsendable("not an http address")
            signed = await self._file_headers(url) if authorized and self.account.trusts(url) else {}
            if isinstance(signed, Failure):
                return signed
            self.stats.requests += 1
            try:
                sent = {"Accept-Encoding": "identity", **headers, **signed}
                _check_headers(sent)
                request = clients.fresh.build_request("GET", url, headers=sent)
                response = await clients.fresh.send(request, stream=True)
            except Exception as error:
                return self.failure(error, sent=True)
            if response.status_code not in _REDIRECTS:
                return response
            await response.aclose()
            url = urljoin(url, response.headers.get("location", ""))
        return _redirected(0)

    async def _file_headers(self, url: str) -> Mapping[str, str] | Failure:
        auth = await self._open_auth()
        if isinstance(auth, Failure):
            return auth
        token = await self._token(auth, _origin(url))
        if isinstance(token, Failure):
            return token
        return auth.sign(HttpRequest(method="GET", path=urlsplit(url).path), token).headers

    def _learn(self, *secrets: str) -> None:
        for secret in secrets:
            self._secrets |= {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}

    def _count[T: (HttpAnswer | FileAnswer | Failure)](self, outcome: T) -> T: ...
