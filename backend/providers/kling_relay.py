"""A relay that resells Kling under ``/kling``. Pages: kling-relay-text2video,
kling-3.0-turbo-image-to-video; FACTS 4."""

from __future__ import annotations

from collections.abc import Mapping

from backend.models import Failure, FailureKind
from backend.providers import sources
from backend.providers.contract import (
    Auth,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    Provider,
)
from backend.providers.envelopes import open_envelope
from backend.providers.failures import Asked, FailureTable
from backend.providers.fields import RequestModel
from backend.providers.kling_errors import RELAY_FAILURES
from backend.providers.kling_relay_fields import (
    RelayImageToVideo,
    RelayTextToVideo,
    RelayTurboTextToVideo,
    TurboImageToVideo,
)
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, credential

NO_SUCH_TASK = "reeltop-credential-check"
"""An id that no server gives: asking for it is free, and only a bad key is refused for its key."""

_READER = JobReader(RELAY_FAILURES)


class RelayCodec(RestCodec):
    """The relay's page asks for ``Accept: application/json``."""

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request, with `external_id` where the request sets none."""
        return super().create(request, external_id).with_header("Accept", "application/json")


_OPERATIONS: Mapping[str, Operation] = {
    "text2video": Operation(
        name="text2video",
        title="Text to video",
        summary="A film from a prompt, through a relay.",
        source=sources.RELAY_TEXT,
        model=RelayTextToVideo,
        codec=RelayCodec("/kling/v1/videos/text2video", _READER, external_id_at=("external_task_id",)),
    ),
    "image2video": Operation(
        name="image2video",
        title="Image to video",
        summary="A film from a first or last frame, through a relay.",
        source=sources.RELAY_IMAGE,
        model=RelayImageToVideo,
        codec=RelayCodec("/kling/v1/videos/image2video", _READER, external_id_at=("external_task_id",)),
    ),
    "turbo-text2video": Operation(
        name="turbo-text2video",
        title="3.0 Turbo, text to video",
        summary="A film of 3 to 15 seconds from a prompt, through a relay.",
        source=sources.RELAY_TURBO_TEXT,
        model=RelayTurboTextToVideo,
        codec=RelayCodec(
            "/kling/text-to-video/kling-3.0-turbo",
            _READER,
            external_id_at=("options", "external_task_id"),
        ),
    ),
    "turbo-image2video": Operation(
        name="turbo-image2video",
        title="3.0 Turbo, image to video",
        summary="A film of 3 to 15 seconds from a first frame, through a relay.",
        source=sources.RELAY_TURBO_IMAGE,
        model=TurboImageToVideo,
        codec=RelayCodec(
            "/kling/image-to-video/kling-3.0-turbo",
            _READER,
            external_id_at=("options", "external_task_id"),
        ),
    ),
}


class KlingRelay(Provider):
    """A relay of Kling's API."""

    name = "kling-relay"
    title = "Kling through a relay"
    credentials = (CredentialSpec("api_key", "API key", "The relay's own key."),)
    credential_sets = (("api_key",),)
    limits = Limits(concurrency=3, min_spacing=0.5, poll_first=5.0, poll_max=20.0)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return _OPERATIONS

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with the relay's key. Raises AccountError."""
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        """Ask for a task that cannot exist, which is free."""
        return HttpRequest(method="GET", path=f"/kling/v1/videos/text2video/{NO_SUCH_TASK}")

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        return read_absence(RELAY_FAILURES, "The relay", answer)


def read_absence(failures: FailureTable, who: str, answer: HttpAnswer) -> str | Failure:
    """Decode the answer to a question for a task that cannot exist: any reasoned no accepts the key."""
    envelope = open_envelope(answer)
    if envelope.ok or failures.of_answer(envelope, Asked.READ).kind is FailureKind.NOT_FOUND:
        return f"{who} accepts the key."
    if answer.status == 400 and envelope.body is not None:
        return f"{who} does not refuse the key."
    return failures.of_answer(envelope, Asked.CHECK)


PROVIDER = KlingRelay()
