"""What goes in and out of a protocol: a call, and an answer, a file or a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from backend.providers.contract import JsonObject

if TYPE_CHECKING:
    from backend.sandbox.jobs import Job

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request; `path` is what comes after the protocol's prefix."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names are lower case."""
    body: Any = None
    """A JSON body decoded, or a form as an object of texts; None if there is none."""
    raw: bytes = b""
    """The body as it came."""
    body_error: str = ""
    """Why the body cannot be read."""

    @property
    def sends_json(self) -> bool:
        """Whether the Content-Type is JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with a JSON body, or with any other."""

    status: int = 200
    payload: JsonObject | None = None
    content: bytes | None = None
    """Instead of `payload`."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        if self.content is not None:
            return self.content
        if self.payload is None:
            return b""
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """Return a copy with more headers."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """The video of a job, to be served with ranges and all."""

    job: Job
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """An error in a protocol's own code; the protocol's :meth:`Face.refuse` gives it its shape."""

    def __init__(
        self,
        status: int,
        code: int | str,
        message: str,
        *,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`kind` selects among a protocol's error shapes, where it has several."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})
