"""What a result was made from, as JSON beside it: ``clip.mp4.json``. Without secrets, and without the link,
whose signature is as good as a key until it expires."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend import __version__
from backend.engine.fetch import checks
from backend.engine.part import PartFile
from backend.files import replace_file
from backend.language import recorded
from backend.models import Task
from backend.paths import PRIVATE_FILE

ENDING = ".json"
_LONGEST_TEXT = 20_000
"""Characters of a text in the request; a longer one is a picture in Base64, which the ledger keeps."""
_MOST_NAMES = 100


def describe(task: Task, index: int, path: Path, part: PartFile, now: datetime) -> dict[str, Any]:
    """Return what is told of the task's `index`-th file, saved at `path`, as JSON values."""
    remote = task.artifacts[index].remote
    return {
        "reeltop": __version__,
        "file": path.name,
        "kind": remote.kind,
        "number": index + 1,
        "bytes": part.size,
        "checks": list(checks(part)),
        "duration": remote.duration,
        "task": task.id,
        "remote_id": task.remote_id,
        "external_id": task.external_id,
        "provider": task.provider,
        "account": task.account,
        "operation": task.operation,
        "model": task.model,
        "prompt": task.prompt,
        "address": task.origin.base_url + task.origin.endpoint,
        "request": _shortened(dict(task.request)),
        "charges": [{"amount": str(each.amount), "unit": each.unit} for each in task.charges],
        "times": {
            "created": _time(task.created_at),
            "sent": _time(task.sent_at),
            "started": _time(task.started_at),
            "finished": _time(task.finished_at),
            "saved": _time(now),
        },
    }


def write(facts: Mapping[str, Any], path: Path, redact: Callable[[str], str]) -> Path:
    """Write `facts` beside the file at `path` and return where.

    Never over a file that tells of something else: then the name gets a number. Blocks; raises OSError.
    """
    text = redact(json.dumps(facts, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode()) + "\n"
    for number in range(1, _MOST_NAMES):
        place = path.with_name(f"{path.name}{ENDING}" if number == 1 else f"{path.name}-{number}{ENDING}")
        try:
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        except FileExistsError:
            if not _tells_of(place, facts):
                continue
        else:
            os.close(descriptor)
        replace_file(place, text)
        return place
    raise FileExistsError(recorded("too many files beside {path}").format(path=path))


def _tells_of(place: Path, facts: Mapping[str, Any]) -> bool:
    """Whether a sidecar is of this very file, or was only begun."""
    try:
        text = place.read_bytes()
        told = json.loads(text) if text else facts
        return all(told[key] == facts[key] for key in ("task", "kind", "number", "file"))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:80]}… and {len(value) - 80} characters more"
    if isinstance(value, Mapping):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item) for item in value]
    return value


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
