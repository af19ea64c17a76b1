"""What the protocols have in common: a table of routes, checks from the request models, jobs."""

from __future__ import annotations

import json
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from backend.errors import Issue, RequestError
from backend.language import in_english
from backend.pictures import local_files
from backend.providers import registry
from backend.providers.contract import JsonObject
from backend.providers.fields import Unknown
from backend.sandbox.answers import Answer, Call, FileAnswer, RefusalError
from backend.sandbox.books import Books
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Order, Phase, Simulator

RETENTION_SECONDS = 30 * 24 * 3600.0
"""How long official result files live (FACTS 2.6)."""

_ADDRESS = re.compile(r'"(https?://|[A-Za-z0-9+/]{100}|\{\{)')
"""How a value starts that is a file: an address, Base64, or a blank for one."""

Handler = Callable[..., Answer | FileAnswer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path of a protocol; `{name}` in the path matches one segment."""

    method: str
    path: str
    handler: Handler
    kind: Kind = Kind.OTHER
    is_open: bool = False
    """Whether it needs no credential."""

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values in `path`, or None if it is another."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


@dataclass(slots=True)
class Studio:
    """What all protocols of one sandbox share."""

    simulator: Simulator
    root: Callable[[], str]
    """Where the sandbox is reached, without a slash at the end."""
    seed: int = 0
    trace: Random = field(init=False)

    def __post_init__(self) -> None:
        self.trace = Random(f"{self.seed}/trace")  # noqa: S311  names requests, hides nothing


class Face(ABC):
    """One protocol on the wire, for one account."""

    name: ClassVar[str]
    """Of the provider and of the sandbox's account."""
    prefix: ClassVar[str]
    """Where its documented paths hang."""
    credentials: ClassVar[Mapping[str, str]]
    failures: ClassVar[Sequence[str]]
    """What can go wrong with a job, in the provider's words."""
    expires: ClassVar[bool] = False
    """Whether result links end after 30 days."""

    def __init__(self, studio: Studio, concurrency: int) -> None:
        self._studio = studio
        self._concurrency = concurrency
        self._routes = tuple(self.routes())

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Return all documented paths."""

    @abstractmethod
    def authorize(self, call: Call) -> None:
        """Check the credential. Raises RefusalError."""

    @abstractmethod
    def refuse(self, refusal: RefusalError) -> Answer:
        """Give an error this protocol's shape."""

    @abstractmethod
    def invalid(self, message: str, issue: Issue | None = None) -> RefusalError:
        """Return the refusal for a bad value; without an issue the body as a whole is unusable."""

    @abstractmethod
    def unknown_path(self, call: Call, *, other_method: bool) -> RefusalError:
        """Return the refusal for a path or method that the protocol does not have."""

    @abstractmethod
    def rate_limited(self) -> RefusalError:
        """Return the refusal for too many requests."""

    @abstractmethod
    def broken(self, status: int) -> RefusalError:
        """Return the refusal for trouble of the provider's own, with this HTTP status where it uses any."""

    def coded(self, code: str) -> RefusalError | None:
        """Return the refusal with one of the provider's own error codes, if it can be asked for."""
        return None

    def find_route(self, call: Call) -> tuple[Route, dict[str, str]]:
        """Return the route of a call and the values in its path. Raises RefusalError."""
        other_method = False
        for route in self._routes:
            values = route.match(call.path)
            if values is not None and route.method == call.method:
                return route, values
            other_method = other_method or values is not None
        raise self.unknown_path(call, other_method=other_method)

    def handle(self, call: Call, route: Route, values: Mapping[str, str]) -> Answer | FileAnswer:
        """Answer a call. Raises RefusalError."""
        if not route.is_open:
            self.authorize(call)
        return route.handler(call, **values)

    @property
    def books(self) -> Books:
        """All jobs."""
        return self._studio.simulator.books

    @property
    def now(self) -> float:
        """The Unix time."""
        return self._studio.simulator.now

    def trace_id(self) -> str:
        """Return a fresh request id."""
        return str(uuid.UUID(int=self._studio.trace.getrandbits(128), version=4))

    def object_in(self, call: Call, *, json_only: bool = True) -> JsonObject:
        """Return the body, which must be a JSON object. Raises RefusalError."""
        if json_only and not call.sends_json:
            raise self.invalid("Content-Type must be application/json")
        if call.body_error:
            raise self.invalid(call.body_error)
        if not isinstance(call.body, dict):
            raise self.invalid("the body must be a JSON object")
        return call.body

    def checked(
        self, operation: str, body: JsonObject, unknown: Unknown = "ignore", *, typed: bool = True
    ) -> JsonObject:
        """Check a body by the rules of its request model and return it with well-typed values.

        `typed` refuses a text where JSON wants a number, which the models would convert. Raises RefusalError
        with the first issue.
        """
        model = registry.operation(self.name, operation).model
        try:
            with in_english():
                request = model.from_body(body, unknown)
            named = next(local_files(request), None)
            if named is not None:
                raise RequestError([Issue(named.field, "must be an http(s) address, or an image as Base64")])
            clean = request.to_body()
        except RequestError as error:
            issue = error.issues[0]
            raise self.invalid(str(issue), issue) from None
        wrong = _other_type(body, clean) if typed else None
        if wrong is not None:
            raise self.invalid(str(wrong), wrong)
        return {**body, **clean}

    def busy(self, model: str | None = None) -> bool:
        """Whether all slots are taken; `model` counts only jobs whose request names this ``model_name``."""
        jobs = self._studio.simulator.unfinished(self.name)
        if model is not None:
            jobs = [job for job in jobs if job.request.get("model_name", model) == model]
        return len(jobs) >= self._concurrency

    def make(
        self, operation: str, body: JsonObject, prompt: str, film: Film, external_id: str | None = None
    ) -> Job:
        """Make a job."""
        order = Order(
            provider=self.name,
            account=self.name,
            operation=operation,
            request=body,
            prompt=prompt,
            film=film,
            external_id=external_id,
            failures=_possible(self.failures, body),
        )
        return self._studio.simulator.make(order, self.make_id)

    @abstractmethod
    def make_id(self, chance: Random, now: float, number: int) -> str:
        """Return an id as this provider forms them."""

    def phase(self, job: Job) -> Phase:
        """Return where a job stands."""
        return job.phase(self.now)

    def file_url(self, job: Job, suffix: str = "") -> str:
        """Return the address of a job's video, open to anybody as on the providers' file hosts."""
        return f"{self._studio.root()}/files/{job.token}{suffix}.mp4"

    def is_expired(self, job: Job) -> bool:
        """Whether the job's files have been removed."""
        return self.expires and self.now > job.ends + RETENTION_SECONDS


def bearer(call: Call) -> str | None:
    """Return the token of ``Authorization: Bearer``; empty for another scheme, None without the header."""
    value = call.headers.get("authorization", "").strip()
    if not value:
        return None
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def seconds_of(*values: Any, default: float = 5.0) -> float:
    """Return the first usable number of seconds, 1 to 60."""
    for value in values:
        try:
            return min(60.0, max(1.0, float(value)))
        except (TypeError, ValueError):
            continue
    return default


def _other_type(body: Mapping[str, Any], clean: Mapping[str, Any], prefix: str = "") -> Issue | None:
    """Return the first value whose JSON type is not the one that its field has."""
    for key, value in clean.items():
        given = body.get(key)
        if given is None:
            continue
        if isinstance(value, dict) and isinstance(given, dict):
            nested = _other_type(given, value, f"{prefix}{key}.")
            if nested is not None:
                return nested
        elif _json_type(given) != _json_type(value):
            return Issue(f"{prefix}{key}", f"must be a {_json_type(value)}, not a {_json_type(given)}")
    return None


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _possible(failures: Sequence[str], body: JsonObject) -> list[str]:
    """Return the reasons that can apply: a job that names no file cannot fail to reach one."""
    names_file = _ADDRESS.search(json.dumps({**body, "callback_url": None, "options": None})) is not None
    return [reason for reason in failures if names_file or "URL" not in reason]
