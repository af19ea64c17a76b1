"""The OpenAI-style gateway (page openai-style-v1-videos; FACTS 5). Times are seconds.

With its oddities: `model` in answers is a billing tier, `task_id` differs from `id` once a job runs,
`progress` stays 0 until the end and `completed_at` is there before it (FACTS 5.6). The list, DELETE and
remix are OpenAI's own, because clients made for OpenAI call them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import dropwhile, islice
from random import Random
from typing import Any

from backend.errors import Issue
from backend.providers.contract import JsonObject
from backend.providers.openai_video_scenes import ALSO_USED, MODELS
from backend.sandbox.answers import Answer, Call, FileAnswer, RefusalError
from backend.sandbox.face import Face, Route, bearer, seconds_of
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Phase

_WORDS = {
    Phase.QUEUED: "queued",
    Phase.RUNNING: "in_progress",
    Phase.SUCCEEDED: "completed",
    Phase.FAILED: "failed",
}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LIST_LIMITS = (1, 100)
_TASK_ERROR = "task error"
_SERVER_ERROR = "server_error"
_INVALID_REQUEST = "invalid_request_error"
_MODELS = frozenset({*MODELS, *ALSO_USED})
_VARIANTS = ("", "video")
_STRUCTURED = frozenset({"metadata", "output_config", "file_infos", "content", "images"})
"""What a form may hold as JSON."""
_SIDES = {"720p": (720, 1280), "1080p": (1080, 1920)}

CODES = {
    "insufficient_user_quota": (403, "用户额度不足"),
    "pre_consume_token_quota_failed": (403, "令牌额度不足"),
    "model_not_found": (503, "No available channel for this model under group default"),
    "task_failed": (400, "参数错误"),
    "fail_to_fetch_task": (500, "fail to fetch task"),
    "do_request_failed": (500, "do request failed"),
    "read_response_body_failed": (500, "read response body failed"),
    "unmarshal_response_failed": (500, "unmarshal response failed"),
    "build_request_failed": (500, "build request failed"),
    "invalid_request": (400, "invalid request"),
    "model_price_error": (500, "model price error"),
    "model_mapping_failed": (500, "model mapping failed"),
    "task_not_exist": (400, "task_not_exist"),
    "get_task_failed": (500, "get task failed"),
    "rate_limit_exceeded": (429, "当前分组上游负载已饱和，请稍后再试"),
}
"""HTTP status and words by code (FACTS 4.6); the fault ``error`` shows each."""


class OpenAIVideo(Face):
    """``/v1/videos``."""

    name = "openai-video"
    prefix = "/openai"
    credentials = {"api_key": "sandbox-openai-key"}  # noqa: RUF012  read only
    failures = (
        "参数错误：参考视频 URL 无法访问",
        "内容合规检测未通过：输入包含敏感信息",
        "tencent_vod: task ABORTED, no output file",
    )

    def routes(self) -> Sequence[Route]:
        return [
            Route("POST", "/v1/videos", self._create, Kind.CREATE),
            Route("GET", "/v1/videos", self._list, Kind.QUERY),
            Route("GET", "/v1/videos/{task_id}", self._query, Kind.QUERY),
            Route("DELETE", "/v1/videos/{task_id}", self._delete),
            Route("POST", "/v1/videos/{task_id}/remix", self._remix, Kind.CREATE),
            Route("GET", "/v1/videos/{task_id}/content", self._content, Kind.FILE),
            Route("HEAD", "/v1/videos/{task_id}/content", self._content, Kind.FILE),
        ]

    def authorize(self, call: Call) -> None:
        token = bearer(call)
        if not token:
            raise RefusalError(401, "", "未提供令牌")
        if token.removeprefix("sk-") != self.credentials["api_key"]:
            raise RefusalError(401, "", "无效的令牌")

    def refuse(self, refusal: RefusalError) -> Answer:
        """Give E2 of FACTS 4.6 to task errors, E3 to all else."""
        payload: JsonObject = {"code": refusal.code, "message": refusal.message, "data": None}
        if refusal.kind != _TASK_ERROR:
            message = f"{refusal.message} (request id: {self.trace_id()})"
            kind = refusal.kind or "new_api_error"
            payload = {"error": {"message": message, "type": kind, "param": "", "code": refusal.code}}
        return Answer(status=refusal.status, payload=payload, headers=refusal.headers)

    def invalid(self, message: str, issue: Issue | None = None) -> RefusalError:
        return RefusalError(400, "invalid_request", message, kind=_TASK_ERROR)

    def unknown_path(self, call: Call, *, other_method: bool) -> RefusalError:
        message = f"Invalid URL ({call.method} {call.path})"
        return RefusalError(405 if other_method else 404, "", message, kind=_INVALID_REQUEST)

    def rate_limited(self) -> RefusalError:
        return RefusalError(429, "rate_limit_exceeded", "当前分组上游负载已饱和，请稍后再试")

    def broken(self, status: int) -> RefusalError:
        return RefusalError(status, "do_request_failed", "do request failed", kind=_SERVER_ERROR)

    def coded(self, code: str) -> RefusalError | None:
        known = CODES.get(code)
        return RefusalError(known[0], code, known[1], kind=_TASK_ERROR) if known else None

    def make_id(self, chance: Random, now: float, number: int) -> str:
        """Return ``task_`` and 32 letters and digits."""
        return "task_" + "".join(chance.choices(_LETTERS, k=32))

    def _create(self, call: Call) -> Answer:
        """Take JSON, or a form (``multipart/form-data`` too) whose values are texts."""
        given = self.object_in(call, json_only=False)
        body = self.checked("generate", given if call.sends_json else _unfolded(given), typed=call.sends_json)
        if str(body["model"]).lower() not in _MODELS:
            message = f"No available channel for model {body['model']} under group default"
            raise RefusalError(503, "model_not_found", message)
        if self.busy():
            raise self.rate_limited()
        job = self.make("generate", body, _prompt(body), _film(body))
        return Answer(payload=self._object(job))

    def _remix(self, call: Call, task_id: str) -> Answer:
        """Make a film like another, with another prompt."""
        source = self._find(task_id)
        given = {**self.object_in(call, json_only=False), "video_id": task_id}
        body = self.checked("remix", given, typed=call.sends_json)
        if self.phase(source) is not Phase.SUCCEEDED:
            message = f"Task is not completed yet, current status: {_WORDS[self.phase(source)]}"
            raise RefusalError(400, "", message, kind=_INVALID_REQUEST)
        if self.busy():
            raise self.rate_limited()
        request = {"model": source.request.get("model", ""), **body}
        job = self.make("remix", request, body["prompt"], source.film)
        return Answer(payload=self._object(job))

    def _query(self, call: Call, task_id: str) -> Answer:
        return Answer(payload=self._object(self._find(task_id)))

    def _list(self, call: Call) -> Answer:
        limit = call.query.get("limit", "20")
        if not limit.isdecimal() or not _LIST_LIMITS[0] <= int(limit[:9]) <= _LIST_LIMITS[1]:
            raise RefusalError(
                400, "", f"limit must be {_LIST_LIMITS[0]} to {_LIST_LIMITS[1]}", kind=_INVALID_REQUEST
            )
        jobs = list(self.books.newest(self.name))
        if call.query.get("order") == "asc":
            jobs.reverse()
        after = call.query.get("after")
        if after:
            jobs = list(islice(dropwhile(lambda job: job.id != after, jobs), 1, None))
        page = [self._object(job) for job in jobs[: int(limit)]]
        ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        has_more = len(jobs) > len(page)
        return Answer(payload={"object": "list", "data": page, **ends, "has_more": has_more})

    def _delete(self, call: Call, task_id: str) -> Answer:
        job = self._find_plainly(task_id)
        if not self.phase(job).is_final:
            raise RefusalError(400, "", "Only finished videos can be deleted", kind=_INVALID_REQUEST)
        self.books.delete(job)
        return Answer(payload={"id": job.id, "object": "video.deleted", "deleted": True})

    def _content(self, call: Call, task_id: str) -> FileAnswer:
        job = self._find_plainly(task_id)
        if call.query.get("variant", "") not in _VARIANTS:
            raise RefusalError(400, "", "Only the variant video is offered", kind=_INVALID_REQUEST)
        if self.phase(job) is not Phase.SUCCEEDED:
            message = f"Task is not completed yet, current status: {_WORDS[self.phase(job)]}"
            raise RefusalError(400, "", message, kind=_INVALID_REQUEST)
        return FileAnswer(job, {"cache-control": "public, max-age=86400"})

    def _find(self, task_id: str) -> Job:
        job = self.books.find(self.name, task_id)
        if job is None:
            raise RefusalError(400, "task_not_exist", "task_not_exist", kind=_TASK_ERROR)
        return job

    def _find_plainly(self, task_id: str) -> Job:
        """Find a job as the content endpoint does, which has errors of its own (FACTS 5.5)."""
        job = self.books.find(self.name, task_id)
        if job is None:
            raise RefusalError(404, "", "Task not found", kind=_INVALID_REQUEST)
        return job

    def _object(self, job: Job) -> JsonObject:
        phase = self.phase(job)
        told: JsonObject = {
            "id": job.id,
            "task_id": job.id if phase is Phase.QUEUED else f"task_{job.token}{job.token[:8]}",
            "object": "video",
            "model": _tier(job.request, job.film),
            "status": _WORDS[phase],
            "progress": 100 if phase.is_final else 0,
            "created_at": int(job.created),
        }
        if job.operation == "remix":
            told["remixed_from_video_id"] = job.request.get("video_id")
        if phase is not Phase.QUEUED:
            told["completed_at"] = int(job.updated(self.now))
        if phase is Phase.SUCCEEDED:
            width, height = _size(job.film)
            told |= {"seconds": f"{job.film.seconds:g}", "size": f"{width}x{height}"}
            told["video_url"] = self.file_url(job)
        elif phase is Phase.FAILED:
            told["error"] = {"code": "task_failed", "message": job.failure}
        return told


def _unfolded(form: Any, name: str = "") -> Any:
    """Return a form in which the values that are no plain texts may be JSON; a prompt never is."""
    if isinstance(form, dict):
        return {key: _unfolded(value, key) for key, value in form.items()}
    if name in _STRUCTURED and isinstance(form, str):
        try:
            return _unfolded(json.loads(form))
        except (ValueError, RecursionError):
            return form
    return form


def _prompt(body: Mapping[str, Any]) -> str:
    content = body.get("content")
    items = [item for item in content if isinstance(item, dict)] if isinstance(content, list) else []
    texts = [body.get("prompt"), *(item.get("text") for item in items), _first_shot(body)]
    return " ".join(text for text in texts if isinstance(text, str) and text)


def _first_shot(body: Mapping[str, Any]) -> str:
    """Return the prompt of the first shot in ``ext_info``."""
    try:
        inside = json.loads(json.loads(_part(body, "metadata")["ext_info"])["AdditionalParameters"])
        return str(inside["multi_prompt"][0]["prompt"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""


def _part(body: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = body.get(key)
        body = inner if isinstance(inner, dict) else {}
    return body


def _film(body: Mapping[str, Any]) -> Film:
    """Read length, shape and size by the page's orders of precedence."""
    metadata, output = _part(body, "metadata"), _part(body, "metadata", "output_config")
    times = [metadata.get(key) for key in ("seconds", "duration", "video_duration")]
    size = str(body.get("size") or "").lower()
    width, _, height = size.partition("x")
    aspect, resolution = "16:9", size if size.endswith("p") else "720p"
    if width.isdecimal() and height.isdecimal() and len(size) < 12:
        sides = int(width), int(height)
        aspect = "1:1" if sides[0] == sides[1] else "9:16" if sides[0] < sides[1] else "16:9"
        resolution = "1080p" if min(sides) >= _SIDES["1080p"][0] else "720p"
    return Film(
        seconds=seconds_of(body.get("seconds"), body.get("duration"), *times),
        aspect=output.get("aspect_ratio") or aspect,
        resolution=str(output.get("resolution") or metadata.get("resolution") or resolution).lower(),
    )


def _size(film: Film) -> tuple[int, int]:
    short, long = _SIDES.get(film.resolution, _SIDES["720p"])
    return {"9:16": (short, long), "1:1": (short, short)}.get(film.aspect, (long, short))


def _tier(request: Mapping[str, Any], film: Film) -> str:
    """Return the billing tier that a request falls into, named as in the page's answers."""
    metadata, output = _part(request, "metadata"), _part(request, "metadata", "output_config")
    parts = [str(request.get("model", "")).lower()]
    if metadata.get("scene_type") == "motion_control":
        asked = (request.get("mode"), metadata.get("mode"), metadata.get("motion_level"))
        level = "pro" if "pro" in asked else "std"
        return "-".join((*parts, "motion", level, film.resolution))
    parts.append(film.resolution)
    if "omni" in parts[0]:
        referred = request.get("images") or metadata.get("video_url") or metadata.get("file_infos")
        parts.append("ref" if referred else "noref")
    loud = output.get("audio_generation") or metadata.get("audio_generation") or metadata.get("audio")
    parts.append("audio" if loud in ("Enabled", True) else "mute")
    return "-".join(parts)
