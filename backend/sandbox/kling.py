"""Kling's official legacy standard (page kling-official-image2video; FACTS 2). Times are milliseconds.

Strict: the model rules, 1303 above the concurrency, a duplicate external id refused account-wide, a query in
the wrong family not found. Keys: the API key, or a JWT made from access key and secret key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import jwt
from jwt.types import Options

from backend.errors import Issue
from backend.providers.contract import JsonObject
from backend.sandbox.answers import Answer, Call, RefusalError
from backend.sandbox.face import Face, Route, bearer, seconds_of
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Phase
from backend.sandbox.kling_account import AccountDesk
from backend.sandbox.kling_v2 import V2Desk, is_v2_path

WORDS = {
    Phase.QUEUED: "submitted",
    Phase.RUNNING: "processing",
    Phase.SUCCEEDED: "succeed",
    Phase.FAILED: "failed",
}
FAMILIES = ("text2video", "image2video", "omni-video")
FAILURES = (
    "Failure to pass the risk control system",
    "Failure to pass the risk control system",
    "Image is not accessible, please check the URL",
    "Service busy, please try again later",
)

CODES = {
    "1000": (401, "Authentication failed"),
    "1001": (401, "Authorization is empty"),
    "1002": (401, "Authorization is invalid"),
    "1003": (401, "Authorization is not yet valid"),
    "1004": (401, "Authorization has expired"),
    "1100": (429, "Account exception"),
    "1101": (429, "Account in arrears (postpaid scenario)"),
    "1102": (429, "Resource pack depleted or expired (prepaid scenario)"),
    "1103": (403, "Unauthorized access to requested resource, such as API/model"),
    "1200": (400, "Invalid request parameters"),
    "1201": (400, "Invalid parameters, such as incorrect key or illegal value"),
    "1202": (404, "The requested method is invalid"),
    "1203": (404, "The requested resource does not exist, such as the model"),
    "1300": (400, "Trigger strategy of the platform"),
    "1301": (400, "Trigger the content security policy of the platform"),
    "1302": (429, "API request too fast"),
    "1303": (429, "parallel task over resource pack limit"),
    "1304": (429, "Trigger the platform's IP whitelisting policy"),
    "5000": (500, "Server internal error"),
    "5001": (503, "Server temporarily unavailable"),
    "5002": (504, "Server internal timeout"),
}
"""HTTP status and words by code (FACTS 2.10); the fault ``error`` shows each."""

_EPOCH = 1_600_000_000
_DEFAULT_MODELS = {"omni-video": "kling-video-o1"}
_DEFAULT_MODES = {"omni-video": "pro"}
_OLDEST_MODEL = "kling-v1"
_PAGES = (1, 1000)
_PAGE_SIZES = (1, 500)
_UNITS_PER_SECOND = {"std": 0.4, "pro": 0.7, "4k": 1.2}


class Kling(Face):
    """``/v1/videos/{text2video,image2video,omni-video}``, and API 2.0 beside it."""

    name = "kling"
    prefix = "/kling"
    credentials = {  # noqa: RUF012  read only
        "api_key": "sandbox-kling-key",
        "access_key": "sandbox-kling-access-key",
        "secret_key": "sandbox-kling-secret-key-that-opens-nothing",
    }
    failures = FAILURES
    expires = True

    def routes(self) -> Sequence[Route]:
        legacy = [
            route
            for family in FAMILIES
            for route in (
                Route("POST", f"/v1/videos/{family}", partial(self._submit, family=family), Kind.CREATE),
                Route("GET", f"/v1/videos/{family}", partial(self._list, family=family), Kind.QUERY),
                Route(
                    "GET", f"/v1/videos/{family}/{{task_id}}", partial(self._query, family=family), Kind.QUERY
                ),
            )
        ]
        account = AccountDesk(self, self._spent, self._succeed)
        return [*legacy, *V2Desk(self).routes(), *account.routes()]

    def authorize(self, call: Call) -> None:
        token = bearer(call)
        if token is None:
            raise RefusalError(401, 1001, "Authorization is empty")
        if token != self.credentials["api_key"]:
            self._check_jwt(token)
            if is_v2_path(call.path):
                raise RefusalError(401, 1002, "Authorization is invalid: this API takes API keys only")

    def refuse(self, refusal: RefusalError) -> Answer:
        payload = {"code": refusal.code, "message": refusal.message, "request_id": self.trace_id()}
        return Answer(status=refusal.status, payload=payload, headers=refusal.headers)

    def invalid(self, message: str, issue: Issue | None = None) -> RefusalError:
        return RefusalError(400, 1200 if issue is None else 1201, message)

    def unknown_path(self, call: Call, *, other_method: bool) -> RefusalError:
        if other_method:
            return RefusalError(404, 1202, f"The requested method {call.method} is invalid")
        return RefusalError(404, 1203, f"The requested resource {call.path} does not exist")

    def rate_limited(self) -> RefusalError:
        return RefusalError(429, 1302, "too many requests, please slow down")

    def broken(self, status: int) -> RefusalError:
        code, message = {
            503: (5001, "Server is temporarily unavailable, usually due to maintenance"),
            504: (5002, "Server internal timeout, usually due to a backlog"),
        }.get(status, (5000, "Internal server error"))
        return RefusalError(status, code, message)

    def coded(self, code: str) -> RefusalError | None:
        known = CODES.get(code)
        return RefusalError(known[0], int(code), known[1]) if known else None

    def make_id(self, chance: Random, now: float, number: int) -> str:
        """Return a number of 18 digits that grows with time, too long for a double."""
        ticks = 860_000_000_000 + int((now - _EPOCH) * 100)
        return f"{ticks}{number % 10_000:04d}{chance.randrange(100):02d}"

    def _submit(self, call: Call, family: str) -> Answer:
        body = self.checked(family, self.object_in(call))
        external_id = body.get("external_task_id") or None
        if external_id and self.books.find_external(self.name, external_id):
            raise RefusalError(400, 1201, f"external_task_id already exists: {external_id}")
        # The former key `model` counts as no model at all: V1.
        model = body.get("model_name") or _DEFAULT_MODELS.get(family, _OLDEST_MODEL)
        if self.busy(model):
            raise RefusalError(429, 1303, "parallel task over resource pack limit")
        mode = body.get("mode") or _DEFAULT_MODES.get(family, "std")
        film = film_of({**body, "mode": mode})
        job = self.make(family, {**body, "model_name": model}, prompt_of(body), film, external_id)
        return self._succeed(record(job, self))

    def _query(self, call: Call, family: str, task_id: str) -> Answer:
        job = self.books.find(self.name, task_id) or self.books.find_external(self.name, task_id)
        if job is None or job.operation != family:
            raise RefusalError(400, 1201, f"Task not found by id: {task_id}")
        return self._succeed(record(job, self))

    def _list(self, call: Call, family: str) -> Answer:
        page = self._number(call, "pageNum", 1, _PAGES)
        size = self._number(call, "pageSize", 30, _PAGE_SIZES)
        jobs = [job for job in self.books.newest(self.name) if job.operation == family]
        return self._succeed([record(job, self) for job in jobs[(page - 1) * size : page * size]])

    def _spent(self) -> Decimal:
        made = (job for job in self.books.newest(self.name) if self.phase(job) is Phase.SUCCEEDED)
        return sum((Decimal(f"{_units(job):g}") for job in made), Decimal(0))

    def _number(self, call: Call, key: str, default: int, limits: tuple[int, int]) -> int:
        text = call.query.get(key, str(default))
        if not text.isdecimal() or len(text) > 9 or not limits[0] <= int(text) <= limits[1]:
            raise RefusalError(
                400, 1201, f"{key} value '{text}' is invalid, must be {limits[0]} to {limits[1]}"
            )
        return int(text)

    def _succeed(self, data: Any) -> Answer:
        payload = {"code": 0, "message": "SUCCEED", "request_id": self.trace_id(), "data": data}
        return Answer(payload=payload)

    def _check_jwt(self, token: str) -> None:
        """Check a JWT as FACTS 2.2 wants it made, by the sandbox's clock. Raises RefusalError."""
        options: Options = {
            "require": ["iss", "exp"],
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        }
        try:
            claims = jwt.decode(
                token,
                self.credentials["secret_key"],
                algorithms=["HS256"],
                options=options,
            )
        except jwt.InvalidSignatureError:
            raise RefusalError(401, 1000, "signature is invalid") from None
        except jwt.MissingRequiredClaimError as error:
            raise RefusalError(401, 1000, f"token has no {error.claim}") from None
        except jwt.InvalidTokenError:
            raise RefusalError(401, 1002, "Authorization is invalid") from None
        if claims["iss"] != self.credentials["access_key"]:
            raise RefusalError(401, 1002, "access key not found")
        self._check_times(claims)

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        try:
            not_before, expires = float(claims.get("nbf", 0)), float(claims["exp"])
        except (TypeError, ValueError):
            raise RefusalError(401, 1000, "exp and nbf must be Unix seconds") from None
        if self.now < not_before:
            raise RefusalError(401, 1003, "Authorization is not yet valid, check the token's nbf")
        if self.now >= expires:
            raise RefusalError(401, 1004, "Authorization has expired, check the token's exp")


def record(job: Job, face: Face) -> JsonObject:
    """Return a task as the legacy standard tells of it."""
    phase = face.phase(job)
    told: JsonObject = {
        "task_id": job.id,
        "task_status": WORDS[phase],
        "task_info": {"external_task_id": job.external_id} if job.external_id else {},
        "created_at": milliseconds(job.created),
        "updated_at": milliseconds(job.updated(face.now)),
    }
    if phase is Phase.SUCCEEDED:
        told["task_status_msg"] = ""
        told["task_result"] = {"videos": [_video(job, face)]}
        told["final_unit_deduction"] = f"{_units(job):g}"
    elif phase is Phase.FAILED:
        told["task_status_msg"] = job.failure
    return told


def milliseconds(seconds: float) -> int:
    """Return Unix milliseconds."""
    return int(seconds * 1000)


def prompt_of(body: Mapping[str, Any]) -> str:
    """Return all that a body's prompts say."""
    shots = body.get("multi_prompt") if isinstance(body.get("multi_prompt"), list) else []
    parts = [body.get("prompt"), *(shot.get("prompt") for shot in shots or [] if isinstance(shot, dict))]
    return " ".join(part for part in parts if isinstance(part, str) and part)


def film_of(body: Mapping[str, Any]) -> Film:
    """Return what a legacy body asks to be made. The shape of an image is not looked at."""
    return Film(
        seconds=seconds_of(body.get("duration")),
        aspect=body.get("aspect_ratio") or "16:9",
        resolution={"pro": "1080p", "4k": "4k"}.get(body.get("mode") or "std", "720p"),
    )


def _video(job: Job, face: Face) -> JsonObject:
    video = {"id": f"v-{job.token[:16]}", "url": face.file_url(job), "duration": f"{job.film.seconds:.1f}"}
    marked = job.request.get("watermark_info")
    if isinstance(marked, dict) and marked.get("enabled"):
        video["watermark_url"] = face.file_url(job, "-watermark")
    return video


def _units(job: Job) -> float:
    return _UNITS_PER_SECOND.get(job.request.get("mode") or "std", 0.4) * job.film.seconds
