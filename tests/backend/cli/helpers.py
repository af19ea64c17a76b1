"""Tasks made up for unit tests, and terminals."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.models import Failure, FailureKind, Origin, Status, Task, Trouble

THEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def make_task(status: Status = Status.QUEUED, **facts: Any) -> Task:
    given = {
        "id": "abcd1234",
        "account": "kling",
        "provider": "kling",
        "operation": "text2video",
        "origin": Origin(base_url="http://127.0.0.1:1", endpoint="/v1/videos/text2video"),
        "request": {"prompt": "a cat"},
        "created_at": THEN,
        "updated_at": THEN,
        "prompt": "a cat",
        **facts,
    }
    return Task(status=status, **given)


def failure(kind: FailureKind = FailureKind.TRANSIENT, **facts: Any) -> Failure:
    return Failure(kind=kind, **{"words": "no answer", **facts})


def trouble(kind: FailureKind = FailureKind.TRANSIENT, **facts: Any) -> Trouble:
    return Trouble(failure=failure(kind), **{"since": THEN, "count": 1, **facts})


def pseudo_terminal() -> tuple[int, int]:
    """Return both ends of a terminal; skip the test where there are none."""
    try:
        return os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal can be had here: {error}")
