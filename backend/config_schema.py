"""The JSON Schema of ``config.toml``, for editors: made from what reads the configuration.

Words are English, as in every schema. It uses only what editors of TOML understand, so it is milder than the
reader in one thing: an account may have the credentials and options of any provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from backend import display
from backend.config import ACCOUNT_KEYS, MOST_AT_ONCE, TOP_KEYS
from backend.filenames import DEFAULT_PATTERN
from backend.language import LANGUAGES
from backend.notify import DESKTOP, Notify
from backend.own_commands import KINDS, LONGEST_NAME, Showing
from backend.prices import CONDITIONS
from backend.providers import registry
from backend.providers.contract import Limits

_DIALECT = "http://json-schema.org/draft-07/schema#"
_SOURCES = "env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM ARGUMENTS"
_Schema = dict[str, Any]


def config_schema(actions: Mapping[str, str]) -> _Schema:
    """Return it; `actions` are the titles of what ``[keys]`` may change, by id."""
    tops = {
        "accounts": {**_table({}), "additionalProperties": _account()},
        "archive_after": _text("Age at which finished tasks are put away: 90d"),
        "downloads": _text("Folder for results"),
        "downloads_name": _downloads_name(),
        "downloads_at_once": _downloads_at_once(),
        "downloads_sidecar": _flag("Whether a JSON file beside each result tells what it was made from"),
        "notify": _notify(),
        "views": {**_table({}), "additionalProperties": _text("A filter of the dashboard")},
        "keys": _table({name: _text(title) for name, title in actions.items()}),
        "commands": {"type": "array", "items": _command()},
        "read_only": _flag("Whether nothing may be sent, changed, deleted, downloaded or archived from here"),
        "lean": _flag("Spare bytes, for a slow line"),
        "refresh": _text("How often elapsed times move on: 1s, 10s, 1m"),
        "theme": _choice("Colours", display.THEMES),
        "language": _text(f"What everything is said in: {', '.join(LANGUAGES)}"),
        "pictures": _choice("How pictures are drawn", display.PICTURES),
    }
    return {"$schema": _DIALECT, "title": "reeltop: config.toml", **_table(_in_order(tops, TOP_KEYS))}


def _account() -> _Schema:
    providers = registry.providers()
    urls = sorted({label for each in providers.values() for label in each.base_urls})
    known = ", ".join(urls)
    commons = {
        "provider": _choice("Which protocol it speaks", providers),
        "disabled": _flag("Whether nothing is sent, asked or fetched with it"),
        "base_url": _text(f"Its address, or a provider's word for one: {known}"),
        "former_base_urls": _texts("Addresses that its older tasks were sent to"),
        "auto_download": _flag("Whether results are fetched by themselves"),
        "downloads_at_once": _downloads_at_once(),
        "downloads_name": _downloads_name(),
        "warnings": _flag("Whether to tell what third parties report as unsupported"),
        "supports": _texts("Fields that it does support: cfg_scale, kling-v2-6/cfg_scale"),
        "limits": _limits(),
        "options": _options(),
        "prices": {"type": "array", "items": _price()},
    }
    secrets: dict[str, _Schema] = {}
    for provider in providers.values():
        for spec in provider.credentials:
            secrets.setdefault(spec.key, _text(f"{spec.title}: {_SOURCES}"))
    return {**_table({**_in_order(commons, ACCOUNT_KEYS), **secrets}), "required": ["provider"]}


def _options() -> _Schema:
    found: dict[str, _Schema] = {}
    for provider in registry.providers().values():
        for option in provider.options:
            one = _choice("", option.choices) if option.choices else {"type": "string"}
            shape = {"type": "array", "items": one} if option.many else one
            found[option.key] = {**shape, "description": f"{provider.name}: {option.help}"}
    return _table(found)


def _limits() -> _Schema:
    whole = {"concurrency": "Unfinished tasks at a time", "per_minute": "Requests a minute"}
    found = {}
    for item in fields(Limits):
        kind = "integer" if item.name in whole else "number"
        above = {"minimum": 1} if item.name in whole else {"exclusiveMinimum": 0}
        found[item.name] = {"type": kind, **above, "description": whole.get(item.name, "Seconds")}
    return _table(found)


def _price() -> _Schema:
    value: _Schema = {"type": ["string", "number", "boolean"]}
    fitting = {"anyOf": [value, {"type": "array", "items": value}]}
    amount: _Schema = {"type": ["number", "string"]}
    found: dict[str, _Schema] = {
        **{name: {**fitting, "description": "What it fits; one or several"} for name in CONDITIONS},
        "per_second": {**amount, "description": "For a second of film"},
        "per_task": {**amount, "description": "For a task"},
        "unit": _text("What the amount is in: CNY"),
    }
    return {**_table(found), "required": ["unit"]}


def _notify() -> _Schema:
    told = {
        "toast": _flag("A message on the dashboard"),
        "bell": _flag("The terminal's bell"),
        "desktop": _choice("How the terminal is asked for a desktop note", DESKTOP),
        "on_finished": _text("A program and its arguments, given each task that ends or needs you as JSON"),
    }
    return _table(_in_order(told, [item.name for item in fields(Notify)]))


def _command() -> _Schema:
    words: dict[type, _Schema] = {str: {"type": "string"}, bool: {"type": "boolean"}}
    told: dict[str, _Schema] = {
        "name": {"minLength": 1, "maxLength": LONGEST_NAME, "description": "What it is called"},
        "run": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "description": "The program and its arguments; no shell reads them",
        },
        "key": {"description": "A key for it: f11, ctrl+y"},
        "for": {"description": "A filter that all chosen tasks must fit"},
        "output": {"enum": [each.value for each in Showing], "description": "What becomes of its output"},
        "confirm": {"description": "Whether to ask first"},
    }
    shapes = {name: {**words.get(KINDS[name], {}), **told[name]} for name in told}
    return {**_table(_in_order(shapes, KINDS)), "required": ["name", "run"]}


def _downloads_name() -> _Schema:
    return _text(f"Pattern of the names of results: {DEFAULT_PATTERN}")


def _downloads_at_once() -> _Schema:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_AT_ONCE,
        "description": "Tasks fetched at a time",
    }


def _in_order(told: Mapping[str, _Schema], known: Iterable[str]) -> dict[str, _Schema]:
    """Return what is told of each key that the reader knows. Raises KeyError for one left out."""
    return {name: told[name] for name in sorted(known)}


def _table(properties: Mapping[str, _Schema]) -> _Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _text(description: str) -> _Schema:
    return {"type": "string", "description": description}


def _texts(description: str) -> _Schema:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def _flag(description: str) -> _Schema:
    return {"type": "boolean", "description": description}


def _choice(description: str, choices: Iterable[str]) -> _Schema:
    return {"type": "string", "enum": list(choices), "description": description}
