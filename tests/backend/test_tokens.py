"""Tokens: one file, one fetch, however many processes."""

from __future__ import annotations

import asyncio
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.models import Failure, FailureKind
from backend.providers.contract import Token
from backend.tokens import TokenCache, token_key
from tests.backend.engine.clockwork import FakeClock

DAY = timedelta(days=1)


class Issuer:
    """Hands tokens out; each new one ends the one before."""

    def __init__(self, clock: FakeClock, lives: timedelta = DAY) -> None:
        self.count = 0
        self._clock = clock
        self._lives = lives

    async def __call__(self) -> Token:
        self.count += 1
        await asyncio.sleep(0)
        return Token(value=f"token-{self.count}", expires_at=self._clock.now() + self._lives)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def value(token: Token | Failure) -> str:
    assert isinstance(token, Token), token
    return token.value


async def test_fetched_once_and_kept_privately(tmp_path: Path, clock: FakeClock) -> None:
    issuer, cache = Issuer(clock), TokenCache(tmp_path / "tokens", clock)
    assert {value(await cache.get("k", issuer)) for _ in range(5)} == {"token-1"}
    files = list((tmp_path / "tokens").iterdir())
    assert sorted(file.suffix for file in files) == [".json", ".lock"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "tokens").stat().st_mode & 0o777 == 0o700


async def test_another_process_reads_it(tmp_path: Path, clock: FakeClock) -> None:
    issuer = Issuer(clock)
    await TokenCache(tmp_path, clock).get("k", issuer)
    assert value(await TokenCache(tmp_path, clock).get("k", issuer)) == "token-1"
    assert issuer.count == 1


async def test_renewed_before_its_end(tmp_path: Path, clock: FakeClock) -> None:
    issuer, cache = Issuer(clock), TokenCache(tmp_path, clock)
    await cache.get("k", issuer)
    await clock.run(86400 - 301)
    assert value(await cache.get("k", issuer)) == "token-1"
    await clock.run(2)
    assert value(await cache.get("k", issuer)) == "token-2"


async def test_a_short_life_is_used_up(tmp_path: Path, clock: FakeClock) -> None:
    issuer, cache = Issuer(clock, timedelta(seconds=100)), TokenCache(tmp_path, clock)
    await cache.get("k", issuer)
    await clock.run(89)
    assert value(await cache.get("k", issuer)) == "token-1"


async def test_a_stale_one_is_replaced(tmp_path: Path, clock: FakeClock) -> None:
    issuer, cache = Issuer(clock), TokenCache(tmp_path, clock)
    await cache.get("k", issuer)
    assert value(await cache.get("k", issuer, "token-1")) == "token-2"
    assert value(await cache.get("k", issuer, "token-1")) == "token-2"  # renewed already


async def test_what_another_process_renewed_is_not_fetched_again(tmp_path: Path, clock: FakeClock) -> None:
    issuer = Issuer(clock)
    ours, theirs = TokenCache(tmp_path, clock), TokenCache(tmp_path, clock)
    await ours.get("k", issuer)
    await theirs.get("k", issuer, "token-1")
    assert value(await ours.get("k", issuer, "token-1")) == "token-2"
    assert issuer.count == 2


async def test_a_failed_fetch_is_not_kept(tmp_path: Path, clock: FakeClock) -> None:
    async def refuse() -> Failure:
        return Failure(kind=FailureKind.AUTH)

    issuer, cache = Issuer(clock), TokenCache(tmp_path, clock)
    assert isinstance(await cache.get("k", refuse), Failure)
    assert value(await cache.get("k", issuer)) == "token-1"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"value": 1}', '{"value":"x","expires_at":5,"since":null}', "\x00" * 100]
)
async def test_a_broken_file_is_as_none(tmp_path: Path, clock: FakeClock, text: str) -> None:
    (tmp_path / "k.json").write_text(text)
    assert value(await TokenCache(tmp_path, clock).get("k", Issuer(clock))) == "token-1"


async def test_a_folder_that_cannot_be_used_is_a_failure(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_text("")
    found = await TokenCache(tmp_path / "file", clock).get("k", Issuer(clock))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.TRANSIENT


async def test_a_cancelled_fetch_gives_up_the_lock(tmp_path: Path, clock: FakeClock) -> None:
    async def hang() -> Token:
        await asyncio.Event().wait()
        raise AssertionError

    cache = TokenCache(tmp_path, clock)
    fetching = asyncio.ensure_future(cache.get("k", hang))
    await asyncio.sleep(0.05)
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    assert value(await TokenCache(tmp_path, clock).get("k", Issuer(clock))) == "token-1"


def test_keys_tell_nothing_and_tell_apart() -> None:
    key = token_key({"app_id": "a", "secret_key": "very-secret"}, "https://x")
    assert "secret" not in key
    assert key != token_key({"app_id": "a", "secret_key": "other"}, "https://x")
    assert key != token_key({"app_id": "a", "secret_key": "very-secret"}, "https://y")
    assert key == token_key({"secret_key": "very-secret", "app_id": "a"}, "https://x")


def _note(book: str, word: str) -> None:
    with Path(book).open("a") as file:
        file.write(f"{word}\n")


def _process(folder: str, book: str, start: object) -> None:
    async def work() -> None:
        async def fetch() -> Token:
            _note(book, "begin")
            await asyncio.sleep(0.05)
            _note(book, "end")
            return Token(value="t", expires_at=SystemClock().now() + DAY)

        start.wait()  # type: ignore[attr-defined]
        await TokenCache(Path(folder), SystemClock()).get("k", fetch)

    asyncio.run(work())


def test_processes_never_fetch_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    book = tmp_path / "book"
    processes = [
        context.Process(target=_process, args=(str(tmp_path / "tokens"), str(book), start)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(20)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert book.read_text().split() == ["begin", "end"]
