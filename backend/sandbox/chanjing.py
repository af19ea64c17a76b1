"""Chanjing (page chanjing-tx-kling2.5; FACTS 1). Times are seconds; errors come in HTTP 200.

A new access token kills the one before it, and `expire_in` is a time, not a span. Uploaded pictures are kept
in memory, the newest few; they are ready a while after they came.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from random import Random
from typing import Any

from backend.errors import Issue
from backend.providers.chanjing import BY_MODEL
from backend.providers.contract import JsonObject
from backend.sandbox.answers import Answer, Call, RefusalError
from backend.sandbox.chanjing_files import Files
from backend.sandbox.face import Face, Route, Studio, seconds_of
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Phase

_VIDEO = 4
_TYPES = (3, _VIDEO)
_MOST_IDS = 50
_LARGEST_PAGE = 50
_TOKEN_SECONDS = 24 * 3600.0
CODES = {
    "400": "传入参数格式错误",
    "10400": "AccessToken验证失败",
    "10401": "AccessToken已失效",
    "40000": "参数错误",
    "40001": "超出QPS限制",
    "50000": "系统内部错误",
}
"""Words by code (FACTS 1.8); the fault ``error`` shows each."""


class Chanjing(Face):
    """``/open/v1``: access token, submit, one task, a page of tasks, upload of pictures."""

    name = "chanjing"
    prefix = "/chanjing"
    credentials = {  # noqa: RUF012  read only
        "app_id": "sandbox-chanjing-app",
        "secret_key": "sandbox-chanjing-secret",
    }
    failures = (
        "参考图片 URL 无法访问，本次生成不扣费",
        "内容审核未通过，本次生成不扣费",
        "扣费失败：蝉豆余额不足",
    )

    def __init__(self, studio: Studio, concurrency: int) -> None:
        self._token: tuple[str, float] | None = None
        self._files = Files(lambda: f"{studio.root()}{self.prefix}", lambda: self.now)
        super().__init__(studio, concurrency)

    def routes(self) -> Sequence[Route]:
        task = "/open/v1/ai_creation/task"
        return [
            Route("POST", "/open/v1/access_token", self._make_token, is_open=True),
            Route("POST", f"{task}/submit", self._submit, Kind.CREATE),
            Route("GET", task, self._query, Kind.QUERY),
            Route("POST", f"{task}/page", self._page, Kind.QUERY),
            Route("GET", "/open/v1/common/create_upload_url", self._make_slot),
            Route("GET", "/open/v1/common/file_detail", self._file_detail),
            Route("PUT", "/uploads/{key}", self._files.put, is_open=True),
            Route("GET", "/uploads/{key}", self._files.get, is_open=True),
        ]

    def authorize(self, call: Call) -> None:
        given = call.headers.get("access_token", "")
        if self._token is None or given != self._token[0] or self.now >= self._token[1]:
            raise RefusalError(200, 10400, "AccessToken验证失败")

    def refuse(self, refusal: RefusalError) -> Answer:
        payload = {
            "trace_id": self.trace_id().replace("-", ""),
            "code": refusal.code,
            "msg": refusal.message,
            "data": None,
        }
        return Answer(status=refusal.status, payload=payload, headers=refusal.headers)

    def invalid(self, message: str, issue: Issue | None = None) -> RefusalError:
        if issue is None:
            return RefusalError(200, 400, f"传入参数格式错误：{message}")
        if issue.field == "model_code":
            return RefusalError(200, 40000, "参数错误：模型不存在")
        return RefusalError(200, 40000, f"参数错误：{message}")

    def unknown_path(self, call: Call, *, other_method: bool) -> RefusalError:
        status = 405 if other_method else 404
        return RefusalError(status, status, "method not allowed" if other_method else "not found")

    def rate_limited(self) -> RefusalError:
        return RefusalError(200, 40001, "超出QPS限制")

    def broken(self, status: int) -> RefusalError:
        return RefusalError(200 if status == 500 else status, 50000, "系统内部错误")

    def coded(self, code: str) -> RefusalError | None:
        words = CODES.get(code)
        return RefusalError(200, int(code), words) if words else None

    def make_id(self, chance: Random, now: float, number: int) -> str:
        """Return a UUID."""
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    def _make_token(self, call: Call) -> Answer:
        body = self.object_in(call)
        if any(body.get(key) != value for key, value in self.credentials.items()):
            raise RefusalError(200, 10400, "app_id或secret_key错误")
        self._token = (secrets.token_hex(32), self.now + _TOKEN_SECONDS)
        return self._succeed({"access_token": self._token[0], "expire_in": int(self._token[1])})

    def _submit(self, call: Call) -> Answer:
        body = self.object_in(call)
        for key in ("creation_type", "model_code"):
            if key not in body:
                raise RefusalError(200, 40000, f"参数错误：{key} required")
        operation = BY_MODEL.get(str(body["model_code"]))
        if operation is None:
            raise RefusalError(200, 40000, "参数错误：模型不存在")
        body = self.checked(operation, body)
        if self.busy():
            raise self.rate_limited()
        clarity = body.get("clarity") or 720
        film = Film(
            seconds=seconds_of(body.get("video_duration")),
            aspect=body.get("aspect_ratio") or "16:9",
            resolution="1080p" if clarity >= 1080 else "720p",
        )
        job = self.make(operation, body, body.get("ref_prompt") or "", film)
        return self._succeed(job.id)

    def _make_slot(self, call: Call) -> Answer:
        for key in ("service", "name"):
            if not call.query.get(key):
                raise RefusalError(200, 40000, f"参数错误：{key} required")
        return self._succeed(self._files.make_slot(call.query["name"]))

    def _file_detail(self, call: Call) -> Answer:
        return self._succeed(self._files.detail(call.query.get("id", "")))

    def _query(self, call: Call) -> Answer:
        job = self.books.find(self.name, call.query.get("unique_id", ""))
        if job is None:
            raise RefusalError(200, 40000, "参数错误：任务不存在")
        return self._succeed(self._item(job))

    def _page(self, call: Call) -> Answer:
        body = self.object_in(call)
        if body.get("type") not in _TYPES:
            raise RefusalError(200, 40000, "参数错误：type required, 3 or 4")
        ids = body.get("unique_ids") or []
        if not isinstance(ids, list) or len(ids) > _MOST_IDS:
            raise RefusalError(200, 40000, f"参数错误：unique_ids must be a list of at most {_MOST_IDS}")
        page = _whole(body, "page", 1, 10**6)
        size = _whole(body, "page_size", 10, _LARGEST_PAGE)
        jobs = self._chosen(body["type"], {str(one) for one in ids}, only_good=body.get("is_success") is True)
        shown = [self._item(job) for job in jobs[(page - 1) * size : page * size]]
        about = {"page": page, "size": size, "total_count": len(jobs), "total_page": -(-len(jobs) // size)}
        return self._succeed({"list": shown, "total": len(jobs), "page_info": about})

    def _chosen(self, kind: int, ids: set[str], *, only_good: bool) -> list[Job]:
        """Return the jobs that a page request asks for, newest first."""
        return [
            job
            for job in self.books.newest(self.name)
            if kind == _VIDEO
            and (not ids or job.id in ids)
            and (not only_good or self.phase(job) is Phase.SUCCEEDED)
        ]

    def _item(self, job: Job) -> JsonObject:
        phase = self.phase(job)
        asked = job.request
        return {
            "id": job.number + 1,
            "unique_id": job.id,
            "create_time": int(job.created),
            "number_ai_creation": 1,
            "type": _VIDEO,
            "progress_desc": self._word(job),
            "err_msg": job.failure if phase is Phase.FAILED else "",
            "aspect_ratio": asked.get("aspect_ratio") or "",
            "output_url": [self.file_url(job)] if phase is Phase.SUCCEEDED else [],
            "photo_info": {
                "ref_img_url": None,
                "ref_prompt": "",
                "clarity": 0,
                "aspect_ratio": "",
                "quality_mode": "",
                "number_of_images": 0,
            },
            "motion_info": {
                "photo_path_url": None,
                "ref_prompt": asked.get("ref_prompt") or "",
                "clarity": asked.get("clarity") or 0,
                "quality_mode": asked.get("quality_mode") or "",
                "style": "",
                "aspect_ratio": asked.get("aspect_ratio") or "",
                "video_duration": asked.get("video_duration") or 0,
            },
            "ref_img_url": asked.get("ref_img_url"),
            "model_code": asked.get("model_code") or "",
            "model_name": "",
        }

    def _word(self, job: Job) -> str:
        """Return the status word: half of the waiting is Queued, half is Ready."""
        if self.phase(job) is Phase.QUEUED:
            return "Queued" if self.now < (job.created + job.starts) / 2 else "Ready"
        return {Phase.RUNNING: "Generating", Phase.SUCCEEDED: "Success"}.get(self.phase(job), "Error")

    def _succeed(self, data: Any) -> Answer:
        trace = self.trace_id().replace("-", "")
        return Answer(payload={"trace_id": trace, "code": 0, "msg": "success", "data": data})


def _whole(body: JsonObject, key: str, default: int, most: int) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise RefusalError(200, 40000, f"参数错误：{key} must be 1 to {most}")
    return value
