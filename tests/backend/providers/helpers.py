"""What the provider tests share: the pages' printed examples, answers, references."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.models import Failure, Snapshot
from backend.providers import registry
from backend.providers.contract import Codec, HttpAnswer, TaskRef
from backend.providers.fields import RequestModel

PAGES = Path(__file__).parent / "pages"
OPERATIONS = {
    "kling-official-image2video": ("kling", "image2video"),
    "kling-relay-text2video": ("kling-relay", "text2video"),
    "kling-3.0-turbo-image-to-video": ("kling-relay", "turbo-image2video"),
    "openai-style-v1-videos": ("openai-video", "generate"),
    "chanjing-tx-kling2.5": ("chanjing", "tx-kling2.5"),
}
EVERY_OPERATION = [
    (name, operation) for name, provider in registry.providers().items() for operation in provider.operations
]
SENT_AT = datetime(2026, 9, 21, 12, 0, 0, tzinfo=UTC)
ENDPOINTS = {
    ("kling", "text2video"): "/v1/videos/text2video",
    ("kling", "image2video"): "/v1/videos/image2video",
    ("kling", "omni-video"): "/v1/videos/omni-video",
    ("kling", "turbo-text2video"): "/text-to-video/kling-3.0-turbo",
    ("kling", "turbo-image2video"): "/image-to-video/kling-3.0-turbo",
    ("kling", "v2-text2video"): "/text-to-video/kling-3.0",
    ("kling", "v2-image2video"): "/image-to-video/kling-3.0",
    ("kling-relay", "text2video"): "/kling/v1/videos/text2video",
    ("kling-relay", "image2video"): "/kling/v1/videos/image2video",
    ("kling-relay", "turbo-text2video"): "/kling/text-to-video/kling-3.0-turbo",
    ("kling-relay", "turbo-image2video"): "/kling/image-to-video/kling-3.0-turbo",
    ("openai-video", "generate"): "/v1/videos",
    ("openai-video", "remix"): "/v1/videos/task_1/remix",
    ("chanjing", "tx-kling2.5"): "/open/v1/ai_creation/task/submit",
    ("chanjing", "tx-kling2.1-master"): "/open/v1/ai_creation/task/submit",
    ("chanjing", "kling2.5-turbo"): "/open/v1/ai_creation/task/submit",
}


def page(name: str) -> dict[str, Any]:
    """Return the examples printed on a page."""
    found: dict[str, Any] = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    return found


def printed_requests() -> list[tuple[str, int, dict[str, Any]]]:
    """Return every example request: page, number, body."""
    return [(name, n, body) for name in OPERATIONS for n, body in enumerate(page(name)["requests"])]


def model(provider: str, operation: str) -> type[RequestModel]:
    """Return an operation's request model."""
    return registry.operation(provider, operation).model


def codec(provider: str, operation: str) -> Codec:
    """Return an operation's codec."""
    return registry.operation(provider, operation).codec


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """Return an answer with `body` as JSON, or as it is if it is bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status=status, body=raw, headers=headers or {})


def reference(
    provider: str,
    operation: str,
    remote_id: str | None = "867000000000000001",
    external_id: str | None = None,
    request: Mapping[str, Any] | None = None,
    task_id: str = "t1",
) -> TaskRef:
    """Return what a codec needs to ask about a task."""
    return TaskRef(
        task_id=task_id,
        remote_id=remote_id,
        external_id=external_id,
        endpoint=ENDPOINTS[provider, operation],
        request=request or {},
        sent_at=SENT_AT,
    )


def ask(
    provider: str, operation: str, body: Any, status: int = 200, remote_id: str = "867000000000000001"
) -> Snapshot | Failure:
    """Return what a codec makes of an answer about one task."""
    ref = reference(provider, operation, remote_id)
    return codec(provider, operation).read_query(answer(body, status), [ref])["t1"]


def told(
    provider: str, operation: str, body: Any, status: int = 200, remote_id: str = "867000000000000001"
) -> Snapshot:
    """Like :func:`ask`, of an answer that must be understood."""
    snapshot = ask(provider, operation, body, status, remote_id)
    assert isinstance(snapshot, Snapshot), snapshot
    return snapshot
