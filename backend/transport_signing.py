"""The credentials of one account at work: what signs its requests, and what must never be seen of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend import transport_failures as failures
from backend.errors import AccountError
from backend.language import in_english
from backend.models import Creation, Failure
from backend.providers.contract import Auth, HttpAnswer, HttpRequest, Token
from backend.redaction import redact, redact_bytes
from backend.request_log import shown_file_url, shown_url
from backend.tokens import TokenCache, token_key
from backend.transport_outgoing import origin

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock

_ADDRESSES = 4096
"""Addresses that are kept as they may be shown."""

Fetch = Callable[[HttpRequest, str], Awaitable["HttpAnswer | Failure"]]
"""Sends a request for a token to a base URL."""


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs requests to one base URL."""

    auth: Auth
    token: Token | None

    def sign(self, request: HttpRequest) -> HttpRequest:
        """Return the request with its credential."""
        return self.auth.sign(request, self.token)


class Signing:
    """Of one account. Resolves its credentials when they are first needed, and keeps its tokens fresh."""

    def __init__(self, account: Account, tokens: TokenCache, clock: Clock, fetch: Fetch) -> None:
        self._account = account
        self._tokens = tokens
        self._clock = clock
        self._fetch = fetch
        self._opening = asyncio.Lock()
        self._auth: Auth | None = None
        self._credentials: Mapping[str, str] = {}
        self._secrets: set[str] = set()
        self._token_keys: dict[str, str] = {}
        """By base URL, for the credentials as they are."""
        self._shown_urls: dict[str, str] = {}
        """Without the secrets known so far."""

    async def signer(self, base: str, stale: Token | None = None) -> Signer | Failure:
        """Return what signs requests to `base`, with another token than `stale`.

        Whatever goes wrong here, the request is not sent.
        """
        try:
            auth = await self._open_auth()
            token = await self._token(auth, base, stale)
        except AccountError as error:
            return failures.no_credential(str(error))
        except Exception as error:
            return failures.no_credential(self.redact(str(error)))
        if isinstance(token, Failure):
            return replace(token, creation=Creation.NOT_CREATED)
        return Signer(auth, token)

    def forget(self) -> None:
        """Resolve the credentials anew at the next request."""
        self._auth = None

    # -- what may be seen -------------------------------------------------------------------------

    def redact(self, text: str) -> str:
        """Return `text` without this account's secrets, as far as they were ever used."""
        return redact(text, self._secrets)

    def harmless(self, answer: HttpAnswer) -> HttpAnswer:
        """Return `answer` without what the server repeats of our secrets: its words are kept and shown."""
        headers = {name: self.redact(value) for name, value in answer.headers.items()}
        return replace(answer, body=redact_bytes(answer.body, self._secrets), headers=headers)

    def shown(self, url: str) -> str:
        """Return an address of the provider's without secrets."""
        shown = self._shown_urls.get(url)
        if shown is None:
            if len(self._shown_urls) >= _ADDRESSES:
                self._shown_urls.clear()
            shown = self._shown_urls[url] = shown_url(url, self._secrets)
        return shown

    def shown_file(self, url: str) -> str:
        """Return a file's address without secrets: what signs it is one, too."""
        return shown_file_url(url, self._secrets)

    # -- credentials and tokens -------------------------------------------------------------------

    async def _open_auth(self) -> Auth:
        if self._auth is not None:
            return self._auth
        async with self._opening:
            if self._auth is None:
                with in_english():  # why it cannot be had is recorded
                    self._credentials = await asyncio.to_thread(self._account.resolve)
                self._token_keys.clear()
                self._learn(*self._credentials.values())
                self._auth = self._account.provider.auth(self._credentials)
            return self._auth

    async def _token(self, auth: Auth, base: str, stale: Token | None) -> Token | Failure | None:
        key = self._token_keys.get(base)
        if key is None:
            key = self._token_keys[base] = token_key(self._credentials, origin(base))
        refused = stale.value if stale else None
        token: Token | Failure | None = self._tokens.known(key, refused)
        if token is None:
            made = auth.token(self._clock.now())
            if isinstance(made, HttpRequest):
                token = await self._tokens.get(key, lambda: self._fetch_token(auth, made, base), refused)
            else:
                token = self._tokens.keep(key, made) if made else None
        if isinstance(token, Token):
            self._learn(token.value)
        return token

    async def _fetch_token(self, auth: Auth, request: HttpRequest, base: str) -> Token | Failure:
        answer = await self._fetch(request, base)
        if isinstance(answer, Failure):
            return answer
        token = auth.read_token(answer)
        return token if isinstance(token, Token) else auth.read_token(self.harmless(answer))

    def _learn(self, *secrets: str) -> None:
        known = len(self._secrets)
        self._secrets.update(secrets)
        if len(self._secrets) > known:
            self._shown_urls.clear()
