"""A request under way, until it is an entry of the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from backend.clock import Clock
from backend.language import recorded
from backend.models import Failure
from backend.providers.contract import HttpAnswer
from backend.request_log import About, Entry, RequestLog, shown_words

if TYPE_CHECKING:
    from backend.transport_answers import FileAnswer

_Outcome = TypeVar("_Outcome", bound="HttpAnswer | Failure")


class Trip:
    """Begins when made; makes one entry when it ends, however that is."""

    def __init__(
        self,
        log: RequestLog,
        clock: Clock,
        about: About,
        method: str,
        url: str,
        *,
        account: str = "",
        redact: Callable[[str], str] = str,
        attempt: int = 1,
    ) -> None:
        """`url` as it may be shown; `redact` takes secrets out of a failure's words."""
        self.sent = 0
        """Bytes of the request's body, from when it goes out."""
        self._log, self._clock, self._redact = log, clock, redact
        self._about, self._method, self._url = about, method, url
        self._account, self._attempt = account, attempt
        self._at: datetime = clock.now()
        self._began = clock.monotonic()

    def end(self, outcome: _Outcome) -> _Outcome:
        """Note what came of it, and return that."""
        if isinstance(outcome, Failure):
            self._note(outcome.http_status, outcome.words or outcome.meaning)
        else:
            self._note(outcome.status, received=len(outcome.body))
        return outcome

    def end_file(self, answer: FileAnswer) -> None:
        """Note how much of a file has come, and what cut it off."""
        self._note(answer.status, answer.trouble, answer.received)

    def redirected(self, status: int) -> None:
        """Note that the way goes on elsewhere."""
        self._note(status)

    def give_up(self) -> None:
        """Note that it was broken off from here."""
        self._note(None, recorded("broken off here"))

    def _note(self, status: int | None, words: str = "", received: int = 0) -> None:
        self._log.note(
            Entry(
                at=self._at,
                number=self._log.next_number(),
                account=self._account,
                tasks=self._about.tasks,
                purpose=self._about.purpose.value,
                method=self._method,
                url=self._url,
                status=status,
                words=shown_words(self._redact(words)) if words else "",
                ms=(self._clock.monotonic() - self._began) * 1000,
                sent=self.sent,
                received=received,
                attempt=self._attempt,
            )
        )
