from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.bodies import parse_body
from backend.cli.bodies import read_body
from backend.errors import UsageError

PAGE = """{
 "model_name":"kling-v2-5-turbo",
 "prompt": "在海滩上度假的快乐场景。",
 "duration":5,
 //"mode":"pro"
}"""


def test_a_body_is_read_as_a_page_prints_it() -> None:
    assert parse_body(PAGE, "page") == {
        "model_name": "kling-v2-5-turbo",
        "prompt": "在海滩上度假的快乐场景。",
        "duration": 5,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"url": "https://h/a//b", "c": "/* no */"}', {"url": "https://h/a//b", "c": "/* no */"}),
        ('{"a": [1, 2, /* three */ ], }', {"a": [1, 2]}),
        ('{"a": "say \\"//\\" ,]" /* x\n */ , // y\n}', {"a": 'say "//" ,]'}),
        ('\ufeff {"a": 1}'.removeprefix("\ufeff"), {"a": 1}),
        ('{"a": 12345678901234567890}', {"a": 12345678901234567890}),
    ],
)
def test_comments_and_trailing_commas_are_allowed_and_texts_left_alone(text: str, value: object) -> None:
    assert parse_body(text, "x") == value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "body.json:3:7: not valid JSON: a colon is missing"),
        (
            '{\n  // note\n  "a": 1 /* two\n lines */ "b"\n}',
            "body.json:4:11: not valid JSON: a comma or a closing bracket is missing",
        ),
        ('{"a": "unended\n}', "body.json:1:15: not valid JSON: a line break or another control character"),
        ("{'a': 1}", "body.json:1:2: not valid JSON: a name in double quotes is missing"),
        ('{"a": NaN}', "body.json: not valid JSON: NaN is no JSON number"),
        ("[" * 100_000, "body.json: not valid JSON: nested too deeply"),
        (" \n", "body.json: is empty"),
    ],
)
def test_a_malformed_body_is_explained_by_line_and_column(text: str, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_body(text, "body.json")
    assert str(caught.value).startswith(where)


def test_a_file_that_is_no_request_is_explained(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    for name, reason in (
        ("list.json", "must hold one JSON object, {…}"),
        ("latin.json", "is not UTF-8 text"),
        ("gone.json", "No such file or directory"),
        (".", "Is a directory"),
    ):
        with pytest.raises(UsageError, match=reason):
            read_body(str(tmp_path / name))


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO("\ufeff{}".encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    assert read_body("-") == {}


def test_a_long_text_costs_no_time() -> None:
    started = time.perf_counter()
    parse_body('{"image": "' + "A" * 5_000_000 + '", // base64\n "n": [' + "1, " * 100_000 + "]}", "x")
    assert time.perf_counter() - started < 3
