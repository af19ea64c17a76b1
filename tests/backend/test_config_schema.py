"""The schema of the configuration says what the reader says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.cli.commands.schema import of_config
from backend.cli.main import main
from backend.config import load_config
from backend.errors import ConfigError
from backend.language import speak
from tests.contract.test_imports import ROOT

SCHEMA = of_config()
KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


def wrong(schema: dict[str, Any], value: Any, where: str = "") -> list[str]:
    """Return where a value does not fit, by the words that the schema uses."""
    if "anyOf" in schema:
        return [] if any(not wrong(one, value) for one in schema["anyOf"]) else [where]
    kinds = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type", "")]
    of_kind = any(isinstance(value, KINDS.get(kind, object)) for kind in kinds)
    if not of_kind or (isinstance(value, bool) and kinds[0] in ("integer", "number")):
        return [where]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(where)
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        found.append(where)
    if isinstance(value, list):
        for each in value:
            found += wrong(schema["items"], each, where)
    if isinstance(value, dict):
        found += [f"{where}.{name}" for name in schema.get("required", ()) if name not in value]
        for name, each in value.items():
            inside = schema["properties"].get(name, schema["additionalProperties"])
            found += wrong(inside, each, f"{where}.{name}") if inside else [f"{where}.{name}"]
    return found


def readme_tables() -> list[str]:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if set(tomllib.loads(block)) & set(SCHEMA["properties"])]


@pytest.mark.parametrize("text", readme_tables())
def test_the_readmes_examples_fit(text: str) -> None:
    data = tomllib.loads(text)
    for account in data.get("accounts", {}).values():
        account.setdefault("provider", "kling")  # an example of what is inside one
    assert wrong(SCHEMA, data) == []


@pytest.mark.parametrize(
    "text",
    [
        "lean = 1",
        'theme = "pink"',
        "downloads_at_once = 99",
        'colour = "red"',
        "read_only = 'yes'",
        "[keys]\nfly = 'f'",
        "[notify]\ndesktop = 'osc1'",
        "[accounts.a]\nprovider = 'klang'",
        "[accounts.a]\nbase_url = 'https://a.example'",
        "[accounts.a]\nprovider = 'kling'\nkey = 'x'",
        "[accounts.a]\nprovider = 'kling'\nlimits = { speed = 1 }",
        "[accounts.a]\nprovider = 'kling'\nprices = [{ per_hour = 1, unit = 'CNY' }]",
        "[[commands]]\nname = 'x'\nrun = 'sh -c x'",
        "[[commands]]\nrun = ['x']",
        "[[commands]]\nname = 'x'\nrun = ['x']\noutput = 'mail'",
    ],
)
def test_what_the_reader_refuses_does_not_fit(text: str, tmp_path: Path) -> None:
    assert wrong(SCHEMA, tomllib.loads(text)) != []
    path = tmp_path / "config.toml"
    path.write_text(text)
    if "fly" not in text:  # which actions there are is for the dashboard to know
        with pytest.raises(ConfigError):
            load_config(path)


def test_it_is_printed_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--language", "zh_CN", "schema", "config"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
