"""The relay that resells Kling under ``/kling`` (pages kling-relay-text2video and
kling-3.0-turbo-image-to-video; FACTS 4). Times are milliseconds.

Its own errors have the shapes E2 and E3 of FACTS 4.6, those of the vendor behind it E1. Repeated external
ids are taken: nothing says that they are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random

from backend.errors import Issue
from backend.providers.contract import JsonObject
from backend.sandbox.answers import Answer, Call, RefusalError
from backend.sandbox.face import Face, Route, bearer, seconds_of
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Phase
from backend.sandbox.kling import CODES, FAILURES, WORDS, film_of, prompt_of, record

_V1 = "/kling/v1/videos"
_TURBO = "kling-3.0-turbo"
_LEGACY = ("text2video", "image2video")
_GATEWAY = "gateway"
_ERROR_OBJECT = "error object"


OWN_CODES = {
    "insufficient_user_quota": (403, "user quota is not enough", _ERROR_OBJECT),
    "pre_consume_token_quota_failed": (403, "token quota is not enough", _ERROR_OBJECT),
    "model_not_found": (503, "no available channel for this model", _ERROR_OBJECT),
    "task_failed": (400, "task failed", _GATEWAY),
    "fail_to_fetch_task": (500, "fail to fetch task", _GATEWAY),
    "do_request_failed": (500, "do request failed", _GATEWAY),
    "read_response_body_failed": (500, "read response body failed", _GATEWAY),
    "unmarshal_response_failed": (500, "unmarshal response failed", _GATEWAY),
    "build_request_failed": (
        500,
        "json: cannot unmarshal number into field duration of type string",
        _GATEWAY,
    ),
    "invalid_request": (400, "invalid request", _GATEWAY),
    "model_price_error": (500, "model price is not configured", _GATEWAY),
    "model_mapping_failed": (500, "model mapping failed", _GATEWAY),
    "task_not_exist": (400, "task_not_exist", _GATEWAY),
    "get_task_failed": (500, "get task failed", _GATEWAY),
}
"""HTTP status, words and shape by code (FACTS 4.6); the fault ``error`` shows each."""


class KlingRelay(Face):
    """The legacy text2video and image2video, and 3.0 Turbo from text and from an image."""

    name = "kling-relay"
    prefix = "/relay"
    credentials = {"api_key": "sandbox-relay-key"}  # noqa: RUF012  read only
    failures = FAILURES
    expires = True

    def routes(self) -> Sequence[Route]:
        families = {"text-to-video": self._submit_turbo_text, "image-to-video": self._submit_turbo_image}
        turbo = [
            route
            for family, submit in families.items()
            for route in (
                Route("POST", f"/kling/{family}/{_TURBO}", submit, Kind.CREATE),
                Route(
                    "GET",
                    f"/kling/{family}/{_TURBO}/{{task_id}}",
                    partial(self._query_turbo, family=family),
                    Kind.QUERY,
                ),
            )
        ]
        legacy = [
            route
            for family in _LEGACY
            for route in (
                Route("POST", f"{_V1}/{family}", partial(self._submit, family=family), Kind.CREATE),
                Route("GET", f"{_V1}/{family}/{{task_id}}", partial(self._query, family=family), Kind.QUERY),
            )
        ]
        return [*legacy, *turbo]

    def authorize(self, call: Call) -> None:
        token = bearer(call)
        if token is None:
            raise RefusalError(401, "", "No token provided", kind=_ERROR_OBJECT)
        if token != self.credentials["api_key"]:
            raise RefusalError(401, "", "Invalid token", kind=_ERROR_OBJECT)

    def refuse(self, refusal: RefusalError) -> Answer:
        trace = self.trace_id()
        payload: JsonObject = {"code": refusal.code, "message": refusal.message, "request_id": trace}
        if refusal.kind == _ERROR_OBJECT:
            message = f"{refusal.message} (request id: {trace})"
            payload = {"error": {"message": message, "type": "new_api_error", "code": refusal.code}}
        elif refusal.kind == _GATEWAY:
            payload = {"code": refusal.code, "message": refusal.message, "data": None}
        return Answer(status=refusal.status, payload=payload, headers=refusal.headers)

    def invalid(self, message: str, issue: Issue | None = None) -> RefusalError:
        if issue is None:
            return RefusalError(400, "invalid_request", message, kind=_GATEWAY)
        return RefusalError(400, 1201, message)

    def unknown_path(self, call: Call, *, other_method: bool) -> RefusalError:
        message = f"Invalid URL ({call.method} {call.path})"
        return RefusalError(405 if other_method else 404, "", message, kind=_ERROR_OBJECT)

    def rate_limited(self) -> RefusalError:
        return RefusalError(429, "rate_limit", "上游负载已饱和，请稍后再试", kind=_GATEWAY)

    def broken(self, status: int) -> RefusalError:
        return RefusalError(status, "do_request_failed", "do request failed: upstream error", kind=_GATEWAY)

    def coded(self, code: str) -> RefusalError | None:
        if code in CODES:
            return RefusalError(CODES[code][0], int(code), CODES[code][1])
        known = OWN_CODES.get(code)
        return RefusalError(known[0], code, known[1], kind=known[2]) if known else None

    def make_id(self, chance: Random, now: float, number: int) -> str:
        """Return a number of 18 digits."""
        return f"{814_000_000_000 + int(now) % 10**9}{number % 10_000:04d}{chance.randrange(100):02d}"

    def _submit(self, call: Call, family: str) -> Answer:
        body = self.checked(family, self.object_in(call))
        self._need_slot()
        job = self.make(family, body, prompt_of(body), film_of(body), body.get("external_task_id"))
        return self._succeed(record(job, self))

    def _query(self, call: Call, family: str, task_id: str) -> Answer:
        job = self.books.find(self.name, task_id) or self.books.find_external(self.name, task_id)
        return self._succeed(record(self._of(family, job), self))

    def _submit_turbo_image(self, call: Call) -> Answer:
        body = self.object_in(call)
        contents = body.get("contents")
        kinds = [item.get("type") for item in contents or [] if isinstance(item, dict)]
        if isinstance(contents, list) and "first_frame" not in kinds:
            raise self.invalid("contents must include at least one first_frame item")
        self._check_turbo(body)
        return self._make_turbo("image-to-video", body, _contents_text(body))

    def _submit_turbo_text(self, call: Call) -> Answer:
        """Take ``prompt`` or ``contents`` of prompts; missing settings get defaults (FACTS 4.3, 4.4)."""
        body = self.object_in(call)
        contents = body.get("contents")
        kinds = [item.get("type") for item in contents or [] if isinstance(item, dict)]
        if any(kind != "prompt" for kind in kinds):
            raise self.invalid("contents of text-to-video may only include prompt items")
        parts = ("prompt", "contents", "settings", "options")
        strict: JsonObject = {key: body[key] for key in parts if key in body}
        clean = self.checked("turbo-text2video", strict, unknown="refuse")
        settings = {"resolution": "720p", "aspect_ratio": "16:9", "duration": 5, **_object(body, "settings")}
        return self._make_turbo("text-to-video", {**body, "settings": settings}, clean["prompt"])

    def _check_turbo(self, body: JsonObject) -> None:
        """Further keys are allowed beside these three, but not in them (the page's additionalProperties)."""
        parts = ("contents", "settings", "options")
        strict: JsonObject = {key: body[key] for key in parts if key in body}
        self.checked("turbo-image2video", strict, unknown="refuse")

    def _make_turbo(self, family: str, body: JsonObject, prompt: str) -> Answer:
        self._need_slot()
        settings = _object(body, "settings")
        film = Film(
            seconds=seconds_of(settings.get("duration")),
            aspect=settings.get("aspect_ratio") or "16:9",
            resolution=settings.get("resolution") or "720p",
        )
        external_id = _object(body, "options").get("external_task_id")
        job = self.make(family, body, prompt, film, external_id)
        return self._succeed({"id": job.id, "status": WORDS[self.phase(job)]})

    def _query_turbo(self, call: Call, family: str, task_id: str) -> Answer:
        """Answer in the shape of FACTS 4.4: names of the new standard, words of the old one."""
        job = self._of(family, self.books.find(self.name, task_id))
        phase = self.phase(job)
        told: JsonObject = {"id": job.id, "status": WORDS[phase]}
        if phase is Phase.SUCCEEDED:
            told["task_result"] = {"videos": [{"url": self.file_url(job)}]}
        elif phase is Phase.FAILED:
            told["message"] = job.failure
        return Answer(payload={"code": 0, "data": told})

    def _of(self, operation: str, job: Job | None) -> Job:
        if job is None or job.operation != operation:
            raise RefusalError(400, "task_not_exist", "task_not_exist", kind=_GATEWAY)
        return job

    def _need_slot(self) -> None:
        if self.busy():
            raise RefusalError(429, 1303, "parallel task over resource pack limit")

    def _succeed(self, data: JsonObject) -> Answer:
        payload = {"code": 0, "message": "SUCCEED", "request_id": self.trace_id(), "data": data}
        return Answer(payload=payload)


def _object(body: JsonObject, key: str) -> JsonObject:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _contents_text(body: JsonObject) -> str:
    contents = body.get("contents")
    items = [item for item in contents if isinstance(item, dict)] if isinstance(contents, list) else []
    return " ".join(str(item["text"]) for item in items if item.get("text"))
