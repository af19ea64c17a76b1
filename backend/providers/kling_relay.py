"""A relay that resells Kling under ``/kling``. Pages: kling-relay-text2video,
kling-3.0-turbo-image-to-video; FACTS 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from backend.language import N_
from backend.models import Failure, FailureKind
from backend.providers import sources
from backend.providers.contract import (
    Auth,
    CredentialSpec,
    HttpAnswer,
    HttpRequest,
    Limits,
    Operation,
    OptionSpec,
    Provider,
)
from backend.providers.envelopes import open_envelope
from backend.providers.failures import ANOTHER_API, Asked, FailureTable, make
from backend.providers.fields import RequestModel
from backend.providers.kling_errors import RELAY_FAILURES
from backend.providers.kling_relay_fields import RelayImageToVideo, RelayTextToVideo
from backend.providers.kling_relay_turbo_fields import RelayTurboTextToVideo, TurboImageToVideo
from backend.providers.more_models import MODELS, with_models
from backend.providers.rest import JobReader, RestCodec
from backend.providers.signing import BearerAuth, credential

NO_SUCH_TASK = "reeltop-credential-check"
"""An id that no server gives: asking for it is free, and only a bad key is refused for its key."""

_ACCEPTS = N_("The relay accepts the key.")
_DOES_NOT_REFUSE = N_("The relay does not refuse the key.")

_READER = JobReader(RELAY_FAILURES)


DurationAs = Literal["number", "text"]


class RelayCodec(RestCodec):
    """The relay's page asks for ``Accept: application/json``; relays differ in more than that."""

    def __init__(
        self,
        path: str,
        *,
        external_id_at: tuple[str, ...],
        duration_as: DurationAs | None = None,
        query_path: str = "",
    ) -> None:
        """`duration_as` is the JSON type of durations, None as the page says; `query_path` a template
        with ``{id}`` and perhaps ``{kind}``, for relays that ask elsewhere than at the create path."""
        super().__init__(path, _READER, external_id_at=external_id_at)
        self._duration_as = duration_as
        self._query_path = query_path

    def create(self, request: RequestModel, external_id: str | None) -> HttpRequest:
        """Return the create request, with `external_id` where the request sets none."""
        created = super().create(request, external_id).with_header("Accept", "application/json")
        # What a request says itself goes before what the account says.
        if created.body is not None and getattr(request, "duration_as_text", None) is None:
            _convert_duration(created.body, self._duration_as)
        return created

    def _get(self, endpoint: str, task_id: str) -> HttpRequest:
        if not self._query_path:
            return super()._get(endpoint, task_id)
        kind = next((part for part in reversed(endpoint.split("/")) if part in _KINDS), "")
        path, _, query = self._query_path.partition("?")
        pairs = [
            (key, value.replace("{id}", task_id).replace("{kind}", kind)) for key, value in parse_qsl(query)
        ]
        path = path.replace("{kind}", kind).replace("{id}", quote(task_id, safe=""))
        return HttpRequest(method="GET", path=path, query=tuple(pairs))


_KINDS = frozenset({"text2video", "image2video", "text-to-video", "image-to-video"})


def _convert_duration(body: dict[str, Any], wanted: DurationAs | None) -> None:
    """Give a body's duration another JSON type, in place."""
    for holder in (body, body.get("settings")):
        if wanted is None or not isinstance(holder, dict) or "duration" not in holder:
            continue
        holder["duration"] = str(holder["duration"]) if wanted == "text" else int(holder["duration"])


DURATION_AS = OptionSpec(
    key="duration_as",
    title=N_("Duration as"),
    help=N_("the JSON type of durations; each operation's own page decides if it is not set"),
    choices=("number", "text"),
)
_TEMPLATE = r"/[!-~]*\{id\}[!-~]*"
QUERY_PATH = OptionSpec(
    key="query_path",
    title=N_("Query path"),
    help=N_("where tasks of /v1/videos are asked for, such as /kling/v1/videos/{kind}/{id}"),
    pattern=_TEMPLATE,
)
TURBO_QUERY_PATH = OptionSpec(
    key="turbo_query_path",
    title=N_("Turbo query path"),
    help=N_("where 3.0 Turbo tasks are asked for, such as /kling/tasks?task_ids={id}"),
    pattern=_TEMPLATE,
)


def _operations(
    duration_as: DurationAs | None = None, query_path: str = "", turbo_query_path: str = ""
) -> Mapping[str, Operation]:
    def legacy(path: str) -> RelayCodec:
        at = ("external_task_id",)
        return RelayCodec(path, external_id_at=at, duration_as=duration_as, query_path=query_path)

    def turbo(path: str) -> RelayCodec:
        at = ("options", "external_task_id")
        return RelayCodec(path, external_id_at=at, duration_as=duration_as, query_path=turbo_query_path)

    return {
        "text2video": Operation(
            name="text2video",
            title=N_("Text to video"),
            summary=N_("A film from a prompt, through a relay."),
            source=sources.RELAY_TEXT,
            model=RelayTextToVideo,
            codec=legacy("/kling/v1/videos/text2video"),
        ),
        "image2video": Operation(
            name="image2video",
            title=N_("Image to video"),
            summary=N_("A film from a first or last frame, through a relay."),
            source=sources.RELAY_IMAGE,
            model=RelayImageToVideo,
            codec=legacy("/kling/v1/videos/image2video"),
        ),
        "turbo-text2video": Operation(
            name="turbo-text2video",
            title=N_("3.0 Turbo, text to video"),
            summary=N_("A film of 3 to 15 seconds from a prompt, through a relay."),
            source=sources.RELAY_TURBO_TEXT,
            model=RelayTurboTextToVideo,
            codec=turbo("/kling/text-to-video/kling-3.0-turbo"),
        ),
        "turbo-image2video": Operation(
            name="turbo-image2video",
            title=N_("3.0 Turbo, image to video"),
            summary=N_("A film of 3 to 15 seconds from a first frame, through a relay."),
            source=sources.RELAY_TURBO_IMAGE,
            model=TurboImageToVideo,
            codec=turbo("/kling/image-to-video/kling-3.0-turbo"),
        ),
    }


_OPERATIONS = _operations()


class KlingRelay(Provider):
    """A relay of Kling's API."""

    name = "kling-relay"
    title = N_("Kling through a relay")
    credentials = (CredentialSpec("api_key", N_("API key"), N_("The relay's own key.")),)
    credential_sets = (("api_key",),)
    limits = Limits(concurrency=3, min_spacing=0.5, poll_first=5.0, poll_max=20.0)

    options = (MODELS, DURATION_AS, QUERY_PATH, TURBO_QUERY_PATH)

    def __init__(self, operations: Mapping[str, Operation] = _OPERATIONS) -> None:
        self._operations = operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name, the most usual first."""
        return self._operations

    def configured(self, options: Mapping[str, Any]) -> KlingRelay:
        """Return the provider as the account's relay wants to be spoken to."""
        operations = _operations(
            duration_as=options.get(DURATION_AS.key),
            query_path=options.get(QUERY_PATH.key, ""),
            turbo_query_path=options.get(TURBO_QUERY_PATH.key, ""),
        )
        return KlingRelay(with_models(operations, options.get(MODELS.key, ())))

    def auth(self, credentials: Mapping[str, str]) -> Auth:
        """Return what signs with the relay's key. Raises AccountError."""
        return BearerAuth(credential(credentials, "api_key"))

    def check(self) -> HttpRequest:
        """Ask for a task that cannot exist, which is free."""
        return HttpRequest(method="GET", path=f"/kling/v1/videos/text2video/{NO_SUCH_TASK}")

    def read_check(self, answer: HttpAnswer) -> str | Failure:
        """Return what the answer to :meth:`check` proves."""
        return read_absence(RELAY_FAILURES, _ACCEPTS, _DOES_NOT_REFUSE, answer)


def read_absence(
    failures: FailureTable, accepts: str, does_not_refuse: str, answer: HttpAnswer
) -> str | Failure:
    """Decode the answer to a question for a task that cannot exist: any reasoned no accepts the key.

    `accepts` and `does_not_refuse` are the sentences for what is proved.
    A no gives its reason in the relay's own shapes (FACTS 4.6): a code, or an object ``error``. Success
    without a task is a no, too; anything else comes from a server that is not asked for tasks.
    """
    envelope = open_envelope(answer)
    if envelope.ok:
        if envelope.says_done and not envelope.data and "data" in (envelope.body or {}):
            return accepts
        return make(ANOTHER_API, envelope, Asked.CHECK)
    is_reasoned = envelope.code is not None or isinstance((envelope.body or {}).get("error"), Mapping)
    if is_reasoned and failures.of_answer(envelope, Asked.READ).kind is FailureKind.NOT_FOUND:
        return accepts
    if is_reasoned and answer.status == 400:
        return does_not_refuse
    return failures.of_check(envelope)


PROVIDER = KlingRelay()
