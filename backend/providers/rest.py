"""The codec of protocols that create with a POST and ask at the same path plus an id.

Kling's legacy standard, the relay and the OpenAI-style gateway differ in bodies and errors, not in that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from backend.models import Charge, Failure, FailureKind, RemoteFile, Snapshot, Status, Submission
from backend.providers import envelopes
from backend.providers.contract import Codec, HttpAnswer, HttpRequest, QueryResult, TaskRef
from backend.providers.envelopes import Envelope, open_envelope
from backend.providers.failures import DUPLICATE, NOT_FOUND, PROTOCOL, Asked, FailureTable, make
from backend.providers.fields import RequestModel

Job = Mapping[str, Any]

_FINISHED_KEYS = ("updated_at", "update_time", "completed_at", "finish_time")


class JobReader:
    """Turns one job of an answer into a :class:`~backend.models.Snapshot`."""

    def __init__(
        self, failures: FailureTable, *, retention: timedelta | None = None, content_path: str = ""
    ) -> None:
        self.failures = failures
        self._retention = retention
        self._content_path = content_path

    def snapshot(self, job: Job, remote_id: str, envelope: Envelope) -> Snapshot:
        """Return what `job` says. Success needs a file; without one the task counts as running."""
        inner = envelopes.upstream(job)
        word = envelopes.status_word(job) or (envelopes.status_word(inner) if inner else "")
        status = envelopes.STATUSES.get(word.lower())
        finished = _first_moment(job, *_FINISHED_KEYS)
        files: tuple[RemoteFile, ...] = ()
        if status is Status.SUCCEEDED:
            files = self._files(job, inner, remote_id, finished)
            if not files:
                status = Status.FAILED if _contradicted(job, inner) else Status.RUNNING
        failure = self._failure(job, inner, envelope) if status is Status.FAILED else None
        final = status is not None and status.is_final
        return Snapshot(
            remote_id=remote_id,
            status=status,
            status_words=word,
            progress=_progress(job, status),
            files=files,
            failure=failure,
            charges=tuple(_charges(job)) if final else (),
            external_id=envelopes.external_id(job),
            model=envelopes.line(job.get("model_code")) or None,
            finished_at=finished if final else None,
        )

    def _files(
        self, job: Job, inner: Job | None, remote_id: str, finished: datetime | None
    ) -> tuple[RemoteFile, ...]:
        files = tuple(self._listed(job, finished)) or (tuple(self._listed(inner, finished)) if inner else ())
        if files or not self._content_path or _contradicted(job, inner):
            return files
        path = self._content_path.format(id=quote(remote_id, safe=""))
        return (RemoteFile(url=path, authorized=True, duration=envelopes.number(job.get("seconds"))),)

    def _listed(self, job: Job, finished: datetime | None) -> Iterator[RemoteFile]:
        for entry in envelopes.video_entries(job):
            expires = envelopes.moment(entry.get("expires_at"))
            if expires is None and finished is not None and self._retention is not None:
                expires = finished + self._retention
            duration = envelopes.number(entry.get("duration"))
            for kind, key in (("video", "url"), ("watermarked", "watermark_url")):
                address = envelopes.web(entry.get(key))
                if address:
                    yield RemoteFile(url=address, kind=kind, duration=duration, expires_at=expires)

    def _failure(self, job: Job, inner: Job | None, envelope: Envelope) -> Failure:
        words, code, request_id = envelopes.reason(job)
        if inner is not None and not words:
            words, code, request_id = envelopes.reason(inner)
        return self.failures.of_task(words, code, request_id or envelope.request_id)


class RestCodec(Codec):
    """POST to `path`, GET ``{path}/{id}``."""

    def __init__(
        self,
        path: str,
        reader: JobReader,
        *,
        external_id_at: tuple[str, ...] = (),
        exact_ids: bool = False,
    ) -> None:
        """`external_id_at`: where our id goes in the body, if the protocol has such a field; then it can
        be asked for like any id. `exact_ids`: whether an answer must carry the id that was asked for."""
        self._path = path
        self._reader = reader
        self._external_id_at = external_id_at
        self._exact_ids = exact_ids

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request, with `external_id` where the request sets none."""
        body = request.to_body()
        if external_id and self._external_id_at:
            *parents, last = self._external_id_at
            target = body
            for parent in parents:
                target = target.setdefault(parent, {})
            target.setdefault(last, external_id)
        return HttpRequest(method="POST", path=self._path, body=body)

    def read_created(self, answer: HttpAnswer) -> Submission | Failure:
        """Decode the answer to a create."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return self._reader.failures.of_answer(envelope, Asked.CREATE)
        remote_id = envelopes.created_id(envelope)
        if remote_id is None:
            return make(PROTOCOL, envelope, Asked.CREATE)
        return submission(remote_id, next(envelopes.jobs(envelope), {}), envelope)

    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        """Ask for one task, under the path it was created at."""
        (ref,) = refs
        return self._get(ref.endpoint, ref.remote_id or "")

    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        """Decode the answer to :meth:`query`."""
        (ref,) = refs
        return {ref.task_id: self._read_one(open_envelope(answer), ref.remote_id or "")}

    def find(self, ref: TaskRef) -> HttpRequest | None:
        """Ask for the task by our external id."""
        if not self._external_id_at or envelopes.id_text(ref.external_id) is None:
            return None
        return self._get(ref.endpoint, ref.external_id or "")

    def read_found(
        self, answer: HttpAnswer, ref: TaskRef, taken: frozenset[str]
    ) -> Snapshot | Failure | None:
        """Decode the answer to :meth:`find`."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            failure = self._reader.failures.of_answer(envelope, Asked.READ)
            return None if failure.kind is FailureKind.NOT_FOUND else failure
        for job in envelopes.jobs(envelope):
            ids, carried = envelopes.job_ids(job), envelopes.external_id(job)
            if ids and (carried == ref.external_id or (carried is None and not self._exact_ids)):
                if ids[0] in taken:
                    return make(DUPLICATE, envelope, Asked.READ)
                return self._reader.snapshot(job, ids[0], envelope)
        return None if envelope.data == [] else make(PROTOCOL, envelope, Asked.READ)

    def _get(self, endpoint: str, task_id: str) -> HttpRequest:
        return HttpRequest(method="GET", path=f"{endpoint}/{quote(task_id, safe='')}")

    def _read_one(self, envelope: Envelope, remote_id: str) -> Snapshot | Failure:
        if not envelope.ok:
            return self._reader.failures.of_answer(envelope, Asked.READ)
        exact = self._exact_ids or isinstance(envelope.data, list)
        for job in envelopes.jobs(envelope):
            ids = envelopes.job_ids(job)
            if remote_id in ids or (not exact and (ids or envelopes.status_word(job))):
                return self._reader.snapshot(job, remote_id, envelope)
        return make(NOT_FOUND if envelope.data == [] else PROTOCOL, envelope, Asked.READ)


def submission(remote_id: str, job: Job, envelope: Envelope) -> Submission:
    """Return an accepted create. Ends are left to the first query, which tells their files and reasons."""
    word = envelopes.status_word(job)
    status = envelopes.STATUSES.get(word.lower(), Status.QUEUED)
    return Submission(
        remote_id=remote_id,
        status=Status.RUNNING if status.is_final else status,
        status_words=word,
        external_id=envelopes.external_id(job),
        request_id=envelope.request_id,
    )


def _contradicted(job: Job, inner: Job | None) -> bool:
    """Whether a job that is said to have succeeded also says why it failed."""
    error = job.get("error")
    word = envelopes.status_word(inner).lower() if inner else ""
    return bool(error) or envelopes.STATUSES.get(word) is Status.FAILED


def _progress(job: Job, status: Status | None) -> float | None:
    """Return the progress from 0 to 1; gateways leave 0 standing, which tells nothing (FACTS 5.6)."""
    percent = envelopes.number(job.get("progress"))
    if not percent or percent > 100 or status in (Status.FAILED, Status.CANCELLED):
        return None
    return percent / 100


def _charges(job: Job) -> Iterator[Charge]:
    """Yield what Kling says it charged (FACTS 2.6, 3.3)."""
    units = envelopes.decimal(job.get("final_unit_deduction"))
    if units is not None:
        yield Charge(amount=units, unit="unit")
    balance = job.get("final_balance_deduction")
    quota = envelopes.decimal(balance.get("quota")) if isinstance(balance, Mapping) else None
    if quota is not None:
        yield Charge(amount=quota, unit="cash")
    billing = job.get("billing")
    for entry in billing if isinstance(billing, list) else ():
        amount: Decimal | None = (
            envelopes.decimal(entry.get("amount")) if isinstance(entry, Mapping) else None
        )
        if amount is not None:
            unit = envelopes.line(entry.get("currency")) or envelopes.line(entry.get("charge_type"))
            yield Charge(amount=amount, unit=unit or "unit")


def _first_moment(job: Job, *keys: str) -> datetime | None:
    return next((at for key in keys if (at := envelopes.moment(job.get(key)))), None)
