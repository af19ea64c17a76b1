"""The job simulator that all protocols share.

Nothing ticks: a job carries a plan, and where it stands follows from the plan and the time. The plan comes
from the seed and the number of the job among its provider's, so the same seed and the same order give the
same outcomes. At speed 1 a job is queued for 1 to 3 seconds and runs for 4 to 10; one in six fails.

A prompt can say what shall happen: ``[fail]`` fails, ``[ok]`` succeeds, ``[slow]`` takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

from backend.clock import Clock

if TYPE_CHECKING:
    from backend.sandbox.books import Books

MARK_FAIL = "[fail]"
MARK_OK = "[ok]"
MARK_SLOW = "[slow]"

_QUEUE_SECONDS = (1.0, 3.0)
_RUN_SECONDS = (4.0, 10.0)
_SLOW_FACTOR = 10.0
_JOBS_PER_FAILURE = 6
_KEPT_TEXT = 4096
"""Longer texts in a request (images as Base64) are not kept in the books."""


class Phase(StrEnum):
    """Where a job stands; each protocol has its own words for it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether the job holds no slot any more."""
        return self in (Phase.SUCCEEDED, Phase.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a request asks to be made."""

    seconds: float = 5.0
    aspect: str = "16:9"
    resolution: str = "720p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a protocol wants made."""

    provider: str
    account: str
    operation: str
    request: Mapping[str, Any]
    """The body as it came."""
    prompt: str
    film: Film
    external_id: str | None = None
    failures: Sequence[str]
    """The provider's words for what can go wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job, as the books keep it. Times are Unix seconds."""

    id: str
    number: int
    """Counted from 0 for each provider."""
    token: str
    """Names its files."""
    provider: str
    account: str
    operation: str
    request: Mapping[str, Any]
    prompt: str
    film: Film
    external_id: str | None
    created: float
    starts: float
    ends: float
    failure: str
    """Why it fails; empty if it succeeds."""

    def phase(self, now: float) -> Phase:
        """Return where the job stands at `now`."""
        if now < self.starts:
            return Phase.QUEUED
        if now < self.ends:
            return Phase.RUNNING
        return Phase.FAILED if self.failure else Phase.SUCCEEDED

    def updated(self, now: float) -> float:
        """Return when its phase last changed."""
        return {Phase.QUEUED: self.created, Phase.RUNNING: self.starts}.get(self.phase(now), self.ends)

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Job:
        """Undo :meth:`to_json`. Raises TypeError or KeyError for anything else."""
        return cls(**{**values, "film": Film(**values["film"])})


MakeId = Callable[[Random, float, int], str]
"""Makes a provider's kind of id from a seeded generator, the Unix time and the job's number."""


class Simulator:
    """Makes jobs and keeps them in the books."""

    def __init__(self, books: Books, clock: Clock, *, seed: int = 0, speed: float = 1.0) -> None:
        """`speed` is how many times faster than planned jobs go."""
        self.books = books
        self._clock = clock
        self._seed = seed
        self._speed = speed

    @property
    def now(self) -> float:
        """The Unix time."""
        return self._clock.now().timestamp()

    def make(self, order: Order, make_id: MakeId) -> Job:
        """Put a new job into the books and return it."""
        number = self.books.count(order.provider)
        now = self.now
        chance = Random(f"{self._seed}/{order.provider}/{number}")  # noqa: S311  to repeat, not to hide
        queue, run, reason = (
            chance.uniform(*_QUEUE_SECONDS),
            chance.uniform(*_RUN_SECONDS),
            chance.choice(order.failures),
        )
        pace = (_SLOW_FACTOR if MARK_SLOW in order.prompt else 1.0) / self._speed
        # Ids hold the time as well, so that a sandbox without books never hands out an old id again.
        naming = Random(f"{self._seed}/{order.provider}/{number}/{now}")  # noqa: S311
        job = Job(
            id=make_id(naming, now, number),
            number=number,
            token=f"{naming.getrandbits(96):024x}",
            provider=order.provider,
            account=order.account,
            operation=order.operation,
            request=_shortened(order.request),
            prompt=order.prompt,
            film=order.film,
            external_id=order.external_id,
            created=now,
            starts=now + queue * pace,
            ends=now + (queue + run) * pace,
            failure=reason if self._fails(order, number) else "",
        )
        self.books.add(job)
        return job

    def unfinished(self, account: str) -> list[Job]:
        """Return the jobs that hold a slot."""
        return self.books.open(account, lambda job: not job.phase(self.now).is_final)

    def _fails(self, order: Order, number: int) -> bool:
        if MARK_FAIL in order.prompt or MARK_OK in order.prompt:
            return MARK_FAIL in order.prompt
        # One of each six in a row, so that a demonstration shows neither none nor only failures.
        block, place = divmod(number, _JOBS_PER_FAILURE)
        chosen = Random(f"{self._seed}/{order.provider}/block {block}")  # noqa: S311
        return place == chosen.randrange(_JOBS_PER_FAILURE)


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _KEPT_TEXT else f"{value[:64]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {key: _shortened(nested) for key, nested in value.items()}
    if isinstance(value, list):
        return [_shortened(nested) for nested in value]
    return value
