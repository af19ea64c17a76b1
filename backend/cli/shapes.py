"""What the commands print with ``--json``, as JSON Schemas made from the types that they print.

All shapes have one version, :data:`backend.records.SCHEMA`: the number that every task bears as ``schema``.
It rises when a name in any of them is added, renamed or removed, or changes its meaning; the CHANGELOG says
which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["one", "array", "lines"]


VERSION_WORDS = "The version of all shapes, the `schema` of a task; it rises when one of them changes."


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a command prints, and how often."""

    how: How
    what: str


_SHAPES = {
    "submit": _Shape("lines", "task"),
    "submit --dry-run": _Shape("one", "preview"),
    "submit -": _Shape("lines", "answer"),
    "submit - --dry-run": _Shape("lines", "answer to --dry-run"),
    "batch": _Shape("lines", "row"),
    "batch --dry-run": _Shape("lines", "planned row"),
    "list": _Shape("array", "task"),
    "list --remote": _Shape("array", "snapshot"),
    "show": _Shape("one", "task"),
    "wait": _Shape("lines", "task"),
    "watch": _Shape("lines", "task"),
    "download": _Shape("lines", "task"),
    "sheet": _Shape("one", "sheet"),
    "stop": _Shape("lines", "task"),
    "resume": _Shape("lines", "task"),
    "edit": _Shape("lines", "task"),
    "resolve": _Shape("lines", "task"),
    "resend": _Shape("lines", "task"),
    "resubmit": _Shape("lines", "task"),
    "resubmit --dry-run": _Shape("one", "preview"),
    "tag": _Shape("lines", "task"),
    "note": _Shape("lines", "task"),
    "delete": _Shape("lines", "task"),
    "archive": _Shape("lines", "task"),
    "export": _Shape("lines", "task"),
    "import": _Shape("lines", "task"),
    "accounts": _Shape("array", "account"),
    "accounts check": _Shape("lines", "check"),
    "accounts pause": _Shape("one", "account"),
    "accounts resume": _Shape("one", "account"),
    "accounts add": _Shape("array", "entry"),
    "accounts remove": _Shape("array", "entry"),
    "accounts disable": _Shape("array", "entry"),
    "accounts enable": _Shape("array", "entry"),
    "operations": _Shape("array", "operation"),
    "operations NAME": _Shape("one", "operation with fields"),
    "doctor": _Shape("one", "findings"),
    "keys": _Shape("array", "action"),
    "log": _Shape("lines", "request"),
    "paths": _Shape("one", "texts"),
    "serve": _Shape("one", "texts"),
    "sandbox": _Shape("one", "sandbox"),
}

_HOW = {"one": "One object.", "array": "One array.", "lines": "An object a line."}


def shape_of(command: str) -> dict[str, Any] | None:
    """Return the schema of what a command, or one form of it, prints; None if that prints no JSON."""
    shape = _SHAPES.get(command)
    if shape is None:
        return None
    what = _schema(shape.what)
    said = f"{_HOW[shape.how]} {what.get('description', '')}".strip()
    return {**(_array(what) if shape.how == "array" else what), "description": said}


def forms_of(command: str) -> list[str]:
    """Return the forms of a command that print a shape each, the plain one first."""
    return [form for form in _SHAPES if form == command or form.startswith(f"{command} ")]


_TEXT, _WHOLE, _FLAG = ({"type": kind} for kind in ("string", "integer", "boolean"))
_TEXTS = {"type": "object", "additionalProperties": _TEXT}
_OPERATION = dict.fromkeys(("provider", "operation", "title", "summary", "source"), _TEXT)


def _schema(what: str) -> dict[str, Any]:
    match what:
        case "task":
            return _task()
        case "row" | "planned row":
            return _row(is_planned=what != "row")
        case "answer" | "answer to --dry-run":
            return _answer(is_sent=what == "answer")
        case "preview":
            from backend.preview import Preview

            return _of_type(Preview)
        case "snapshot":
            from backend.models import Snapshot

            return _of_type(Snapshot)
        case "account" | "entry":
            return _account(is_known=what == "account")
        case "check":
            from backend.views import AccountCheck

            return _of_type(AccountCheck)
        case "action":
            names = ("action", "keys", "usual", "shown", "where", "title", "help")
            return _object(dict.fromkeys(names, _TEXT))
        case "request":
            from backend.request_log import Entry

            return _of_type(Entry)
        case "operation":
            return _object(_OPERATION)
        case "operation with fields":
            from backend.providers.specs import FieldSpec

            return _object({**_OPERATION, "fields": _array(_of_type(FieldSpec))})
        case "sheet":
            return _object({"path": _TEXT, "clips": _WHOLE, "missing": _WHOLE})
        case "sandbox":
            account: dict[str, dict[str, Any]] = {
                "name": _TEXT,
                "provider": _TEXT,
                "base_url": _TEXT,
                "credentials": _TEXTS,
            }
            return _object({"base_url": _TEXT, "accounts": _array(_object(account))})
        case "findings":
            verdict = {"enum": ["ok", "note", "problem"]}
            finding = _object({"group": _TEXT, "name": _TEXT, "verdict": verdict, "words": _TEXT})
            return _object({"ok": _FLAG, "findings": _array(finding)})
        case _:
            return _TEXTS


def _task() -> dict[str, Any]:
    from backend.models import Task
    from backend.records import SCHEMA

    schema = _of_type(Task)
    number = {"const": SCHEMA, "description": VERSION_WORDS}
    return {**schema, "properties": {"schema": number, **schema["properties"]}}


def _row(*, is_planned: bool) -> dict[str, Any]:
    """Return what one row of a batch is told as: before it is sent, or after."""
    from backend.batches.plan import State
    from backend.costs import Rule
    from backend.models import Status
    from backend.preview import Preview

    place = {"row": _TEXT, "line": _or_null(_WHOLE), "account": _TEXT, "operation": _TEXT}
    stands = {"state": {"enum": list(map(str, State))}}
    amount = {"amount": _TEXT, "unit": _TEXT}
    if not is_planned:
        words = dict.fromkeys(("failure", "code", "request_id"), _or_null(_TEXT))
        made = {"task": _or_null(_TEXT), "status": _or_null({"enum": list(map(str, Status))}), **words}
        came = {"files": _array(_TEXT), "charged": _array(_object(amount))}
        return _object({"batch": _TEXT, **place, **stands, **made, **came})
    rule = {"enum": list(map(str, Rule))}
    cost = _object({"low": _TEXT, "high": _TEXT, "unit": _TEXT, "rule": rule})
    coming = {"sends": _FLAG, "task": _or_null(_TEXT), "tags": _array(_TEXT)}
    return _object(
        {**place, **stands, **coming, "cost": _or_null(cost), "request": _or_null(_of_type(Preview))}
    )


def _answer(*, is_sent: bool) -> dict[str, Any]:
    """Return what one line given to ``submit -`` is answered with."""
    from backend.preview import Preview

    ref: dict[str, Any] = {"description": "As it was given, whatever that is."}
    made = {"task": _or_null(_task())} if is_sent else {"request": _or_null(_of_type(Preview))}
    return _object({"line": _WHOLE, "ref": ref, "error": _or_null(_TEXT), **made})


def _account(*, is_known: bool) -> dict[str, Any]:
    """Return what an account is told as: with how it stands, or as it is configured."""
    from backend.models import Trouble
    from backend.views import AccountView

    schema = _of_type(AccountView)
    if not is_known:
        return schema
    definitions = schema.pop("$defs", {})
    stands = _object(
        {
            "problem": _TEXT,
            "waiting": _WHOLE,
            "unfinished": _WHOLE,
            "paused": _FLAG,
            "trouble": _or_null(_of_type(Trouble)),
        }
    )
    definitions |= stands["$defs"]
    return {**schema, "properties": {**schema["properties"], **stands["properties"]}, "$defs": definitions}


def _object(properties: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    split = {name: _split(schema) for name, schema in properties.items()}
    definitions = {name: each for _, found in split.values() for name, each in found.items()}
    schema = {"type": "object", "properties": {name: own for name, (own, _) in split.items()}}
    return {**schema, "required": list(properties), **({"$defs": definitions} if definitions else {})}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    own, definitions = _split(items)
    return {"type": "array", "items": own, **({"$defs": definitions} if definitions else {})}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    own, definitions = _split(schema)
    return {"anyOf": [own, {"type": "null"}], **({"$defs": definitions} if definitions else {})}


def _split(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a schema and what it defines, which must stand at the root."""
    return {key: value for key, value in schema.items() if key != "$defs"}, schema.get("$defs", {})


def _of_type(kind: type) -> dict[str, Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind).json_schema(mode="serialization")
