"""An OpenAI-style gateway. Page: openai-style-v1-videos; FACTS 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from backend.language import N_
from backend.models import Failure, Snapshot
from backend.providers import envelopes, sources
from backend.providers.contract import (
    Auth,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    Provider,
)
from backend.providers.envelopes import Envelope, open_envelope
from backend.providers.failures import PROTOCOL, Asked, make
from backend.providers.fields import RequestModel
from backend.providers.kling_relay import NO_SUCH_TASK, read_absence
from backend.providers.more_models import MODELS, with_models
from backend.providers.openai_video_errors import FAILURES, NO_DELETE, NO_LIST
from backend.providers.openai_video_fields import GenerateVideo, RemixVideo
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, credential

VIDEOS = "/v1/videos"
_LARGEST_PAGE = 100
_NOT_OFFERED = frozenset({404, 405, 501})


_ACCEPTS = N_("The gateway accepts the key.")
_DOES_NOT_REFUSE = N_("The gateway does not refuse the key.")

_READER = JobReader(FAILURES, content_path=f"{VIDEOS}/{{id}}/content")


class VideosCodec(RestCodec):
    """Tasks are asked for at ``/v1/videos/{id}``, however they were made."""

    def __init__(self) -> None:
        super().__init__(VIDEOS, _READER)

    def _get(self, endpoint: str, task_id: str) -> HttpRequest:
        return HttpRequest(method="GET", path=_video(task_id))


class RemixCodec(VideosCodec):
    """A remix is a task of its own, made from the film in the path."""

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request; the gateway has no field for an id of ours."""
        created = super().create(request, external_id)
        return replace(created, path=f"{_video(getattr(request, 'video_id', ''))}/remix")


_OPERATIONS: Mapping[str, Operation] = {
    "generate": Operation(
        name="generate",
        title=N_("Generate a film"),
        summary=N_("Any model and scene of the gateway: text, pictures, motion control, avatar, lip sync."),
        source=sources.GATEWAY,
        model=GenerateVideo,
        codec=VideosCodec(),
    ),
    "remix": Operation(
        name="remix",
        title=N_("Remix a film"),
        summary=N_("A new film from a finished one and a prompt, where the gateway offers it."),
        source=sources.OPENAI,
        model=RemixVideo,
        codec=RemixCodec(),
    ),
}


class OpenAiVideo(Provider):
    """A gateway that speaks OpenAI's ``/v1/videos``."""

    name = "openai-video"
    title = N_("OpenAI-style gateway")
    credentials = (CredentialSpec("api_key", N_("API key"), N_("The gateway's own key.")),)
    credential_sets = (("api_key",),)
    limits = Limits(concurrency=3, min_spacing=0.5, poll_first=10.0, poll_max=30.0)
    options = (MODELS,)

    def __init__(self, operations: Mapping[str, Operation] = _OPERATIONS) -> None:
        self._operations = operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return self._operations

    def configured(self, options: Mapping[str, Any]) -> OpenAiVideo:
        """Return the provider with more models."""
        return OpenAiVideo(with_models(_OPERATIONS, options.get(MODELS.key, ())))

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with the gateway's key. Raises AccountError."""
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        """Ask for a task that cannot exist, which is free."""
        return HttpRequest(method="GET", path=_video(NO_SUCH_TASK))

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        return read_absence(FAILURES, _ACCEPTS, _DOES_NOT_REFUSE, answer)

    def list_tasks(self, operation: str, page: int, size: int) -> HttpRequest | None:
        """Return the request for the newest films, remixes among them; what follows is had by cursor."""
        return _list_request(size) if operation == "generate" and page <= 1 else None

    def next_page(self, operation: str, answer: HttpAnswer, size: int) -> HttpRequest | None:
        """Return the request for what follows the last film of `answer`."""
        envelope = open_envelope(answer)
        if not envelope.ok or envelope.body is None or envelope.body.get("has_more") is not True:
            return None
        told = [ids[0] for job in _films(envelope) if (ids := envelopes.job_ids(job))]
        last = envelopes.id_text(envelope.body.get("last_id")) or (told[-1] if told else None)
        return _list_request(size, last) if last else None

    def read_list(self, operation: str, answer: HttpAnswer) -> Sequence[Snapshot] | Failure:
        """Decode a page; entries without an id are left out."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            if answer.status in _NOT_OFFERED:
                return make(NO_LIST, envelope, Asked.CHECK)
            return FAILURES.of_answer(envelope, Asked.CHECK)
        if not isinstance(envelope.data, list):
            return make(PROTOCOL, envelope, Asked.CHECK)
        found = ((job, envelopes.job_ids(job)) for job in _films(envelope))
        return tuple(_READER.snapshot(job, ids[0], envelope) for job, ids in found if ids)

    def delete_task(self, remote_id: str) -> HttpRequest:
        """Return the request that removes a finished film."""
        return HttpRequest(method="DELETE", path=_video(remote_id))

    def read_deleted(self, answer: HttpAnswer) -> Failure | None:
        """Decode the answer to :meth:`delete_task`."""
        envelope = open_envelope(answer)
        if envelope.ok and envelope.body is not None and envelope.body.get("deleted") is True:
            return None
        if envelope.ok:
            return make(PROTOCOL, envelope, Asked.CHECK)
        if answer.status in _NOT_OFFERED:
            return make(NO_DELETE, envelope, Asked.CHECK)
        return FAILURES.of_answer(envelope, Asked.CHECK)


def _video(remote_id: str) -> str:
    return f"{VIDEOS}/{quote(remote_id, safe='')}"


def _films(envelope: Envelope) -> list[Mapping[str, Any]]:
    data = envelope.data
    return [job for job in data if isinstance(job, Mapping)] if isinstance(data, list) else []


def _list_request(size: int, after: str = "") -> HttpRequest:
    limit = ("limit", str(min(max(size, 1), _LARGEST_PAGE)))
    query = (limit, ("order", "desc"), *((("after", after),) if after else ()))
    return HttpRequest(method="GET", path=VIDEOS, query=query)


PROVIDER = OpenAiVideo()
