"""A provider as small as can be, to show what a new one takes."""

from __future__ import annotations

from collections.abc import Mapping

from backend.models import Failure
from backend.providers.contract import (
    Auth,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    Provider,
)
from backend.providers.failures import FailureTable
from backend.providers.fields import RequestModel, Role, field
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, credential


class Draw(RequestModel):
    """What the toy takes."""

    prompt: str = field(title="Prompt", help="What to draw.", role=Role.PROMPT)


_READER = JobReader(FailureTable(codes={}, task_money="Toys cost nothing."))


class Toy(Provider):
    """The toy."""

    name = "toy"
    title = "Toy"
    credentials = (CredentialSpec("api_key", "API key"),)
    credential_sets = (("api_key",),)
    limits = Limits(concurrency=1, min_spacing=1.0, poll_first=1.0, poll_max=1.0)

    @property
    def operations(self) -> Mapping[str, Operation]:
        draw = Operation("draw", "Draw", "A drawing.", "the toy page", Draw, RestCodec("/draw", _READER))
        return {"draw": draw}

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        return HttpRequest(method="GET", path="/")

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        return "It is a toy."


PROVIDER = Toy()
