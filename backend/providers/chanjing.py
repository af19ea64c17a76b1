"""Chanjing's Kling models. Page: chanjing-tx-kling2.5; FACTS 1. Errors come in answers with HTTP 200."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeGuard

from backend.language import N_
from backend.models import Failure, FailureKind, Snapshot, Submission
from backend.providers import envelopes, sources
from backend.providers.chanjing_errors import FAILURES, TOKEN_REFUSED
from backend.providers.chanjing_fields import (
    KLING_25_TURBO,
    TX_KLING_21,
    TX_KLING_25,
    Kling25Turbo,
    TxKling21Master,
    TxKling25,
)
from backend.providers.chanjing_uploads import ChanjingUploads
from backend.providers.contract import (
    Auth,
    Codec,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    JsonObject,
    Limits,
    Operation,
    OptionSpec,
    Provider,
    QueryResult,
    TaskRef,
    Token,
)
from backend.providers.envelopes import Envelope, open_envelope
from backend.providers.failures import ANOTHER_API, NOT_FOUND, PROTOCOL, Asked, Cause, make
from backend.providers.fields import RequestModel
from backend.providers.kling import read_page
from backend.providers.more_models import MODELS, with_models
from backend.providers.rest import JobReader, submission
from backend.providers.signing import credential

_SUBMIT = "/open/v1/ai_creation/task/submit"
_ONE = "/open/v1/ai_creation/task"
_PAGE = "/open/v1/ai_creation/task/page"
_VIDEO = 4
_LARGEST_PAGE = 50
_TOKEN_RENEWAL = timedelta(seconds=300)
_NOT_A_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
_STALE = frozenset({"10400", "10401"})
_CLOCK_SLACK = timedelta(seconds=5)

_SEVERAL_FIT = Cause(
    kind=FailureKind.DUPLICATE,
    meaning=N_("Chanjing has several tasks that may be this one."),
    next_step=N_("Compare them in Chanjing's console before you send it again."),
)

_READER = JobReader(FAILURES)

BY_MODEL: Mapping[str, str] = {
    TX_KLING_25: "tx-kling2.5",
    TX_KLING_21: "tx-kling2.1-master",
    KLING_25_TURBO: "kling2.5-turbo",
}
"""Operation by model code."""


class ChanjingAuth(Auth):
    """An access token fetched with app id and secret key; a new one ends the one before (FACTS 1.2)."""

    def __init__(self, app_id: str, secret_key: str) -> None:
        self._app_id = app_id
        self._secret_key = secret_key

    def token(self, now: datetime) -> HttpRequest:
        """Return the request that fetches a token."""
        return HttpRequest(
            method="POST",
            path="/open/v1/access_token",
            body={"app_id": self._app_id, "secret_key": self._secret_key},
        )

    def read_token(self, answer: HttpAnswer) -> Token | Failure:
        """Decode a token; ``expire_in`` is a moment in Unix seconds, in spite of its name."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            failure = FAILURES.of_answer(envelope, Asked.CHECK)
            refused = failure.kind is FailureKind.INVALID and envelope.code is not None
            return make(TOKEN_REFUSED, envelope, Asked.CHECK) if refused else failure
        data = envelope.data if isinstance(envelope.data, Mapping) else {}
        value, ends = data.get("access_token"), envelopes.moment(data.get("expire_in"))
        if not _fits_a_header(value) or ends is None or ends < _NOT_A_MOMENT:
            return replace(make(PROTOCOL, envelope, Asked.CHECK), words="")
        return Token(value=value, expires_at=ends - _TOKEN_RENEWAL)

    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        """Return `request` with the token on it."""
        return request if token is None else request.with_header("access_token", token.value)

    def is_stale(self, answer: HttpAnswer) -> bool:
        """Whether the token was replaced or has ended."""
        return open_envelope(answer).code in _STALE


class ChanjingCodec(Codec):
    """One question for up to 50 tasks; a lost create is looked for in the list."""

    batch_size = _LARGEST_PAGE

    def __init__(self, uploads: ChanjingUploads) -> None:
        self.uploads = uploads

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request; Chanjing has no field for an id of ours."""
        return HttpRequest(method="POST", path=_SUBMIT, body=request.to_body())

    def read_created(self, answer: HttpAnswer) -> Submission | Failure:
        """Decode the answer to a create: ``data`` is the bare id."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return FAILURES.of_answer(envelope, Asked.CREATE)
        data = envelope.data
        remote_id = envelopes.id_text(data.get("unique_id") if isinstance(data, Mapping) else data)
        if remote_id is None:
            return make(PROTOCOL, envelope, Asked.CREATE)
        return submission(remote_id, {}, envelope)

    def query(self, refs: Sequence[TaskRef]) -> HttpRequest:
        """Ask for one task, or for several by way of the list."""
        ids = [ref.remote_id or "" for ref in refs]
        if len(ids) == 1:
            return HttpRequest(method="GET", path=_ONE, query=(("unique_id", ids[0]),))
        return _list_request(ids, 1, _LARGEST_PAGE)

    def read_query(self, answer: HttpAnswer, refs: Sequence[TaskRef]) -> QueryResult:
        """Decode the answer to :meth:`query`."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            failure = FAILURES.of_answer(envelope, Asked.READ)
            return {ref.task_id: failure for ref in refs}
        told = {_own_id(job): job for job in envelopes.jobs(envelope)}
        unknown = _is_listing(envelope.data) or (envelope.data is None and len(refs) == 1)
        absent = make(NOT_FOUND if unknown else PROTOCOL, envelope, Asked.READ)
        return {
            ref.task_id: _READER.snapshot(told[ref.remote_id], ref.remote_id or "", envelope)
            if ref.remote_id in told
            else absent
            for ref in refs
        }

    def find(self, ref: TaskRef) -> HttpRequest | None:
        """Ask for the newest tasks, to match them by content; needs the time of sending."""
        return _list_request([], 1, _LARGEST_PAGE) if ref.sent_at is not None else None

    def read_found(
        self, answer: HttpAnswer, ref: TaskRef, taken: frozenset[str]
    ) -> Snapshot | Failure | None:
        """Decode the answer to :meth:`find`: the one task with this prompt and model since it was sent."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return FAILURES.of_answer(envelope, Asked.READ)
        if not _is_listing(envelope.data):
            return make(PROTOCOL, envelope, Asked.READ)
        fitting = [(found, job) for found, job in _candidates(envelope, ref) if found not in taken]
        if len(fitting) > 1:
            words = ", ".join(found for found, _ in fitting)
            return replace(make(_SEVERAL_FIT, envelope, Asked.READ), words=words)
        return _READER.snapshot(fitting[0][1], fitting[0][0], envelope) if fitting else None


UPLOAD_SERVICE = OptionSpec(
    key="upload_service",
    title=N_("Upload service"),
    help=N_("the service that local pictures are uploaded for, ai_creation if not set"),
    pattern=r"[A-Za-z0-9_.-]{1,64}",
)


def _operations(service: str = "ai_creation") -> Mapping[str, Operation]:
    codec = ChanjingCodec(ChanjingUploads(service))
    return {
        "tx-kling2.5": Operation(
            name="tx-kling2.5",
            title=N_("Kling 2.5 (Tencent)"),
            summary=N_("A film from a prompt, with or without first and last frame."),
            source=sources.CHANJING_KLING,
            model=TxKling25,
            codec=codec,
        ),
        "tx-kling2.1-master": Operation(
            name="tx-kling2.1-master",
            title=N_("Kling 2.1 master (Tencent)"),
            summary=N_("A film by Kling's 2.1 master model, from a prompt and perhaps frames."),
            source=sources.CHANJING_KLING,
            model=TxKling21Master,
            codec=codec,
        ),
        "kling2.5-turbo": Operation(
            name="kling2.5-turbo",
            title=N_("Kling 2.5 Turbo"),
            summary=N_("A film by Kling's 2.5 Turbo model, from a prompt and perhaps frames."),
            source=sources.CHANJING_KLING,
            model=Kling25Turbo,
            codec=codec,
        ),
    }


_OPERATIONS = _operations()


class Chanjing(Provider):
    """Chanjing's open API."""

    name = "chanjing"
    title = N_("Chanjing")
    base_urls: ClassVar[Mapping[str, str]] = {"default": "https://open-api.chanjing.cc"}
    credentials = (
        CredentialSpec("app_id", N_("App id"), N_("From Chanjing's console, under API keys.")),
        CredentialSpec(
            "secret_key", N_("Secret key"), N_("Belongs to the app id; fetches a token for a day.")
        ),
    )
    credential_sets = (("app_id", "secret_key"),)
    limits = Limits(concurrency=3, min_spacing=1.0, poll_first=10.0, poll_max=30.0)

    options = (MODELS, UPLOAD_SERVICE)

    def __init__(self, operations: Mapping[str, Operation] = _OPERATIONS) -> None:
        self._operations = operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return self._operations

    def configured(self, options: Mapping[str, Any]) -> Chanjing:
        """Return the provider with more models, or another service for uploads."""
        operations = _operations(options.get(UPLOAD_SERVICE.key, "ai_creation"))
        return Chanjing(with_models(operations, options.get(MODELS.key, ())))

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with an access token. Raises AccountError."""
        return ChanjingAuth(credential(credentials, "app_id"), credential(credentials, "secret_key"))

    def check(self) -> HttpRequest:
        """Ask for the newest task, which is free."""
        return _list_request([], 1, 1)

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return FAILURES.of_check(envelope)
        if envelope.says_done and _is_listing(envelope.data):
            return N_("Chanjing accepts the credential.")
        return make(ANOTHER_API, envelope, Asked.CHECK)

    def list_tasks(self, operation: str, page: int, size: int) -> HttpRequest:
        """Return the request for a page of up to 50 film tasks, of every model."""
        return _list_request([], max(page, 1), min(max(size, 1), _LARGEST_PAGE))

    def read_list(self, operation: str, answer: HttpAnswer) -> Sequence[Snapshot] | Failure:
        """Decode a page."""
        return read_page(_READER, answer)

    def operation_of(self, snapshot: Snapshot, listed: str) -> str:
        """Return the operation by the task's model code."""
        return BY_MODEL.get(snapshot.model or "", listed)


def _list_request(ids: Sequence[str], page: int, size: int) -> HttpRequest:
    body: JsonObject = {
        "unique_ids": list(ids),
        "type": _VIDEO,
        "page": page,
        "page_size": size,
        "is_success": False,
    }
    return HttpRequest(method="POST", path=_PAGE, body=body)


def _candidates(envelope: Envelope, ref: TaskRef) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the listed tasks that may be the one sent. A prompt that was left out cannot be compared:
    Chanjing puts in its own."""
    prompt, model = ref.request.get("ref_prompt"), ref.request.get("model_code", TX_KLING_25)
    for job in envelopes.jobs(envelope):
        info, created = job.get("motion_info"), envelopes.moment(job.get("create_time"))
        said = info.get("ref_prompt") if isinstance(info, Mapping) else None
        late = created and ref.sent_at and created >= ref.sent_at - _CLOCK_SLACK
        found = _own_id(job)
        if found and late and job.get("model_code") == model and (not prompt or said == prompt):
            yield found, job


def _own_id(job: Mapping[str, Any]) -> str | None:
    return envelopes.id_text(job.get("unique_id"))


def _is_listing(data: Any) -> bool:
    """Whether `data` is a list of tasks; an empty one may be null."""
    return (
        isinstance(data, Mapping)
        and "list" in data
        and (data["list"] is None or isinstance(data["list"], list))
    )


def _fits_a_header(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) < 8192 and value.isascii() and value.isprintable()


PROVIDER = Chanjing()
