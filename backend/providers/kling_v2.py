"""Operations of Kling's API 2.0: the model in the path, all tasks asked for at ``/tasks`` (FACTS 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from backend.language import N_
from backend.models import Failure, Snapshot
from backend.providers import envelopes, sources
from backend.providers.contract import HttpAnswer, HttpRequest, Operation, QueryResult, TaskRef
from backend.providers.envelopes import Envelope, open_envelope
from backend.providers.failures import NOT_FOUND, PROTOCOL, Asked, make
from backend.providers.fields import RequestModel
from backend.providers.kling_errors import KLING_FAILURES
from backend.providers.kling_v2_fields import (
    TURBO,
    TurboImageToVideo,
    TurboTextToVideo,
    V2ImageToVideo,
    V2Request,
    V2TextToVideo,
)
from backend.providers.rest import JobReader, RestCodec

TASKS = "/tasks"
BATCH = 20
"""Ids in one question: what was seen to be taken."""
_LARGEST_LIST = 500

READER = JobReader(KLING_FAILURES, retention=timedelta(days=30))


class V2Codec(RestCodec):
    """POST to ``/{kind}/{model}``; up to 20 tasks are asked for at once, by our ids or by Kling's."""

    batch_size = BATCH

    def __init__(self, kind: str) -> None:
        super().__init__(f"/{kind}", READER, external_id_at=("options", "external_task_id"), exact_ids=True)

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request, with `external_id` where the request sets none."""
        model = request.model_in_path() if isinstance(request, V2Request) else TURBO
        created = super().create(request, external_id)
        return replace(created, path=f"{created.path}/{model}")

    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        """Ask for all of `refs`."""
        return _ask("task_ids", [ref.remote_id or "" for ref in refs])

    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        """Decode the answer to :meth:`query`; an entry counts for the id it carries, wherever it stands."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return dict.fromkeys(
                (ref.task_id for ref in refs), KLING_FAILURES.of_answer(envelope, Asked.READ)
            )
        found: dict[str, Mapping[str, object]] = {}
        for job in envelopes.jobs(envelope):
            for job_id in envelopes.job_ids(job):
                found.setdefault(job_id, job)
        return {ref.task_id: self._tell(envelope, found, ref, refs) for ref in refs}

    def find(self, ref: TaskRef) -> HttpRequest | None:
        """Ask for the task by our external id."""
        external_id = envelopes.id_text(ref.external_id)
        return None if external_id is None or "," in external_id else _ask("external_task_ids", [external_id])

    def _tell(
        self,
        envelope: Envelope,
        found: Mapping[str, Mapping[str, object]],
        ref: TaskRef,
        refs: Sequence[TaskRef],
    ) -> Snapshot | Failure:
        remote_id = ref.remote_id or ""
        if remote_id in found:
            return READER.snapshot(found[remote_id], remote_id, envelope)
        # An answer about nothing but what was asked for says by silence that it knows no more.
        asked = {other.remote_id for other in refs}
        jobs = envelope.data if isinstance(envelope.data, list) else None
        honest = jobs is not None and all(
            isinstance(job, Mapping) and asked.intersection(envelopes.job_ids(job)) for job in jobs
        )
        return make(NOT_FOUND if honest else PROTOCOL, envelope, Asked.READ)


def _ask(key: str, ids: Sequence[str]) -> HttpRequest:
    return HttpRequest(method="GET", path=TASKS, query=((key, ",".join(ids)),))


def is_v2(path: str) -> bool:
    """Whether a path belongs to API 2.0."""
    return path == TASKS or path.startswith(("/text-to-video/", "/image-to-video/"))


def list_request(size: int, cursor: str = "") -> HttpRequest:
    """Return the request for a page of the account's films, newest first, after `cursor`."""
    body: dict[str, object] = {
        "limit": min(max(size, 1), _LARGEST_LIST),
        "filters": [{"key": "product_type", "values": ["video"]}],
    }
    if cursor:
        body["cursor"] = cursor
    return HttpRequest(method="POST", path=TASKS, body=body)


def next_cursor(answer: HttpAnswer) -> str:
    """Return where the page after this one begins, or nothing."""
    data = open_envelope(answer).data
    if not isinstance(data, Mapping) or data.get("has_more") is not True:
        return ""
    cursor = data.get("next_cursor")
    return cursor if isinstance(cursor, str) else envelopes.id_text(cursor) or ""


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            name="turbo-text2video",
            title=N_("3.0 Turbo, text to video"),
            summary=N_("A film of 3 to 15 seconds from a prompt, with sound, by API 2.0."),
            source=sources.KLING_TURBO_TEXT,
            model=TurboTextToVideo,
            codec=V2Codec("text-to-video"),
            needs=("api_key",),
        ),
        Operation(
            name="turbo-image2video",
            title=N_("3.0 Turbo, image to video"),
            summary=N_("A film of 3 to 15 seconds from a first frame, with sound, by API 2.0."),
            source=sources.KLING_TURBO_IMAGE,
            model=TurboImageToVideo,
            codec=V2Codec("image-to-video"),
            needs=("api_key",),
        ),
        Operation(
            name="v2-text2video",
            title=N_("API 2.0, text to video"),
            summary=N_("A film from a prompt, with a model of API 2.0."),
            source=sources.KLING_V2,
            model=V2TextToVideo,
            codec=V2Codec("text-to-video"),
            needs=("api_key",),
        ),
        Operation(
            name="v2-image2video",
            title=N_("API 2.0, image to video"),
            summary=N_("A film from a first or last frame, with a model of API 2.0."),
            source=sources.KLING_V2,
            model=V2ImageToVideo,
            codec=V2Codec("image-to-video"),
            needs=("api_key",),
        ),
    )
}
