"""An OpenAI-style gateway. Page: openai-style-v1-videos; FACTS 5."""

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
from backend.providers.kling_errors import RELAY_CODES
from backend.providers.kling_relay import NO_SUCH_TASK, read_absence
from backend.providers.openai_video_fields import PAGE, GenerateVideo
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, credential

_FAILURES = FailureTable(
    codes=RELAY_CODES,
    task_money="What a failed task costs is the gateway's affair; look at the account there.",
)

_OPERATIONS: Mapping[str, Operation] = {
    "generate": Operation(
        name="generate",
        title="Generate a film",
        summary="Any model and scene of the gateway: text, pictures, motion control, avatar, lip sync.",
        source=PAGE,
        model=GenerateVideo,
        codec=RestCodec("/v1/videos", JobReader(_FAILURES, content_path="/v1/videos/{id}/content")),
    )
}


class OpenAiVideo(Provider):
    """A gateway that speaks OpenAI's ``/v1/videos``."""

    name = "openai-video"
    title = "OpenAI-style gateway"
    credentials = (CredentialSpec("api_key", "API key", "The gateway's own key."),)
    credential_sets = (("api_key",),)
    limits = Limits(concurrency=3, min_spacing=0.5, poll_first=10.0, poll_max=30.0)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return _OPERATIONS

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with the gateway's key. Raises AccountError."""
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        """Ask for a task that cannot exist, which is free."""
        return HttpRequest(method="GET", path=f"/v1/videos/{NO_SUCH_TASK}")

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        return read_absence(_FAILURES, "The gateway", answer)


PROVIDER = OpenAiVideo()
