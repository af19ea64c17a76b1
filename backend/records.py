"""Tasks as JSON: what the ledger keeps, what exports contain, what ``reeltop show --json`` prints.

A record is a Task's fields as JSON values, under ``schema``, the number of the shape. Times are ISO 8601 in
UTC ending in ``Z``, money is a decimal string. Every change of the shape raises :data:`SCHEMA`, so a record
with a greater number was written by a newer reeltop: it is read for what is known of it, and a record that
replaces it carries the rest over. One with a smaller number is migrated as it is read, and on disk when it
is next changed (:mod:`backend.migrations`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from backend.language import _
from backend.migrations import migrated

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from backend.models import Task

SCHEMA = 1

TIMES = frozenset(
    {
        "at",
        "created_at",
        "deadline",
        "expires_at",
        "finished_at",
        "next_try",
        "saved_at",
        "sent_at",
        "since",
        "started_at",
        "updated_at",
    }
)
"""Every field of a task or of its parts that holds a time."""

_VERBATIM = "request"
"""The one field whose inside is not ours: nothing in it is taken for a time."""
_HEAD = b'{"schema":%d,' % SCHEMA
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_NO_OFFSET = timedelta(0)


def to_json(task: Task, *, over: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the record of a task.

    `over` is the record that it replaces: keys in it that this version does not know are carried over.
    Raises ValueError for what JSON cannot hold, such as a time without zone.
    """
    record: dict[str, Any] = _adapter().dump_python(_mended(task), mode="json")
    record = {"schema": SCHEMA, **_in_utc(record)}
    if over is None:
        return record
    over = migrated(over)
    merged: dict[str, Any] = _carried_over(over, to_json(from_json(over)), record)
    return merged | {"schema": max(SCHEMA, _schema(over))}


def from_json(record: Mapping[str, Any]) -> Task:
    """Return the task of a record; keys that this version does not know are passed over.

    Raises ValueError, naming every field that is wrong.
    """
    if not isinstance(record, Mapping):
        raise ValueError(_("a task's record must be a JSON object"))  # noqa: TRY004
    _schema(record)
    record = migrated(record)
    return _validated(record, _in_utc(record))


def encode(task: Task, *, over: bytes | None = None) -> bytes:
    """Return the record as compact UTF-8 JSON without a line break. Raises ValueError."""
    if over is None:
        try:
            data = _HEAD + _adapter().dump_json(task)[1:]
        except ValueError:  # lone surrogates
            return dumps(to_json(task))
        return data if all(map(_is_utc, _times(task))) else dumps(to_json(task))
    return dumps(to_json(task, over=json.loads(over)))


def decode(data: bytes) -> Task:
    """Undo :func:`encode`. Raises ValueError."""
    if is_of_this_version(data):
        try:
            return _adapter().validate_json(data)
        except ValueError:
            pass  # once more, slowly, for a text that names the fields
    return from_json(json.loads(data))


decode_again = lru_cache(maxsize=32)(decode)
"""For what was decoded before, and is looked at again."""


def as_text(data: bytes) -> str:
    """Return an encoded record as JSON text in today's shape. Raises ValueError."""
    return data.decode() if is_of_this_version(data) else dumps(to_json(decode(data))).decode()


def is_of_this_version(data: bytes) -> bool:
    """Whether an encoded record has no keys but those known here."""
    return data.startswith(_HEAD)


def dumps(value: Any) -> bytes:
    """Return compact UTF-8 JSON. Raises ValueError for what is not JSON."""
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def as_tinydb(tasks: Iterable[Task]) -> dict[str, dict[str, Any]]:
    """Return what a stock TinyDB JSON file of these tasks contains: a table ``tasks``. Raises ValueError."""
    return {"tasks": {str(number): to_json(task) for number, task in enumerate(tasks, 1)}}


@cache
def _adapter() -> TypeAdapter[Task]:
    from pydantic import TypeAdapter

    from backend.models import Task

    return TypeAdapter(Task)


def _validated(record: Mapping[str, Any], values: Mapping[str, Any]) -> Task:
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(values)
    except ValidationError as error:
        complaints = error.errors(include_url=False, include_context=False, include_input=False)
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in complaints)
        name = str(record.get("id", ""))[:64]
        raise ValueError(
            _("the record of task {name!r} cannot be read: {faults}").format(name=name, faults=faults)
        ) from None


def _schema(record: Mapping[str, Any]) -> int:
    schema = record.get("schema", SCHEMA)
    if not isinstance(schema, int):
        raise ValueError(_("a record's schema must be a number"))  # noqa: TRY004
    return schema


def _in_utc(value: Any) -> Any:
    """Return a JSON value with the times in it in UTC. Raises ValueError for one without zone."""
    if isinstance(value, Mapping):
        return {
            key: item if key == _VERBATIM else _utc(item) if key in TIMES else _in_utc(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_in_utc(item) for item in value]
    return value


def _utc(value: Any) -> Any:
    if not isinstance(value, str) or value.endswith("Z"):
        return value
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return value  # left for the validation to refuse
    if time.tzinfo is None:
        raise ValueError(_("time {value} has no zone").format(value=value))
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _times(task: Task) -> Iterator[datetime | None]:
    yield from (task.created_at, task.updated_at, task.sent_at)
    yield from (task.started_at, task.finished_at, task.deadline)
    if task.trouble is not None:
        yield from (task.trouble.since, task.trouble.next_try)
    for artifact in task.artifacts:
        yield from (artifact.saved_at, artifact.remote.expires_at)
    for event in task.events:
        yield event.at


def _is_utc(time: datetime | None) -> bool:
    return time is None or time.tzinfo is UTC or time.utcoffset() == _NO_OFFSET


def _carried_over(old: Any, known: Any, new: Any) -> Any:
    """Return `new` with what `old` has beyond `known`, wherever `new` still has the part around it."""
    if new == known:
        return old
    if isinstance(old, Mapping) and isinstance(known, Mapping) and isinstance(new, Mapping):
        merged = {key: _carried_over(old.get(key), known.get(key), item) for key, item in new.items()}
        return merged | {key: item for key, item in old.items() if key not in known and key not in new}
    if isinstance(old, list) and isinstance(known, list) and isinstance(new, list):
        shared = min(len(old), len(known), len(new))
        return [*map(_carried_over, old[:shared], known[:shared], new[:shared]), *new[shared:]]
    return new


def _mended(task: Task) -> Task:
    """Return the task with halves of surrogate pairs, which UTF-8 cannot hold, replaced by U+FFFD."""
    try:
        _adapter().dump_json(task)
    except UnicodeEncodeError:
        pass
    except ValueError as error:
        if "surrogates" not in str(error):
            raise
    else:
        return task
    mended = _adapter().dump_python(task)
    return _adapter().validate_python(_without_surrogates(mended))


def _without_surrogates(value: Any) -> Any:
    if type(value) is str:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
