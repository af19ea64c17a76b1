"""What is inside an answer, whatever its shape: envelope, job, times, files. Nothing here raises.

The shapes are those of FACTS 1.4, 2.6, 3.3, 4.4 to 4.6, 5.3 and 6: business codes as numbers or texts,
jobs in ``data``, in an array, in a ``data`` within ``data``, or bare; milliseconds or seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from backend.models import Status
from backend.providers.contract import HttpAnswer
from backend.providers.values import is_web_address
from backend.text import clean_block, clean_line

_LONGEST_WORDS = 1000
_LONGEST_ID = 256
_MILLISECONDS_FROM = 10**11
_YEAR_2200 = 7_258_118_400
_LONGEST_WAIT = 86_400.0
_DONE_CODES = frozenset({"0", "success"})
_REQUEST_ID_IN_WORDS = re.compile(r"request id:\s*([\w.-]+)", re.IGNORECASE)
# Up to the next bracket only, so that a hostile page costs no more time than its length.
_TAGS = re.compile(r"<(?:script|style)\b[^<>]*>[^<]*|<[^<>]*>", re.IGNORECASE)

NO_WORDS = frozenset({"", "succeed", "success", "ok", "none", "null"})
"""What servers write where they have nothing to say, in lower case."""

STATUSES: Mapping[str, Status] = {
    **dict.fromkeys(("submitted", "queued", "queueing", "pending", "ready", "not_start"), Status.QUEUED),
    **dict.fromkeys(("processing", "in_progress", "running", "generating"), Status.RUNNING),
    **dict.fromkeys(("succeed", "succeeded", "success", "completed", "finish"), Status.SUCCEEDED),
    **dict.fromkeys(("failed", "fail", "failure", "error"), Status.FAILED),
    **dict.fromkeys(("cancelled", "canceled"), Status.CANCELLED),
}
"""Status words in lower case (FACTS 1.7, 2.7, 3.5, 4.7, 5.6). Others are unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What stands around the matter of an answer."""

    http_status: int
    body: Mapping[str, Any] | None
    """None if the body is no JSON object."""
    code: str | None
    """Business code; numbers as text. Of an error within the error, if there is one."""
    outer_code: str | None
    """Business code of the answer itself."""
    words: str
    request_id: str | None
    failed: bool
    """Whether the body says that the request failed."""
    retry_after: float | None
    """Seconds."""

    @property
    def ok(self) -> bool:
        """Whether HTTP and the body both say that it worked."""
        return 200 <= self.http_status < 300 and self.body is not None and not self.failed

    @property
    def says_done(self) -> bool:
        """Whether the body also says in its business code that it worked."""
        return self.ok and (self.code or "").lower() in _DONE_CODES

    @property
    def data(self) -> Any:
        """The body's ``data``."""
        return self.body.get("data") if self.body is not None else None


def open_envelope(answer: HttpAnswer) -> Envelope:
    """Return what stands around the matter of `answer`."""
    decoded = answer.json()
    body = decoded if isinstance(decoded, Mapping) else None
    code, words, request_id, failed = _verdict(body) if body is not None else (None, "", None, True)
    if body is None:
        words = _page_text(answer)
    inner, outer_code = inner_error(words), code
    if inner is not None and failed:
        code, words, request_id = inner[0] or code, inner[1] or words, inner[2] or request_id
    return Envelope(
        http_status=answer.status,
        body=body,
        code=code,
        outer_code=outer_code,
        words=words,
        request_id=request_id or _header_id(answer) or _id_in(words),
        failed=failed,
        retry_after=_retry_after(answer),
    )


def inner_error(words: str) -> tuple[str | None, str, str | None] | None:
    """Return code, words and request id of an upstream error that `words` hold as JSON."""
    start = words.find("{")
    if start < 0 or not words.rstrip().endswith("}"):
        return None
    body = HttpAnswer(status=200, body=words[start:].encode()).json()
    if not isinstance(body, Mapping):
        return None
    code, inner, request_id, _ = _verdict(body)
    return code, inner, request_id


def jobs(envelope: Envelope) -> Iterator[Mapping[str, Any]]:
    """Yield every job that an answer may speak of, the likeliest first."""
    data, body = envelope.data, envelope.body or {}
    listed = next((key for key in ("list", "result") if _holds_list(data, key)), None)
    if listed is not None:
        yield from _list(data[listed])
    elif isinstance(data, Mapping) and (status_word(data) or not status_word(body)):
        yield data
    elif isinstance(data, list):
        yield from _list(data)
    elif status_word(body) or body.get("object") == "video":
        yield body


def _holds_list(data: Any, key: str) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get(key), list)


def created_id(envelope: Envelope) -> str | None:
    """Return the id in the answer to a create (FACTS 6, rule 2)."""
    data, body = envelope.data, envelope.body or {}
    if isinstance(data, Mapping):
        return id_text(data.get("id")) or id_text(data.get("task_id")) or _bare_id(body)
    return id_text(data) or _bare_id(body)


def names_a_task(envelope: Envelope) -> bool:
    """Whether an answer speaks of a task by its id, whatever else it says: a bare ``id`` beside an error may
    be the error's."""
    data, body = envelope.data, envelope.body or {}
    is_job = bool(status_word(body)) or body.get("object") == "video"
    inside = isinstance(data, Mapping) and bool(job_ids(data))
    return inside or bool(id_text(body.get("task_id"))) or (is_job and bool(job_ids(body)))


def job_ids(job: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what may be the job's own id, the likeliest first."""
    found = (id_text(job.get(key)) for key in ("unique_id", "id", "task_id"))
    return tuple(found_id for found_id in found if found_id)


def external_id(job: Mapping[str, Any]) -> str | None:
    """Return the external id that a job carries."""
    info = job.get("task_info")
    inside = info.get("external_task_id") if isinstance(info, Mapping) else None
    return id_text(inside) or id_text(job.get("external_id")) or id_text(job.get("external_task_id"))


def status_word(job: Mapping[str, Any]) -> str:
    """Return the provider's own word for the status."""
    found = (line(job.get(key)) for key in ("task_status", "status", "progress_desc"))
    return next((word for word in found if word), "")


def reason(job: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """Return the words, code and request id with which a job explains its failure."""
    error = job.get("error")
    code = line(error.get("code")) or None if isinstance(error, Mapping) else None
    candidates = (
        job.get("task_status_msg"),
        job.get("err_msg"),
        error.get("message") if isinstance(error, Mapping) else error,
        job.get("fail_reason"),
        job.get("message"),
    )
    words = next((text for text in map(block, candidates) if text.lower() not in NO_WORDS), "")
    inner = inner_error(words)
    if inner is not None:
        return inner[1] or words, inner[0] or code, inner[2]
    return words, code, None


def upstream(job: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the provider's own job that a gateway keeps inside its own (``data``, or ``data.data``)."""
    inner = job.get("data")
    for _ in range(2):
        if not isinstance(inner, Mapping):
            return None
        if status_word(inner) or "task_result" in inner or "outputs" in inner:
            return inner
        inner = inner.get("data")
    return None


def video_entries(job: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield objects with ``url`` and perhaps ``watermark_url`` and ``duration``; may be empty."""
    found = _listed(job, "task_result", "videos") or [
        entry for entry in _list(job.get("outputs")) if entry.get("type") == "video"
    ]
    listed = [entry for entry in found if web(entry.get("url"))]
    if listed:
        yield from listed
        return
    address = _single_address(job)
    if address:
        yield {"url": address, "duration": job.get("seconds"), "expires_at": job.get("expires_at")}


def web(value: Any) -> str | None:
    """Return `value` if it is an http(s) address."""
    if not isinstance(value, str) or clean_line(value) != value:
        return None
    return value if is_web_address(value) else None


def id_text(value: Any) -> str | None:
    """Return an id as text, numbers digit by digit; None if it cannot be one."""
    text = _plain(value)
    unfit = not text or len(text) > _LONGEST_ID or clean_line(text) != text or " " in text
    return None if unfit or text in (".", "..") else text


def line(value: Any) -> str:
    """Return a short text of one line, empty for what is no text or number."""
    return clean_line(_plain(value))[:_LONGEST_ID].strip()


def block(value: Any) -> str:
    """Return a bounded text of several lines; objects and lists as JSON."""
    text = _as_json(value) if isinstance(value, list | Mapping) and value else _plain(value)
    return clean_block(text[: 4 * _LONGEST_WORDS]).strip()[:_LONGEST_WORDS]


def number(value: Any) -> float | None:
    """Return a finite number from 0 up, from a number or a text of one, ``50%`` included."""
    amount = decimal(value.strip().removesuffix("%") if isinstance(value, str) else value)
    return float(amount) if amount is not None and amount >= 0 else None


def decimal(value: Any) -> Decimal | None:
    """Return an amount of sane size."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value[:64] if isinstance(value, str) else value)
    except (InvalidOperation, ValueError):
        return None
    sane = amount.is_finite() and (not amount or -20 < amount.adjusted() < 20)
    return amount if sane else None


def moment(value: Any) -> datetime | None:
    """Return a time from Unix seconds or milliseconds."""
    seconds = number(value)
    if seconds is not None and seconds > _MILLISECONDS_FROM:
        seconds /= 1000
    if not seconds or seconds > _YEAR_2200:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _verdict(body: Mapping[str, Any]) -> tuple[str | None, str, str | None, bool]:
    """Return business code, words, request id and whether it is an error."""
    error = body.get("error")
    code = line(body.get("code")) or None
    words = [body.get("message"), body.get("msg"), body.get("detail")]
    request_id = id_text(body.get("request_id")) or id_text(body.get("trace_id"))
    if isinstance(error, Mapping) and error:
        code = line(error.get("code")) or line(error.get("type")) or code
        words.insert(0, error.get("message"))
        request_id = request_id or id_text(error.get("request_id"))
    elif isinstance(error, str) and error:
        words.insert(0, error)
    said = next((text for text in map(block, words) if text), "")
    is_job = bool(status_word(body) and job_ids(body))
    refused = bool(error) and not is_job
    failed = refused or (code is not None and not is_job and code.lower() not in _DONE_CODES)
    bare_detail = "detail" in body and not is_job and "data" not in body
    return code, said, request_id, failed or bare_detail


def _bare_id(body: Mapping[str, Any]) -> str | None:
    return id_text(body.get("id")) or id_text(body.get("task_id"))


def _single_address(job: Mapping[str, Any]) -> str | None:
    output, metadata = job.get("output_url"), job.get("metadata")
    candidates = (
        *(output[:1] if isinstance(output, list) else (output,)),
        job.get("video_url"),
        metadata.get("url") if isinstance(metadata, Mapping) else None,
        job.get("result_url"),
        job.get("url"),
        job.get("fail_reason"),  # where older new-api puts the result of a job that succeeded
    )
    return next((address for address in map(web, candidates) if address), None)


def _listed(job: Mapping[str, Any], outer: str, inner: str) -> list[Mapping[str, Any]]:
    holder = job.get(outer)
    return _list(holder.get(inner)) if isinstance(holder, Mapping) else []


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and abs(value.adjusted()) < 40:
        return str(int(value)) if value == value.to_integral_value() else str(value)
    return ""


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return ""


def _page_text(answer: HttpAnswer) -> str:
    page = _TAGS.sub(" ", answer.text()[: 20 * _LONGEST_WORDS])
    return clean_line(" ".join(page.split()))[:300]


def _header_id(answer: HttpAnswer) -> str | None:
    names = ("x-request-id", "x-oneapi-request-id", "x-trace-id")
    return next((found for name in names if (found := id_text(answer.headers.get(name)))), None)


def _id_in(words: str) -> str | None:
    found = _REQUEST_ID_IN_WORDS.search(words)
    return found[1] if found else None


def _retry_after(answer: HttpAnswer) -> float | None:
    """Return the seconds that the server asks us to wait, at most a day."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    seconds = number(text)
    if seconds is None:
        until, now = _http_date(text), _http_date(answer.headers.get("date", "")) or datetime.now(UTC)
        if until is None:
            return None
        seconds = max(0.0, (until - now).total_seconds())
    return min(seconds, _LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
