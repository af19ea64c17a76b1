"""Access tokens that a provider hands out: one file per credential, shared by every reeltop here.

Getting a new token may kill the one before (Chanjing, FACTS 1.2), so no two processes ever fetch at once:
whoever fetches holds a lock, and whoever waited for it reads the file again first.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.clock import Clock
from backend.files import replace_file
from backend.language import N_
from backend.models import Failure, FailureKind
from backend.paths import PRIVATE_FILE, make_private_folder
from backend.providers.contract import Token

Fetch = Callable[[], Awaitable[Token | Failure]]

_MARGIN = timedelta(seconds=300)
"""A token is renewed this long before its end, or a tenth of its life if that is shorter."""
_LOCK_SECONDS = 90.0
"""How long to wait for another process that is fetching: longer than its request may take."""
_LOCK_STEP = 0.1


@dataclass(frozen=True, slots=True)
class _Held:
    """A token and when it was got, which tells how long it lives."""

    token: Token
    since: datetime

    def serves(self, now: datetime, stale: str | None) -> bool:
        """Whether it can still be used; `stale` is a value that the provider has just refused."""
        life = self.token.expires_at - self.since
        return self.token.value != stale and now < self.token.expires_at - min(_MARGIN, life / 10)


def token_key(credentials: Mapping[str, str], origin: str) -> str:
    """Return the name under which the token of `credentials` is kept; tells nothing of them."""
    text = json.dumps([origin, sorted(credentials.items())])
    return hashlib.blake2b(text.encode(), digest_size=16, person=b"reeltop-token").hexdigest()


class TokenCache:
    """Keeps tokens in memory and, those fetched, in files under `folder` (0700, files 0600)."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def known(self, key: str, stale: str | None = None) -> Token | None:
        """Return the token under `key` from memory, if it still serves."""
        held = self._held.get(key)
        return held.token if held and held.serves(self._clock.now(), stale) else None

    def keep(self, key: str, token: Token) -> Token:
        """Keep a token that was made here in memory alone: it can be made again at no cost."""
        self._held[key] = _Held(token, self._clock.now())
        return token

    async def get(self, key: str, fetch: Fetch, stale: str | None = None) -> Token | Failure:
        """Return the token under `key`, fetched only if no process has one that serves."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            if token := self.known(key, stale):
                return token
            try:
                return await self._shared(key, fetch, stale)
            except OSError as error:
                return _file_trouble(error)

    async def _shared(self, key: str, fetch: Fetch, stale: str | None) -> Token | Failure:
        lock = await asyncio.to_thread(self._open_lock, key)
        try:
            if not await self._acquire(lock):
                return _busy()
            held = await asyncio.to_thread(self._read, key)
            if held and held.serves(self._clock.now(), stale):
                self._held[key] = held
                return held.token
            token = await fetch()
            if isinstance(token, Token):
                self._held[key] = _Held(token, self._clock.now())
                # A disk that takes no file costs a fetch at the next start, not this request.
                with suppress(OSError):
                    await asyncio.to_thread(self._write, key, self._held[key])
            return token
        finally:
            os.close(lock)  # gives up the lock as well

    async def _acquire(self, lock: int) -> bool:
        for _ in range(int(_LOCK_SECONDS / _LOCK_STEP)):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(_LOCK_STEP)
            except OSError:
                return True  # a file system without locks: there is no more to be had
            else:
                return True
        return False

    def _open_lock(self, key: str) -> int:
        make_private_folder(self._folder)
        return os.open(self._folder / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)

    def _read(self, key: str) -> _Held | None:
        try:
            data = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            token = Token(value=str(data["value"]), expires_at=_time(data["expires_at"]))
            return _Held(token, _time(data["since"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _write(self, key: str, held: _Held) -> None:
        data = {
            "value": held.token.value,
            "expires_at": held.token.expires_at.isoformat(),
            "since": held.since.isoformat(),
        }
        replace_file(self._folder / f"{key}.json", json.dumps(data))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _file_trouble(error: OSError) -> Failure:
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=error.strerror or type(error).__name__,
        meaning=N_("The folder for access tokens cannot be used."),
        money=N_("Nothing was sent, nothing is charged."),
        next_step=N_("Make room on the disk or give write access; it is tried again by itself."),
    )


def _busy() -> Failure:
    return Failure(
        kind=FailureKind.TRANSIENT,
        meaning=N_("Another reeltop has been fetching an access token for too long."),
        money=N_("Nothing was sent, nothing is charged."),
        next_step=N_("It is tried again by itself."),
    )
