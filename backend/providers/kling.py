"""Kling's official API: the legacy standard (page kling-official-image2video; FACTS 2), and with it the
operations of API 2.0 (:mod:`.kling_v2`), which have the same hosts, keys and errors."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from backend.errors import AccountError
from backend.language import N_, _
from backend.models import Failure, Quota, Snapshot
from backend.providers import envelopes, kling_quota, kling_v2, sources
from backend.providers.contract import (
    Auth,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    Provider,
    Token,
)
from backend.providers.envelopes import Envelope, open_envelope
from backend.providers.failures import ANOTHER_API, Asked, make
from backend.providers.kling_errors import KLING_FAILURES
from backend.providers.kling_fields import ImageToVideo, TextToVideo
from backend.providers.kling_omni_fields import OmniVideo
from backend.providers.more_models import MODELS, with_models
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, bearer, credential, has_all

_RETENTION = timedelta(days=30)
_TOKEN_LIFE = timedelta(seconds=1800)
_TOKEN_RENEWAL = timedelta(seconds=300)
_CLOCK_SLACK = timedelta(seconds=5)
_STALE = frozenset({"1003", "1004"})
_MOST_PAGES, _LARGEST_PAGE = 1000, 500


class KlingKeyPairAuth(Auth):
    """A JWT signed with AccessKey and SecretKey, kept until shortly before it ends (FACTS 2.2)."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        self._access_key = access_key
        self._secret_key = secret_key
        self._token: Token | None = None

    def token(self, now: datetime) -> Token:
        """Return a token that is good for minutes from `now`."""
        if self._token is None or now >= self._token.expires_at:
            self._token = Token(value=self._jwt(now), expires_at=now + _TOKEN_LIFE - _TOKEN_RENEWAL)
        return self._token

    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        """Return `request` with the token on it. Raises AccountError for API 2.0, which takes none."""
        if kling_v2.is_v2(request.path):
            raise AccountError(_("Kling's API 2.0 takes an API key only: set api_key for this account"))
        return request if token is None else bearer(request, token.value)

    def is_stale(self, answer: HttpAnswer) -> bool:
        """Whether Kling says that the token is not valid yet or no longer; then it is dropped."""
        stale = open_envelope(answer).code in _STALE
        if stale:
            self._token = None
        return stale

    def _jwt(self, now: datetime) -> str:
        import jwt  # slow to import, and needless for accounts with an API key

        claims = {
            "iss": self._access_key,
            "exp": int((now + _TOKEN_LIFE).timestamp()),
            "nbf": int((now - _CLOCK_SLACK).timestamp()),
        }
        with warnings.catch_warnings():  # the length of the key is Kling's choice
            warnings.filterwarnings("ignore", message="The HMAC key is")
            return jwt.encode(claims, self._secret_key, algorithm="HS256")


_READER = JobReader(KLING_FAILURES, retention=_RETENTION)


def _codec(path: str) -> RestCodec:
    return RestCodec(path, _READER, external_id_at=("external_task_id",), exact_ids=True)


_OPERATIONS: Mapping[str, Operation] = {
    "text2video": Operation(
        name="text2video",
        title=N_("Text to video"),
        summary=N_("A film from a prompt, with any model of Kling's legacy standard."),
        source=sources.KLING_TEXT,
        model=TextToVideo,
        codec=_codec("/v1/videos/text2video"),
    ),
    "image2video": Operation(
        name="image2video",
        title=N_("Image to video"),
        summary=N_("A film from a first or last frame, with motion brush or camera control."),
        source=sources.KLING_IMAGE,
        model=ImageToVideo,
        codec=_codec("/v1/videos/image2video"),
    ),
    "omni-video": Operation(
        name="omni-video",
        title=N_("Omni video"),
        summary=N_("A film from a prompt that names pictures, a film or elements, or edits a film."),
        source=sources.KLING_OMNI,
        model=OmniVideo,
        codec=_codec("/v1/videos/omni-video"),
    ),
    **kling_v2.OPERATIONS,
}


class Kling(Provider):
    """Kling's official API."""

    name = "kling"
    title = N_("Kling official")
    base_urls: ClassVar[Mapping[str, str]] = {
        "singapore": "https://api-singapore.klingai.com",
        "beijing": "https://api-beijing.klingai.com",
    }
    regions: ClassVar[Mapping[str, str]] = {"singapore": N_("Singapore"), "beijing": N_("Beijing")}
    credentials = (
        CredentialSpec("api_key", N_("API key"), N_("From Kling's console; goes with one region's host.")),
        CredentialSpec(
            "access_key", N_("AccessKey"), N_("The older kind of key, together with a SecretKey.")
        ),
        CredentialSpec(
            "secret_key", N_("SecretKey"), N_("Signs a token for half an hour; it is never sent.")
        ),
    )
    credential_sets = (("api_key",), ("access_key", "secret_key"))
    limits = Limits(concurrency=5, min_spacing=0.2, poll_first=5.0, poll_max=20.0)
    options = (MODELS,)
    refuses_duplicates = True
    retention = _RETENTION

    def __init__(self, operations: Mapping[str, Operation] = _OPERATIONS) -> None:
        self._operations = operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return self._operations

    def configured(self, options: Mapping[str, Any]) -> Kling:
        """Return the provider with more models."""
        return Kling(with_models(_OPERATIONS, options.get(MODELS.key, ())))

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with an API key, or with AccessKey and SecretKey. Raises AccountError."""
        if not has_all(credentials, ("api_key",)) and has_all(credentials, ("access_key", "secret_key")):
            return KlingKeyPairAuth(
                credential(credentials, "access_key"), credential(credentials, "secret_key")
            )
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        """Ask for the newest task, which is free."""
        return _legacy_page("text2video", 1, 1)

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return KLING_FAILURES.of_check(envelope)
        if envelope.says_done and _is_page(envelope):
            return N_("Kling accepts the credential at this host.")
        return make(ANOTHER_API, envelope, Asked.CHECK)

    def quota(self, now: datetime) -> HttpRequest:
        """Ask for the resource packs."""
        return kling_quota.ask(now)

    def read_quota(self, answer: HttpAnswer) -> tuple[Quota, ...] | Failure:
        """Decode the resource packs."""
        return kling_quota.read(answer)

    def list_tasks(self, operation: str, page: int, size: int) -> HttpRequest | None:
        """Return the request for a page; Kling has pages 1 to 1000 of up to 500 tasks, or a cursor."""
        if operation in kling_v2.OPERATIONS:
            return kling_v2.list_request(size) if page <= 1 else None
        return _legacy_page(operation, page, size)

    def next_page(self, operation: str, answer: HttpAnswer, size: int) -> HttpRequest | None:
        """Return the request for what follows, in API 2.0."""
        cursor = kling_v2.next_cursor(answer)
        return kling_v2.list_request(size, cursor) if cursor else None

    def read_list(self, operation: str, answer: HttpAnswer) -> Sequence[Snapshot] | Failure:
        """Decode a page; it is the last one if it is short."""
        return read_page(_READER, answer)


def _legacy_page(operation: str, page: int, size: int) -> HttpRequest:
    number, length = min(max(page, 1), _MOST_PAGES), min(max(size, 1), _LARGEST_PAGE)
    return HttpRequest(
        method="GET",
        path=f"/v1/videos/{operation}",
        query=(("pageNum", str(number)), ("pageSize", str(length))),
    )


def _is_page(envelope: Envelope) -> bool:
    """Whether an answer holds a list of tasks; an empty one may be null."""
    if envelope.data is None:
        return envelope.body is not None and "data" in envelope.body
    return isinstance(envelope.data, list) and all(isinstance(job, Mapping) for job in envelope.data)


def read_page(reader: JobReader, answer: HttpAnswer) -> Sequence[Snapshot] | Failure:
    """Decode a page of tasks; entries without an id are left out."""
    envelope = open_envelope(answer)
    if not envelope.ok:
        return reader.failures.of_answer(envelope, Asked.CHECK)
    found = ((job, envelopes.job_ids(job)) for job in envelopes.jobs(envelope))
    return tuple(reader.snapshot(job, ids[0], envelope) for job, ids in found if ids)


PROVIDER = Kling()
