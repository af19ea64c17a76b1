"""Kling's API 2.0, below ``/kling`` like the legacy standard (FACTS 3): the model in the path, ``/tasks``.

Jobs are the account's own, whatever standard they were made in: slots and external ids are shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from backend.providers.contract import JsonObject
from backend.sandbox.answers import Answer, Call, RefusalError
from backend.sandbox.face import Face, Route, seconds_of
from backend.sandbox.faults import Kind
from backend.sandbox.jobs import Film, Job, Phase

TASKS = "/tasks"
TURBO = "kling-3.0-turbo"
SIBLINGS = ("kling-3.0", "kling-2.6", "kling-2.5-turbo")
MODEL_KEY = "model_name"
"""Where a job keeps its model, as those of the legacy standard do."""
WORDS = {
    Phase.QUEUED: "submitted",
    Phase.RUNNING: "processing",
    Phase.SUCCEEDED: "succeeded",
    Phase.FAILED: "failed",
}

_OPERATIONS = {
    ("text-to-video", True): "turbo-text2video",
    ("image-to-video", True): "turbo-image2video",
    ("text-to-video", False): "v2-text2video",
    ("image-to-video", False): "v2-image2video",
}
_MOST_IDS = 20
_LIST_DEFAULT, _LIST_MOST = 100, 500
_MONTH_MS = 30 * 24 * 3600 * 1000
_PRODUCTS = ("video", "image", "try_on")
_UNITS_A_SECOND = {"720p": 0.8, "1080p": 1.0, "4k": 2.0}


class V2Desk:
    """The part of the official face that speaks API 2.0."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def routes(self) -> Sequence[Route]:
        """Return all documented paths."""
        creates = [
            Route("POST", f"/{kind}/{model}", partial(self._submit, kind=kind, model=model), Kind.CREATE)
            for kind in ("text-to-video", "image-to-video")
            for model in (TURBO, *SIBLINGS)
        ]
        return [
            *creates,
            Route("GET", TASKS, self._query, Kind.QUERY),
            Route("POST", TASKS, self._list, Kind.QUERY),
        ]

    def _submit(self, call: Call, kind: str, model: str) -> Answer:
        face = self._face
        body = face.object_in(call)
        self._first_frame(body, kind)
        operation = _OPERATIONS[kind, model == TURBO]
        named = body if model == TURBO else {**body, "model": model}
        body = face.checked(operation, named)
        external_id = _object(body, "options").get("external_task_id") or None
        if external_id and face.books.find_external(face.name, external_id):
            raise RefusalError(400, 1201, f"external_task_id already exists: {external_id}")
        if face.busy(model):
            raise RefusalError(429, 1303, "parallel task over resource pack limit")
        kept = {**{key: value for key, value in body.items() if key != "model"}, MODEL_KEY: model}
        job = face.make(operation, kept, _prompt(body), _film(body), external_id)
        return self._succeed(_head(job, face))

    def _first_frame(self, body: JsonObject, kind: str) -> None:
        contents = body.get("contents")
        if kind != "image-to-video" or not isinstance(contents, list):
            return
        kinds = {item.get("type") for item in contents if isinstance(item, dict)}
        if not kinds & {"first_frame", "last_frame"}:
            raise RefusalError(400, 1201, "contents must include at least one first_frame item")

    def _query(self, call: Call) -> Answer:
        face = self._face
        by_id, by_external = call.query.get("task_ids"), call.query.get("external_task_ids")
        if bool(by_id) == bool(by_external):
            raise RefusalError(400, 1201, "exactly one of task_ids and external_task_ids is required")
        ids = [part.strip() for part in (by_id or by_external or "").split(",") if part.strip()]
        if not 1 <= len(ids) <= _MOST_IDS:
            raise RefusalError(400, 1201, f"at most {_MOST_IDS} ids, this has {len(ids)}")
        find = face.books.find if by_id else face.books.find_external
        jobs = (find(face.name, one) for one in ids)
        return self._succeed([record(job, face) for job in jobs if job is not None and is_v2(job)])

    def _list(self, call: Call) -> Answer:
        face = self._face
        body = face.object_in(call)
        limit = _whole(body, "limit", _LIST_DEFAULT, 1, _LIST_MOST)
        jobs = [job for job in face.books.newest(face.name) if is_v2(job)]
        cursor = body.get("cursor")
        if cursor:
            jobs = self._after(jobs, cursor)
        else:
            now = int(face.now * 1000)
            start = _whole(body, "start_time", now - _MONTH_MS, 0, 10**15)
            end = _whole(body, "end_time", now, 0, 10**15)
            jobs = [job for job in jobs if start <= int(job.created * 1000) <= end]
        page = [job for job in jobs if self._fits(job, _filters(body))]
        more = len(page) > limit
        page = page[:limit]
        return self._succeed(
            {
                "result": [record(job, face) for job in page],
                "count": len(page),
                "next_cursor": page[-1].id if more else "",
                "has_more": more,
            }
        )

    def _after(self, jobs: list[Job], cursor: object) -> list[Job]:
        place = next((index for index, job in enumerate(jobs) if job.id == cursor), None)
        if place is None:
            raise RefusalError(400, 1201, f"cursor '{cursor}' is invalid")
        return jobs[place + 1 :]

    def _fits(self, job: Job, filters: Mapping[str, Sequence[str]]) -> bool:
        told = {"status": WORDS[self._face.phase(job)], "product_type": "video"}
        return all(told[key] in values for key, values in filters.items())

    def _succeed(self, data: Any) -> Answer:
        payload = {"code": 0, "message": "SUCCEED", "request_id": self._face.trace_id(), "data": data}
        return Answer(payload=payload)


def is_v2(job: Job) -> bool:
    """Whether a job was made by API 2.0."""
    return job.operation in _OPERATIONS.values()


def is_v2_path(path: str) -> bool:
    """Whether a path belongs to API 2.0, which takes API keys only."""
    return path == TASKS or path.startswith(("/text-to-video/", "/image-to-video/"))


def record(job: Job, face: Face) -> JsonObject:
    """Return a task as API 2.0 tells of it."""
    phase = face.phase(job)
    told = {**_head(job, face), "message": job.failure if phase is Phase.FAILED else ""}
    if phase is Phase.SUCCEEDED:
        video = {
            "type": "video",
            "id": f"v-{job.token[:16]}",
            "url": face.file_url(job),
            "watermark_url": "",
            "duration": f"{job.film.seconds:.1f}",
        }
        marked = _object(_object(job.request, "options"), "watermark_info")
        if marked.get("enabled"):
            video["watermark_url"] = face.file_url(job, "-watermark")
        amount = _UNITS_A_SECOND.get(job.film.resolution, 0.8) * job.film.seconds
        told["outputs"] = [video]
        told["billing"] = [{"charge_type": "unit", "amount": f"{amount:.1f}", "package_type": "video"}]
    return told


def _head(job: Job, face: Face) -> JsonObject:
    return {
        "id": job.id,
        "status": WORDS[face.phase(job)],
        "create_time": int(job.created * 1000),
        "update_time": int(job.updated(face.now) * 1000),
        "external_id": job.external_id or "",
    }


def _object(body: Mapping[str, Any], key: str) -> JsonObject:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _prompt(body: JsonObject) -> str:
    contents = body.get("contents")
    items = [item for item in contents if isinstance(item, dict)] if isinstance(contents, list) else []
    return str(body.get("prompt") or " ".join(str(item["text"]) for item in items if item.get("text")))


def _film(body: JsonObject) -> Film:
    settings = _object(body, "settings")
    return Film(
        seconds=seconds_of(settings.get("duration")),
        aspect=settings.get("aspect_ratio") or "16:9",
        resolution=settings.get("resolution") or "720p",
    )


def _whole(body: JsonObject, key: str, default: int, least: int, most: int) -> int:
    """Return a whole number, which may come as a text: the vendor's pages disagree."""
    value = body.get(key)
    if value is None or value == "":
        return default
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 16 or not least <= int(text) <= most:
        raise RefusalError(400, 1201, f"{key} value '{value}' is invalid, must be {least} to {most}")
    return int(text)


def _filters(body: JsonObject) -> dict[str, list[str]]:
    given = body.get("filters")
    if given is None:
        return {}
    known = {"status": tuple(WORDS.values()), "product_type": _PRODUCTS}
    found: dict[str, list[str]] = {}
    for entry in given if isinstance(given, list) else [given]:
        key, values = (entry.get("key"), entry.get("values")) if isinstance(entry, dict) else (None, None)
        if key not in known or not isinstance(values, list) or not set(map(str, values)) <= set(known[key]):
            raise RefusalError(
                400, 1201, "filters must be objects with key (status or product_type) and values"
            )
        found[key] = [str(value) for value in values]
    return found
