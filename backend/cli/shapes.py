"""What the commands print with ``--json``, as JSON Schemas made from the types that they print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

How = Literal["one", "array", "lines"]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a command prints, and how often."""

    how: How
    what: str


_SHAPES = {
    "submit": _Shape("lines", "task"),
    "batch": _Shape("lines", "row"),
    "list": _Shape("array", "task"),
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
    "tag": _Shape("lines", "task"),
    "note": _Shape("lines", "task"),
    "delete": _Shape("lines", "task"),
    "archive": _Shape("lines", "task"),
    "export": _Shape("lines", "task"),
    "import": _Shape("lines", "task"),
    "accounts": _Shape("array", "account"),
    "operations": _Shape("array", "operation"),
    "doctor": _Shape("one", "findings"),
    "keys": _Shape("array", "action"),
    "log": _Shape("lines", "request"),
    "paths": _Shape("one", "texts"),
    "serve": _Shape("one", "texts"),
    "sandbox": _Shape("one", "sandbox"),
}

_HOW = {"one": "One object.", "array": "One array.", "lines": "An object a line."}


def shape_of(command: str) -> dict[str, Any] | None:
    """Return the schema of what a command prints; None if it prints no JSON."""
    shape = _SHAPES.get(command)
    if shape is None:
        return None
    what = _schema(shape.what)
    definitions = what.pop("$defs", {})
    if shape.how == "array":
        what = {"type": "array", "items": what}
    return {"description": _HOW[shape.how], **what, **({"$defs": definitions} if definitions else {})}


def _schema(what: str) -> dict[str, Any]:
    text, whole, flag = ({"type": kind} for kind in ("string", "integer", "boolean"))
    match what:
        case "task":
            from backend.models import Task
            from backend.records import SCHEMA

            schema = _of_type(Task)
            number = {"const": SCHEMA, "description": "Of the shape; it changes when the shape does."}
            return {**schema, "properties": {"schema": number, **schema["properties"]}}
        case "account":
            from backend.models import Trouble
            from backend.views import AccountView

            schema, trouble = _of_type(AccountView), _of_type(Trouble)
            definitions = {**schema.pop("$defs", {}), **trouble.pop("$defs", {}), "Trouble": trouble}
            more = {
                "problem": text,
                "waiting": whole,
                "unfinished": whole,
                "paused": flag,
                "trouble": {"anyOf": [{"$ref": "#/$defs/Trouble"}, {"type": "null"}]},
            }
            return {**schema, "properties": {**schema["properties"], **more}, "$defs": definitions}
        case "action":
            names = ("action", "keys", "usual", "shown", "where", "title", "help")
            return _object(dict.fromkeys(names, text))
        case "request":
            from backend.request_log import Entry

            return _of_type(Entry)
        case "operation":
            return _object(dict.fromkeys(("provider", "operation", "title", "summary", "source"), text))
        case "sheet":
            return _object({"path": text, "clips": whole, "missing": whole})
        case "sandbox":
            texts = {"type": "object", "additionalProperties": text}
            account = {"name": text, "provider": text, "base_url": text, "credentials": texts}
            return _object({"base_url": text, "accounts": {"type": "array", "items": _object(account)}})
        case "findings":
            verdict = {"enum": ["ok", "note", "problem"]}
            finding = _object({"group": text, "name": text, "verdict": verdict, "words": text})
            findings = {"type": "array", "items": finding}
            return _object({"ok": flag, "findings": findings})
        case _:
            return {"type": "object", "additionalProperties": text}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _of_type(kind: type) -> dict[str, Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind).json_schema(mode="serialization")
