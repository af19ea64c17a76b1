"""The door to the network, against real sockets."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.accounts import Account
from backend.clock import SystemClock
from backend.errors import ProviderError
from backend.models import Creation, Failure, FailureKind
from backend.providers.contract import HttpAnswer, HttpRequest
from backend.secrets import SecretRef
from backend.tokens import TokenCache
from backend.transport import MAX_REMEMBERED, Connection, Timeouts, Transport
from backend.transport_answers import MAX_ANSWER, FileAnswer
from tests.backend.engine.loopback import Loopback, dripping, loopback, plain, raw
from tests.backend.engine.toys import SECRET, account

ASK = HttpRequest(method="GET", path="/jobs")
CREATE = HttpRequest(method="POST", path="/jobs", body={"prompt": "夕阳 \N{CAT}"})


@pytest.fixture
async def other() -> AsyncIterator[Loopback]:
    """Another host: another port is another origin."""
    async with loopback() as made:
        yield made


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Transport]:
    """With little patience, where a test waits for its end."""
    clock = SystemClock()
    made = Transport(
        clock, TokenCache(tmp_path / "tokens", clock), timeouts=Timeouts(connect=5, read=1, whole=2)
    )
    yield made
    await made.close()


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Transport]:
    """Gives up before there is a connection."""
    clock = SystemClock()
    made = Transport(clock, TokenCache(tmp_path / "tokens", clock), timeouts=Timeouts(connect=0.4))
    yield made
    await made.close()


def toys(server: Loopback, **changes: Any) -> Account:
    return account(base_url=server.url, **changes)


def answered(outcome: HttpAnswer | Failure) -> HttpAnswer:
    assert isinstance(outcome, HttpAnswer), outcome
    return outcome


def failed(outcome: HttpAnswer | Failure) -> Failure:
    assert isinstance(outcome, Failure), outcome
    assert SECRET not in repr(outcome)
    return outcome


async def test_a_request_goes_out_signed(server: Loopback, transport: Transport) -> None:
    connection = transport.connect(toys(server))
    request = HttpRequest(
        method="POST", path="/v1/jobs", query=(("ids", "a,b"), ("q", "x y&")), body={"a": "夕"}
    )
    answer = answered(await connection.send(request))
    assert answer.json() == {"fine": True}
    assert answer.headers["content-length"] == "14"
    (heard,) = server.heard
    assert (heard.method, heard.target) == ("POST", "/v1/jobs?ids=a,b&q=x+y%26")
    assert heard.headers["authorization"] == f"Bearer {SECRET}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"].startswith("reeltop/")
    assert heard.body.decode() == '{"a": "夕"}'
    assert (connection.stats.requests, connection.stats.errors) == (1, 0)


async def test_questions_share_a_connection_and_creates_get_their_own(
    server: Loopback, transport: Transport
) -> None:
    connection = transport.connect(toys(server))
    for _ in range(3):
        answered(await connection.send(ASK))
    assert server.connections == 1
    for _ in range(2):
        answered(await connection.send(CREATE, fresh=True))
    assert server.connections == 3


async def test_no_proxy_stands_before_loopback(
    server: Loopback, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    answered(await transport.connect(toys(server)).send(ASK))


async def test_a_proxy_that_is_down_creates_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    failure = failed(await transport.connect(account()).send(CREATE, fresh=True))
    assert failure.creation is Creation.NOT_CREATED


async def test_a_page_without_account(server: Loopback, transport: Transport) -> None:
    assert answered(await transport.get(f"{server.url}/about")).json() == {"fine": True}
    assert "authorization" not in server.heard[0].headers
    server.script(raw(b""))
    failed(await transport.get(server.url))


async def test_cookies_are_not_kept(server: Loopback, transport: Transport) -> None:
    server.script(plain({}, Set_Cookie="session=abc; Path=/"))
    connection = transport.connect(toys(server))
    await connection.send(ASK)
    await connection.send(ASK)
    assert "cookie" not in server.heard[1].headers


# -- what proves that nothing was sent --------------------------------------------------------------------


async def test_a_refused_connection_creates_nothing(transport: Transport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        failure = failed(await transport.connect(account(base_url=url)).send(CREATE, fresh=True))
    assert failure.creation is Creation.NOT_CREATED
    assert failure.kind is FailureKind.TRANSIENT


async def test_an_unknown_host_creates_nothing(transport: Transport) -> None:
    url = "http://does-not-exist.invalid"
    failure = failed(await transport.connect(account(base_url=url)).send(CREATE, fresh=True))
    assert failure.creation is Creation.NOT_CREATED


async def test_a_failed_handshake_creates_nothing(server: Loopback, impatient: Transport) -> None:
    url = server.url.replace("http:", "https:")
    failure = failed(await impatient.connect(account(base_url=url)).send(CREATE, fresh=True))
    assert failure.creation is Creation.NOT_CREATED
    assert not server.heard


async def test_a_server_that_does_not_accept_creates_nothing(impatient: Transport) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        failure = failed(await impatient.connect(account(base_url=url)).send(CREATE, fresh=True))
        for filler in fillers:
            filler.close()
    assert failure.creation is Creation.NOT_CREATED


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("ftp://127.0.0.1", "/jobs"),
        ("http://", "/jobs"),
        ("not an address", "/jobs"),
        ("http://127.0.0.1:99999", "/jobs"),
        ("http://127.0.0.1:1", "@evil.test/jobs"),
        ("http://[::1", "/jobs"),
    ],
)
async def test_nonsense_addresses_create_nothing(transport: Transport, url: str, path: str) -> None:
    request = HttpRequest(method="POST", path=path, body={})
    try:
        connection = transport.connect(account(base_url=url))
    except ValueError:
        return
    failure = failed(await connection.send(request))
    assert failure.creation is Creation.NOT_CREATED


@pytest.mark.parametrize("key", ["ключ-который-нельзя", "line\r\nX-Evil: 1"])
async def test_a_key_that_fits_no_header_is_never_sent(
    server: Loopback, transport: Transport, key: str
) -> None:
    connection = transport.connect(toys(server, credentials={"key": SecretRef("literal", key)}))
    failure = failed(await connection.send(CREATE))
    assert failure.kind is FailureKind.AUTH
    assert failure.creation is Creation.NOT_CREATED
    assert key not in repr(failure)
    assert not server.heard


async def test_a_missing_credential_is_said_and_can_be_mended(
    server: Loopback, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOY_KEY", raising=False)
    connection = transport.connect(toys(server, credentials={"key": SecretRef("env", "TOY_KEY")}))
    failure = failed(await connection.send(CREATE))
    assert failure.kind is FailureKind.AUTH
    assert "TOY_KEY" in failure.words
    monkeypatch.setenv("TOY_KEY", "sk-mended-key")
    answered(await connection.send(CREATE))
    assert server.heard[0].headers["authorization"] == "Bearer sk-mended-key"


async def test_a_credential_is_resolved_once_until_it_is_forgotten(
    server: Loopback, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "sk-first-key")
    connection = transport.connect(toys(server, credentials={"key": SecretRef("env", "TOY_KEY")}))
    await connection.send(ASK)
    monkeypatch.setenv("TOY_KEY", "sk-second-key")
    await connection.send(ASK)
    connection.forget_credentials()
    await connection.send(ASK)
    keys = [heard.headers["authorization"] for heard in server.heard]
    assert keys == ["Bearer sk-first-key", "Bearer sk-first-key", "Bearer sk-second-key"]


async def test_only_the_accounts_own_addresses_are_spoken_to(
    server: Loopback, other: Loopback, transport: Transport
) -> None:
    connection = transport.connect(toys(server))
    failure = failed(await connection.send(CREATE, base_url=other.url))
    assert failure.kind is FailureKind.AUTH
    assert failure.creation is Creation.NOT_CREATED
    assert not other.heard
    former = transport.connect(toys(server, former_base_urls=(other.url,)))
    answered(await former.send(CREATE, base_url=other.url))
    assert other.heard


# -- what leaves it open ----------------------------------------------------------------------------------

DOUBTFUL = {
    "hung up": raw(b""),
    "no answer": raw(b"", wait=5),
    "half a head": raw(b"HTTP/1.1 200 OK\r\nContent-"),
    "half a body": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "a body that stalls": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", wait=5),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "an endless head": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 100, 0.0),
    "an endless body": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, 0.0),
    "a slow body": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.1),
    "a broken chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
    "no gzip": plain(b"plain", Content_Encoding="gzip"),
    "half a gzip": plain(gzip.compress(b"x" * 10_000)[:20], Content_Encoding="gzip"),
    "an unknown packing": plain(b"x", Content_Encoding="zstd"),
    "a redirect": plain(b"", 302, Location="http://127.0.0.1:1/"),
    "a see other": plain(b"", 303, Location="/done"),
    "a moved": plain(b"", 301, Location="/jobs/"),
}


@pytest.mark.parametrize("what", DOUBTFUL)
async def test_after_sending_a_task_may_exist(server: Loopback, hasty: Transport, what: str) -> None:
    server.script(DOUBTFUL[what])
    connection = hasty.connect(toys(server))
    start = time.monotonic()
    failure = failed(await connection.send(CREATE, fresh=True))
    assert time.monotonic() - start < 30
    assert failure.creation is Creation.MAY_EXIST
    assert failure.kind in (FailureKind.TRANSIENT, FailureKind.PROTOCOL)
    assert failure.meaning
    assert len(server.heard) == 1
    assert connection.stats.errors == 1


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_repeats_the_request_created_nothing(
    server: Loopback, other: Loopback, transport: Transport, status: int
) -> None:
    server.script(plain(b"", status, Location=f"{other.url}/jobs"))
    failure = failed(await transport.connect(toys(server)).send(CREATE))
    assert failure.kind is FailureKind.PROTOCOL
    assert failure.creation is Creation.NOT_CREATED
    assert not other.heard


async def test_a_gzip_bomb_stays_small(server: Loopback, transport: Transport) -> None:
    bomb = gzip.compress(b"\0" * (MAX_ANSWER * 3))
    server.script(plain(bomb, Content_Encoding="gzip"))
    failure = failed(await transport.connect(toys(server)).send(ASK))
    assert failure.kind is FailureKind.PROTOCOL


async def test_a_proper_gzip_is_unpacked(server: Loopback, transport: Transport) -> None:
    server.script(plain(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip"))
    assert answered(await transport.connect(toys(server)).send(ASK)).json() == {"a": 1}


async def test_other_answers_are_the_codecs_to_judge(server: Loopback, transport: Transport) -> None:
    server.script(plain(b"<html>", 502), plain(b"{", 200), plain({}, 429, Retry_After="3"))
    connection = transport.connect(toys(server))
    assert answered(await connection.send(ASK)).status == 502
    assert answered(await connection.send(ASK)).json() is None
    assert answered(await connection.send(ASK)).headers["retry-after"] == "3"


async def test_a_request_that_no_json_can_hold(server: Loopback, transport: Transport) -> None:
    request = HttpRequest(method="POST", path="/jobs", body={"prompt": "\ud800"})
    failure = failed(await transport.connect(toys(server)).send(request))
    assert failure.kind is FailureKind.INVALID
    assert not server.heard


# -- tokens -----------------------------------------------------------------------------------------------


def with_token(server: Loopback) -> Account:
    return toys(server, credentials={"app": SecretRef("literal", "app-secret-1234")})


def token(value: str, lives: float = 86400) -> dict[str, Any]:
    return {"token": value, "ends": int(datetime.now(UTC).timestamp() + lives)}


async def test_a_token_is_fetched_once(server: Loopback, transport: Transport) -> None:
    server.script(plain(token("token-one")), plain({"fine": True}))
    connection = transport.connect(with_token(server))
    await asyncio.gather(*(connection.send(ASK) for _ in range(5)))
    assert [heard.target for heard in server.heard].count("/token") == 1
    assert {heard.headers.get("authorization") for heard in server.heard[1:]} == {"Bearer token-one"}
    assert connection.redact("a token-one b app-secret-1234") == "a [secret] b [secret]"


async def test_a_stale_token_is_renewed_and_the_request_replayed_once(
    server: Loopback, transport: Transport
) -> None:
    stale = plain({"why": "stale"}, 401)
    server.script(plain(token("token-one")), stale, plain(token("token-two")), plain({"fine": True}))
    connection = transport.connect(with_token(server))
    assert answered(await connection.send(CREATE)).json() == {"fine": True}
    assert [heard.target for heard in server.heard] == ["/token", "/jobs", "/token", "/jobs"]
    assert server.heard[-1].headers["authorization"] == "Bearer token-two"


async def test_a_token_that_stays_stale_ends_after_one_replay(server: Loopback, transport: Transport) -> None:
    stale = plain({"why": "stale"}, 401)
    server.script(plain(token("token-one")), stale, plain(token("token-two")), stale)
    connection = transport.connect(with_token(server))
    assert answered(await connection.send(CREATE)).status == 401
    assert len(server.heard) == 4


async def test_no_token_no_request(server: Loopback, transport: Transport) -> None:
    server.script(plain({"error": "bad app"}, 403))
    failure = failed(await transport.connect(with_token(server)).send(CREATE))
    assert failure.kind is FailureKind.AUTH
    assert failure.creation is Creation.NOT_CREATED
    assert [heard.target for heard in server.heard] == ["/token"]


async def test_a_lost_token_answer_creates_no_task(server: Loopback, transport: Transport) -> None:
    server.script(raw(b""))
    failure = failed(await transport.connect(with_token(server)).send(CREATE))
    assert failure.creation is Creation.NOT_CREATED


async def test_two_connections_share_a_token(server: Loopback, transport: Transport) -> None:
    server.script(plain(token("token-one")), plain({"fine": True}))
    first, second = transport.connect(with_token(server)), transport.connect(with_token(server))
    await asyncio.gather(first.send(ASK), second.send(ASK))
    assert [heard.target for heard in server.heard].count("/token") == 1


# -- what is kept of answers ------------------------------------------------------------------------------


async def test_what_is_remembered_is_bounded_and_clean(server: Loopback, transport: Transport) -> None:
    connection = transport.connect(toys(server))
    await connection.send(ASK)
    text = connection.remember(
        HttpAnswer(status=500, body=f"you sent {SECRET}".encode() + "夕".encode() * 9000)
    )
    assert SECRET not in text
    assert "[secret]" in text
    assert text.startswith("HTTP 500\n")
    assert len(text.encode()) <= MAX_REMEMBERED


# -- files ------------------------------------------------------------------------------------------------


async def whole(connection: Connection, url: str, *, authorized: bool = False) -> tuple[int, bytes]:
    async with connection.fetch(url, {"Range": "bytes=5-"}, authorized=authorized) as answer:
        assert isinstance(answer, FileAnswer), answer
        space, length = memoryview(bytearray(2**20)), 0
        while count := await answer.read_into(space[length:]):
            length += count
        return answer.status, bytes(space[:length])


async def test_a_file_on_another_host_gets_no_credential(
    server: Loopback, other: Loopback, transport: Transport
) -> None:
    connection = transport.connect(toys(server))
    other.script(plain(b"film"))
    for authorized in (False, True):
        assert await whole(connection, f"{other.url}/a.mp4", authorized=authorized) == (200, b"film")
    assert all("authorization" not in heard.headers for heard in other.heard)
    assert other.heard[0].headers["range"] == "bytes=5-"
    assert other.heard[0].headers["accept-encoding"] == "identity"


async def test_a_redirect_loses_the_credential_with_the_host(
    server: Loopback, other: Loopback, transport: Transport
) -> None:
    server.script(plain(b"", 302, Location="/second"), plain(b"", 307, Location=f"{other.url}/a.mp4"))
    other.script(plain(b"film"))
    connection = transport.connect(toys(server))
    assert await whole(connection, "/content", authorized=True) == (200, b"film")
    assert [heard.headers.get("authorization") for heard in server.heard] == [f"Bearer {SECRET}"] * 2
    assert "authorization" not in other.heard[0].headers


async def test_redirects_end(server: Loopback, transport: Transport) -> None:
    server.script(plain(b"", 302, Location="/again"))
    async with transport.connect(toys(server)).fetch("/a", {}) as answer:
        assert isinstance(answer, Failure)
    assert len(server.heard) == 6


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "javascript:1", "", "http://[::1"])
async def test_only_web_addresses_are_fetched(server: Loopback, transport: Transport, url: str) -> None:
    async with transport.connect(toys(server)).fetch(url, {}) as answer:
        assert isinstance(answer, Failure)


async def test_a_redirect_to_a_file_is_not_followed(server: Loopback, transport: Transport) -> None:
    server.script(plain(b"", 302, Location="file:///etc/passwd"))
    async with transport.connect(toys(server)).fetch("/a", {}) as answer:
        assert isinstance(answer, Failure)


@pytest.mark.parametrize("what", ["half a body", "a body that stalls", "a broken chunk"])
async def test_a_file_that_breaks_says_so(server: Loopback, hasty: Transport, what: str) -> None:
    server.script(DOUBTFUL[what])
    connection = hasty.connect(toys(server))
    with pytest.raises(ProviderError) as caught:
        await whole(connection, f"{server.url}/a.mp4")
    assert caught.value.failure.kind is FailureKind.TRANSIENT


async def test_a_file_may_take_longer_than_an_answer(server: Loopback, hasty: Transport) -> None:
    async def slowly(heard: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n")
        for _ in range(23):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    server.script(slowly)
    assert await whole(hasty.connect(toys(server)), "/a.mp4") == (200, b"x" * 23)


# -- importing --------------------------------------------------------------------------------------------


def test_importing_it_does_not_import_httpx() -> None:
    code = "import sys, backend.transport, backend.engine.engine; sys.exit('httpx' in sys.modules)"
    environment: Mapping[str, str] = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


async def test_a_secret_that_a_server_repeats_is_in_no_answer(server: Loopback, transport: Transport) -> None:
    server.script(plain({"message": f"Authorization is invalid: {SECRET}"}))
    answer = await transport.connect(toys(server)).send(ASK)
    assert isinstance(answer, HttpAnswer)
    assert answer.json() == {"message": "Authorization is invalid: [secret]"}


async def test_a_secret_that_a_server_repeats_in_a_header_is_in_no_answer(
    server: Loopback, transport: Transport
) -> None:
    server.script(
        raw(f"HTTP/1.1 400 No\r\nX-Request-Id: r-{SECRET}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    )
    answer = await transport.connect(toys(server)).send(ASK)
    assert isinstance(answer, HttpAnswer)
    assert answer.headers["x-request-id"] == "r-[secret]"


async def test_a_secret_that_is_repeated_where_tokens_are_fetched_is_in_no_failure(
    server: Loopback, transport: Transport
) -> None:
    server.script(plain({"message": "no app app-secret-1234"}, 400))
    failure = failed(await transport.connect(with_token(server)).send(ASK))
    assert "app-secret-1234" not in repr(failure)


async def test_trouble_with_a_question_says_nothing_of_paying(server: Loopback, transport: Transport) -> None:
    server.script(raw(b""), raw(b""))
    connection = transport.connect(toys(server))
    asked, created = await connection.send(ASK), await connection.send(ASK, fresh=True)
    assert isinstance(asked, Failure)
    assert isinstance(created, Failure)
    assert (asked.creation, created.creation) == (Creation.NOT_CREATED, Creation.MAY_EXIST)
    assert "costs nothing" in asked.money
    assert "may have been carried out" in created.money
    assert "Error" not in asked.words + created.words
