"""Help, manual, completion and schemas: made from the same words, so that none can be forgotten.

After a change of words: ``python -m tests.backend.cli.test_words`` writes the snapshots anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import NoneType
from typing import Any
from unittest import mock

import pytest

from backend.cli.commands import SUMMARIES, load
from backend.cli.commands.manual import page
from backend.cli.commands.schema import of_request
from backend.cli.parser import build_parser, command_parser
from backend.cli.shapes import forms_of, shape_of
from backend.providers import registry
from backend.records import SCHEMA

from .conftest import ROOT, Ended, Inside, Reeltop
from .test_tasks import CAT

SNAPSHOTS = ROOT / "tests" / "snapshots"
NAMES = ["", *SUMMARIES]


def help_of(command: str) -> str:
    """Return ``--help`` as it is on a terminal of 100 columns."""
    with mock.patch.dict(os.environ, {"COLUMNS": "100", "NO_COLOR": "1"}):
        return command_parser(command).format_help() if command else build_parser().format_help()


def outline(schema: object, definitions: dict[str, object] | None = None) -> object:
    """Return a schema as what a reader needs to know of a shape: names and types."""
    if not isinstance(schema, dict):
        return schema
    definitions = schema.get("$defs", definitions or {})
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in definitions.items() if key != name}
        return outline(definitions[name], rest) if name in definitions else f"{name} again"
    if "anyOf" in schema:
        first, *others = [outline(item, definitions) for item in schema["anyOf"]]
        or_else = " or ".join(map(str, others))
        return {**first, "": f"or {or_else}"} if isinstance(first, dict) else f"{first} or {or_else}"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "array":
        return [outline(schema["items"], definitions)]
    if "properties" in schema:
        return {name: outline(item, definitions) for name, item in schema["properties"].items()}
    return f"{schema.get('type', 'any')}{', ' + schema['format'] if 'format' in schema else ''}"


def shape_text(command: str) -> str:
    """Return what a command prints with ``--json``, as text to compare."""
    return "\n".join(map(_form_text, forms_of(command))) or "no JSON\n"


def _form_text(form: str) -> str:
    shape = shape_of(form)
    assert shape is not None
    said = json.dumps(outline(shape), indent=1, ensure_ascii=False)
    return f"{form}: {shape['description'].partition('.')[0]}.\n{said}\n"


def files() -> dict[Path, str]:
    """Return every snapshot: where it lies and what it must say."""
    helps = {SNAPSHOTS / "help" / f"{name or 'reeltop'}.txt": help_of(name) for name in NAMES}
    return helps | {SNAPSHOTS / "json" / f"{name}.txt": shape_text(name) for name in SUMMARIES}


@pytest.mark.parametrize("command", NAMES)
def test_help_is_as_it_was(command: str) -> None:
    assert (SNAPSHOTS / "help" / f"{command or 'reeltop'}.txt").read_text() == help_of(command)


@pytest.mark.parametrize("command", list(SUMMARIES))
def test_the_shape_of_its_json_is_as_it_was(command: str) -> None:
    assert (SNAPSHOTS / "json" / f"{command}.txt").read_text() == shape_text(command)
    assert (shape_of(command) is not None) is load(command).has_json


def test_no_snapshot_is_of_a_command_that_is_gone() -> None:
    assert {path for path in SNAPSHOTS.rglob("*.txt") if path.parent.name in ("help", "json")} == set(files())


def unfit(value: Any, schema: dict[str, Any], definitions: dict[str, Any] | None = None) -> str:
    """Return what of a printed value is not as its JSON Schema says, which names every key; else nothing."""
    definitions = schema.get("$defs", definitions or {})
    if "$ref" in schema:
        return unfit(value, definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        found = [unfit(value, item, definitions) for item in schema["anyOf"]]
        return "" if "" in found else found[0]
    if value not in schema.get("enum", [schema.get("const", value)]):
        return f"{value!r} is another value"
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "number": int | float, "boolean": bool,
        "null": NoneType,
    }  # fmt: skip
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return f"{value!r} is no {schema['type']}"
    if schema.get("type") == "array":
        return next(filter(None, (unfit(item, schema["items"], definitions) for item in value)), "")
    known = schema.get("properties")
    if known is None:
        return ""
    if value.keys() != known.keys():
        return f"names: {value.keys() ^ known.keys()}"
    told = ((name, unfit(item, known[name], definitions)) for name, item in value.items())
    return next((f"{name}: {said}" for name, said in told if said), "")


def check_shape(form: str, done: Ended) -> None:
    """Prove that a command printed what `schema --output` says of it."""
    schema = shape_of(form)
    assert schema is not None, form
    values = [done.json()] if not schema["description"].startswith("An object a line.") else done.lines()
    assert values, (form, done)
    for value in values:
        assert not unfit(value, schema), (form, unfit(value, schema))


def test_what_is_printed_has_the_shape_that_is_documented(
    inside: Inside, reeltop: Reeltop, tmp_path: Path
) -> None:
    made = inside("submit", *CAT, "prompt=[ok] a cat", "--wait", "--json")
    check_shape("submit", made)
    task, lines = made.json()["id"], '{"ref": [1], "prompt": "[ok] x"}\n{"prompt": ""}\n'
    to_kling = ("--account", "kling", "--operation", "text2video")
    shots = tmp_path / "shots.csv"
    shots.write_text("id,prompt\na,[ok] a cat\nb,[fail] a dog\n", encoding="utf-8")
    for form, *words in (
        ("list",),
        ("list --remote", *to_kling),
        ("list --remote", "--account", "openai-video"),
        ("show", task),
        ("wait", task),
        ("watch", task),
        ("download", task),
        ("tag", task, "+a"),
        ("note", task, "--text", "b"),
        ("submit --dry-run", *CAT, "prompt=a cat"),
        ("resubmit --dry-run", task),
        ("resubmit", task),
        ("batch --dry-run", str(shots), *to_kling),
        ("batch", str(shots), *to_kling),
        ("batch --dry-run", str(shots), *to_kling),
        ("accounts",),
        ("accounts check",),
        ("accounts pause", "kling"),
        ("accounts resume", "kling"),
        ("operations",),
        ("operations NAME", "kling/image2video"),
        ("paths",),
        ("doctor",),
        ("keys",),
        ("log",),
        ("sheet", task, "--output", str(tmp_path / "sheet.png")),
        ("export",),
        ("archive", task),
    ):
        command = [word for word in form.split() if word != "NAME"]
        check_shape(form, inside(*command, *words, "--json", "--quiet"))
    for form in "submit - --dry-run", "submit -":
        check_shape(form, reeltop(*form.split(), *to_kling, "--quiet", stdin=lines))


def test_accounts_that_cannot_be_used_or_are_changed_have_the_shape_that_is_documented(
    bare_inside: Inside,
) -> None:
    bare_inside.configure('[accounts.a]\nprovider = "kling"\napi_key = "env:NOT_THERE"\n')
    more = ("b", "--provider", "kling", "--url", "singapore", "--secret", "api_key=env:ALSO_NOT")
    for form, *words in (
        ("accounts",),
        ("accounts check",),
        ("accounts add", *more),
        ("accounts disable", "b"),
        ("accounts enable", "b"),
        ("accounts remove", "b"),
    ):
        check_shape(form, bare_inside(*form.split(), *words, "--json", "--quiet"))


def test_every_form_has_a_schema_that_says_its_version(inside: Inside) -> None:
    for command in SUMMARIES:
        for form in forms_of(command):
            assert inside("schema", "--output", form).json()["version"] == SCHEMA


@pytest.mark.parametrize("name", ["kling/text2video", "openai-video/generate", "chanjing/tx-kling2.5"])
def test_a_request_has_a_schema(inside: Inside, name: str) -> None:
    schema = inside("schema", name).json()
    assert schema["title"] == name
    provider, _, operation = name.partition("/")
    offered = registry.provider(provider)
    assert schema["properties"].keys() == offered.operations[operation].model.model_fields.keys()
    assert schema == of_request(offered, offered.operations[operation])
    assert all("role" not in field for field in schema["properties"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which?"),
        (["nobody/text2video"], "unknown operation"),
        (["text2video"], "several providers"),
        (["--output", "nothing"], "unknown command"),
        (["--output", "manual"], "prints no JSON"),
        (["--output", "list --nothing"], "known: list, list --remote"),
    ],
)
def test_a_schema_that_is_not_there_is_told(inside: Inside, words: list[str], said: str) -> None:
    done = inside("schema", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_an_account_of_the_configuration_stands_for_its_provider(bare_inside: Inside) -> None:
    bare_inside.configure('[accounts.mine]\nprovider = "kling"\napi_key = "env:KEY"\n')
    assert bare_inside("schema", "mine/image2video").json()["title"] == "kling/image2video"


def test_the_manual_names_every_command_and_is_sound_roff(tmp_path: Path) -> None:
    text = page()
    assert all(f".SS {name} " in text.replace("\\-", "-") for name in SUMMARIES)
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-z"], input=text.encode(), capture_output=True, check=True
    )
    assert done.stderr == b""


# -- completion ---------------------------------------------------------------------------------------


@pytest.fixture
def filled(reeltop: Reeltop, inside: Inside) -> tuple[Reeltop, str]:
    """A home with one task, and a `reeltop` on its PATH."""
    task = inside("submit", *CAT, "prompt=[ok] [b]雪\x1b[31m\tcat", "--json").json()
    programs = reeltop.home / "bin"
    programs.mkdir()
    program = programs / "reeltop"
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m backend "$@"\n')
    program.chmod(0o700)
    path = f"{programs}:{os.environ['PATH']}"
    return Reeltop(reeltop.home, {**reeltop.environment, "PATH": path}), str(task["id"])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([""], "submit"),
        (["sh"], "show"),
        (["list", "--status", "suc"], "succeeded"),
        (["submit", "--account", "kling-"], "kling-relay"),
        (["--data", "x", "submit", "--account", "chan"], "chanjing"),
        (["submit", "--account", "kling", "--operation", "im"], "image2video"),
        (["submit", "--operation", "chanjing/"], "chanjing/tx-kling2.5"),
        (["submit", "--operation", "kling/text2video", "--set", "prom"], "prompt="),
        (["operations", "kling/i"], "kling/image2video"),
        (["schema", "--output", "arch"], "archive"),
        (["completion", "f"], "fish"),
        (["export", ""], "files"),
        (["download", "x", "--output", ""], "folders"),
        (["wait", "--ti"], "--timeout"),
    ],
)
def test_what_comes_next(inside: Inside, words: list[str], wanted: str) -> None:
    done = inside("__complete", *words)
    assert done.code == 0
    assert wanted in [line.partition("\t")[0] for line in done.out.splitlines()]


def test_tasks_come_with_harmless_words(inside: Inside, filled: tuple[Reeltop, str]) -> None:
    for words in (["show", ""], ["wait", "x", filled[1][:2]], ["tag", ""]):
        (line,) = inside("__complete", *words).out.splitlines()
        assert line.startswith(f"{filled[1]}\t")
        assert "[b]雪" in line
        assert "\x1b" not in line


@pytest.mark.parametrize(
    "words", [["show", "x", ""], ["nonsense", ""], ["--config", "/dev/null/x", "show", ""]]
)
def test_nothing_fits_is_no_error(inside: Inside, words: list[str]) -> None:
    done = inside("__complete", *words)
    assert (done.code, done.err) == (0, "")


SHELLS = {
    "bash": (
        'source <(reeltop completion bash); COMP_WORDS=(reeltop show "$1"); COMP_CWORD=2; _reeltop; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    ),
    "zsh": (
        "autoload -U compinit; compinit -u -D; source <(reeltop completion zsh); "
        '_describe() { print -rl -- "${(@P)3%%:*}" }; words=(reeltop show "$1"); CURRENT=3; _reeltop'
    ),
    "fish": "reeltop completion fish | source; complete -C 'reeltop show '(string sub -l 3 $argv[1])",
}


@pytest.mark.parametrize("shell", list(SHELLS))
def test_a_real_shell_completes_a_task(filled: tuple[Reeltop, str], shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    reeltop, task = filled
    quiet = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    more = [SHELLS[shell]] if shell == "fish" else [SHELLS[shell], shell]
    done = subprocess.run(
        [shell, *quiet, "-c", *more, task[:3]],
        env=reeltop.env(TERM="xterm"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert task in [line.split("\t")[0] for line in done.stdout.splitlines()], done.stderr


def main() -> None:
    """Write the snapshots anew."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
