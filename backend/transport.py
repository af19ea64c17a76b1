"""The one door to the network: signing, timeouts, limits, redaction. Nothing here raises for what a server
or the network does; every trouble becomes a Failure that says whether a task may exist because of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from backend import transport_failures as failures
from backend.accounts import Account
from backend.clock import Clock
from backend.language import recorded
from backend.models import Failure, FailureKind
from backend.providers.contract import HttpAnswer, HttpRequest
from backend.request_log import About, Purpose, RequestLog, shown_url
from backend.tokens import TokenCache
from backend.transport_answers import FileAnswer, body_of, read_answer
from backend.transport_clients import Clients, Timeouts, Watch, open_clients
from backend.transport_outgoing import check_headers, encode, join, origin, weight
from backend.transport_signing import Signer, Signing
from backend.transport_trips import Trip

if TYPE_CHECKING:
    import httpx

MAX_REMEMBERED = 8 * 1024
"""Bytes of an answer that a task keeps."""
_MAX_HOPS = 5
_LARGE = 256 * 1024
"""Characters of a body above which it is written down in a thread."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_QUOTED = 512
"""Characters quoted of what a refused upload brought."""
_SLOWEST = 64 * 1024
"""Bytes a second: a request with images in it gets so much more time."""

_NOTHING_SAID = About()
_FOR_A_TOKEN = About(Purpose.TOKEN)

__all__ = ["MAX_REMEMBERED", "Connection", "Stats", "Timeouts", "Transport"]


@dataclass(slots=True)
class Stats:
    """What an account has asked for since the start."""

    requests: int = 0
    errors: int = 0
    """Requests that brought no answer."""


_Outcome = TypeVar("_Outcome", bound="HttpAnswer | FileAnswer | Failure")


class Transport:
    """Sends requests for all accounts of a process; close it at the end."""

    def __init__(
        self,
        clock: Clock,
        tokens: TokenCache,
        *,
        timeouts: Timeouts | None = None,
        network: httpx.AsyncBaseTransport | None = None,
        log: RequestLog | None = None,
    ) -> None:
        self.clock = clock
        self.tokens = tokens
        self.log = log or RequestLog()
        """Gets an entry for every request."""
        self.timeouts = timeouts or Timeouts()
        self.traced = network is None
        """Whether the network below reports what it does."""
        self._network = network
        self._clients: Clients | None = None
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

    async def get(self, url: str) -> HttpAnswer | Failure:
        """Ask for a page that needs no account; never raises."""
        trip = Trip(self.log, self.clock, _NOTHING_SAID, "GET", shown_url(url, ()))
        try:
            clients = await self.clients()
            async with asyncio.timeout(self.timeouts.whole):
                return trip.end(await _read_whole(await clients.fresh.open("GET", url)))
        except asyncio.CancelledError:
            trip.give_up()
            raise
        except Exception as error:
            host = failures.host_of(url)
            failure = failures.from_error(error, str(error), host=host, sent=True)
            return trip.end(failures.of_question(failure))

    async def clients(self) -> Clients:
        """Return the shared clients, made at first use in a thread: that takes longer than a frame."""
        if self._clients is not None:
            return self._clients
        async with self._opening:
            if self._clients is None:
                self._clients = await asyncio.to_thread(open_clients, self.timeouts, self._network)
            return self._clients


class Connection:
    """The way to one account."""

    def __init__(self, transport: Transport, account: Account) -> None:
        self.account = account
        self.stats = Stats()
        self._transport = transport
        self._signing = Signing(account, transport.tokens, transport.clock, self._fetch_token)

    async def send(
        self,
        request: HttpRequest,
        *,
        base_url: str | None = None,
        fresh: bool = False,
        about: About = _NOTHING_SAID,
    ) -> HttpAnswer | Failure:
        """Sign and send `request` below `base_url` (the account's own by default); never raises.

        `about` is for the log. A `fresh` connection is one that no server can have dropped while it lay idle:
        for creates, where such a drop would leave it open whether the task exists.
        """
        base = base_url or self.account.base_url
        if not request.path.startswith("/") or not self._trusts(base):
            return self._unsent(request, base, about, failures.untrusted(origin(base)))
        signer = await self._signing.signer(base)
        if isinstance(signer, Failure):
            return self._unsent(request, base, about, signer)
        answer = await self._exchange(request, base, signer, about, fresh=fresh)
        if isinstance(answer, HttpAnswer) and signer.auth.is_stale(answer):
            # The refusal proves that nothing was done, so one replay is safe even for a create.
            renewed = await self._signing.signer(base, stale=signer.token)
            if isinstance(renewed, Failure):
                return self._unsent(request, base, about, renewed)
            if renewed != signer:
                answer = await self._exchange(request, base, renewed, about, fresh=fresh, attempt=2)
        if isinstance(answer, HttpAnswer):
            return self._count(self._signing.harmless(answer))
        return self._count(answer if fresh else failures.of_question(answer))

    @asynccontextmanager
    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        authorized: bool = False,
        base_url: str | None = None,
        about: About = _NOTHING_SAID,
    ) -> AsyncIterator[FileAnswer | Failure]:
        """Open a result file at `url`, which may be a path below `base_url`.

        Redirects are followed; the credential goes to the account's own origin alone, and only if the file
        is `authorized`. Failures while reading come from there.
        """
        if url.startswith("/"):
            url = (base_url or self.account.base_url).rstrip("/") + url
        try:
            async with asyncio.timeout(self._transport.timeouts.whole):
                opened = await self._open_file(url, headers, about, authorized=authorized)
        except TimeoutError:
            words = recorded("{host}: no answer in time").format(host=failures.host_of(url))
            opened = failures.of_file(failures.unanswered(words))
        if isinstance(opened, Failure):
            yield self._count(opened)
            return
        response, trip = opened
        answer = FileAnswer(response, self.redact, failures.host_of(url))
        try:
            yield self._count(answer)
        finally:
            trip.end_file(answer)
            await response.aclose()

    async def put(
        self, url: str, content: bytes, media_type: str, *, about: About = _NOTHING_SAID
    ) -> Failure | None:
        """Put a file where the account's provider said, without the credential; return why not.

        Nothing is created by that. The address must be https unless the account's own is not.
        """
        if not url.startswith(("https://", self.account.base_url.partition("://")[0] + "://")):
            return self._count(failures.not_taken(recorded("the address for the upload is not https"), None))
        self.stats.requests += 1
        trip = self._trip(about, "PUT", self._signing.shown_file(url))
        trip.sent = len(content)
        try:
            clients = await self._transport.clients()
            async with asyncio.timeout(self._transport.timeouts.whole + len(content) / _SLOWEST):
                headers = {"Content-Type": media_type}
                check_headers(headers)
                answer = trip.end(await _read_whole(await clients.fresh.open("PUT", url, headers, content)))
        except asyncio.CancelledError:
            trip.give_up()
            raise
        except Exception as error:
            return self._count(failures.of_upload(trip.end(self._failure(error, url, sent=True))))
        if isinstance(answer, Failure):
            return self._count(failures.of_upload(answer))
        if 200 <= answer.status < 300:
            return None
        return self._count(failures.not_taken(self.redact(answer.text()[:_QUOTED]), answer.status))

    def redact(self, text: str) -> str:
        """Return `text` without this account's secrets, as far as they were ever used."""
        return self._signing.redact(text)

    def remember(self, answer: HttpAnswer) -> str:
        """Return what a task keeps of an answer: bounded, without secrets."""
        text = self.redact(f"HTTP {answer.status}\n{answer.text()}")
        data = text.encode()
        if len(data) <= MAX_REMEMBERED:
            return text
        return data[: MAX_REMEMBERED - 4].decode("utf-8", "ignore") + "…"

    def forget_credentials(self) -> None:
        """Resolve the credentials anew at the next request: they were refused, the user may mend them."""
        self._signing.forget()

    def _trip(self, about: About, method: str, url: str, attempt: int = 1) -> Trip:
        way = self._transport
        return Trip(
            way.log,
            way.clock,
            about,
            method,
            url,
            account=self.account.name,
            redact=self.redact,
            attempt=attempt,
        )

    def _unsent(self, request: HttpRequest, base: str, about: About, failure: Failure) -> Failure:
        """Note, and return, why a request does not leave."""
        self._trip(about, request.method, self._signing.shown(join(base, request))).end(failure)
        return self._count(failure)

    def _failure(self, error: Exception, url: str, *, sent: bool) -> Failure:
        host = self.redact(failures.host_of(url))
        return failures.from_error(error, self.redact(str(error)), host=host, sent=sent)

    async def _fetch_token(self, request: HttpRequest, base: str) -> HttpAnswer | Failure:
        return await self._exchange(request, base, None, _FOR_A_TOKEN, fresh=False)

    async def _exchange(
        self,
        request: HttpRequest,
        base: str,
        signer: Signer | None,
        about: About,
        *,
        fresh: bool,
        attempt: int = 1,
    ) -> HttpAnswer | Failure:
        trip = self._trip(about, request.method, self._signing.shown(join(base, request)), attempt)
        try:
            # A picture as Base64 takes longer to write down than a frame lasts.
            large = weight(request.body) > _LARGE
            content = await asyncio.to_thread(encode, request) if large else encode(request)
        except ValueError as error:
            return trip.end(failures.unspeakable(self.redact(str(error))))
        watch = Watch(sees=self._transport.traced)
        try:
            signed = signer.sign(request) if signer else request
            headers = {"Accept": "application/json", **signed.headers}
            if content is not None:
                headers["Content-Type"] = "application/json"
            check_headers(headers)
            clients = await self._transport.clients()
            client = clients.fresh if fresh else clients.kept
            address = client.address(join(base, signed))
        except Exception as error:
            return trip.end(failures.unsendable(self.redact(str(error))))
        self.stats.requests += 1
        trip.sent = len(content or b"")
        try:
            async with asyncio.timeout(self._transport.timeouts.whole + trip.sent / _SLOWEST):
                response = await client.open(signed.method, address, headers, content, watch)
                return trip.end(await _read_whole(response))
        except asyncio.CancelledError:
            trip.give_up()
            raise
        except Exception as error:
            return trip.end(self._failure(error, base, sent=watch.may_have_sent))

    async def _open_file(
        self, url: str, headers: Mapping[str, str], about: About, *, authorized: bool
    ) -> tuple[httpx.Response, Trip] | Failure:
        clients = await self._transport.clients()
        response: httpx.Response
        for _ in range(_MAX_HOPS + 1):
            if not url.startswith(("http://", "https://")):
                return failures.astray(FailureKind.INVALID, recorded("not an http address"))
            signed = await self._file_headers(url) if authorized and self._trusts(url) else {}
            if isinstance(signed, Failure):
                return signed
            self.stats.requests += 1
            trip = self._trip(about, "GET", self._signing.shown_file(url))
            try:
                sent = {"Accept-Encoding": "identity", **headers, **signed}
                check_headers(sent)
                response = await clients.fresh.open("GET", url, sent)
            except asyncio.CancelledError:
                trip.give_up()
                raise
            except Exception as error:
                return failures.of_file(trip.end(self._failure(error, url, sent=True)))
            if response.status_code not in _REDIRECTS:
                return response, trip
            trip.redirected(response.status_code)
            await response.aclose()
            try:
                url = urljoin(url, response.headers.get("location", ""))
            except ValueError:
                return _astray(response.status_code)
        return _astray(response.status_code)

    async def _file_headers(self, url: str) -> Mapping[str, str] | Failure:
        known = (self.account.base_url, *self.account.former_base_urls)
        base = next((base for base in known if origin(base) == origin(url)), self.account.base_url)
        signer = await self._signing.signer(base)
        if isinstance(signer, Failure):
            return signer
        return signer.sign(HttpRequest(method="GET", path=urlsplit(url).path)).headers

    def _trusts(self, url: str) -> bool:
        try:
            return self.account.trusts(url)
        except ValueError:  # no address at all
            return False

    def _count(self, outcome: _Outcome) -> _Outcome:
        if isinstance(outcome, Failure):
            self.stats.errors += 1
        return outcome


def _astray(status: int) -> Failure:
    words = recorded("redirect {status}").format(status=status)
    return failures.astray(FailureKind.PROTOCOL, words, status)


async def _read_whole(response: httpx.Response) -> HttpAnswer | Failure:
    try:
        return await read_answer(response)
    finally:
        await body_of(response).aclose()
