"""Testing accounts with free calls: whether the credential holds, and what is left to spend."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from backend.accounts import Account, find_account
from backend.clock import Clock
from backend.engine.waiting import Pace
from backend.models import Failure, Quota
from backend.providers.contract import HttpAnswer, HttpRequest
from backend.request_log import About, Purpose
from backend.text import clean_line
from backend.transport import Connection
from backend.views import AccountCheck, clock_skew

_QUOTA_SPACING = 1.0
"""Seconds between two questions for what is left: Kling allows one a second (FACTS 2.13)."""


class Checks:
    """Asks only when the user wants to know."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        connections: Mapping[str, Connection],
        clock: Clock,
        note: Callable[[str, float, bool], object],
    ) -> None:
        """`note` hears of each request: account, seconds, whether it was answered."""
        self._accounts = accounts
        self._connections = connections
        self._clock = clock
        self._note = note
        self._paces: dict[str, Pace] = {}

    async def check(self, name: str) -> AccountCheck:
        """Prove an account's credential, and ask what is left where its provider tells it. Raises UsageError,
        AccountError."""
        account = find_account(self._accounts, name)
        started = time.monotonic()
        answer = await self._ask(name, account.provider.check())
        seconds = time.monotonic() - started
        skew = None if isinstance(answer, Failure) else clock_skew(answer.headers, self._clock.now())
        proof = answer if isinstance(answer, Failure) else account.provider.read_check(answer)
        if isinstance(proof, Failure):
            words = clean_line(proof.words) or proof.meaning
            return AccountCheck(
                account=name, ok=False, words=words, seconds=seconds, failure=proof, skew=skew
            )
        quotas = await self._quotas(account)
        return AccountCheck(
            account=name,
            ok=True,
            words=proof,
            seconds=seconds,
            skew=skew,
            quotas=() if isinstance(quotas, Failure) else quotas,
            quota_failure=quotas if isinstance(quotas, Failure) else None,
        )

    async def _ask(self, account: str, request: HttpRequest) -> HttpAnswer | Failure:
        started = time.monotonic()
        answer = await self._connections[account].send(request, about=About(Purpose.CHECK))
        self._note(account, time.monotonic() - started, isinstance(answer, HttpAnswer))
        return answer

    async def _quotas(self, account: Account) -> tuple[Quota, ...] | Failure:
        request = account.provider.quota(self._clock.now())
        if request is None:
            return ()
        await self._paces.setdefault(account.name, Pace(self._clock, _QUOTA_SPACING)).turn()
        answer = await self._ask(account.name, request)
        return answer if isinstance(answer, Failure) else account.provider.read_quota(answer)
