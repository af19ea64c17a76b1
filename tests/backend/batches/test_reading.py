from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.batches.reading import LARGEST, read_sheet
from backend.batches.sheet import BatchError, Sheet


def read(folder: Path, name: str, content: str | bytes) -> Sheet:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sheet(path)


def cells(sheet: Sheet) -> list[dict[str, Any]]:
    return [dict(row.cells) for row in sheet.rows]


def problems(folder: Path, name: str, content: str | bytes) -> list[str]:
    with pytest.raises(BatchError) as caught:
        read(folder, name, content)
    return [line.removeprefix(str(folder / name)) for line in caught.value.lines(50)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("head", ["", "\ufeff"])
def test_a_table_as_spreadsheets_write_it(tmp_path: Path, delimiter: str, head: str) -> None:
    lines = ['prompt|duration|"a, b; c"', '"你好 ""cat""|\nsecond line"|5|', "", "dog||x"]
    text = head + "\r\n".join(lines).replace("|", delimiter) + "\r\n"
    sheet = read(tmp_path, "shots.csv", text)
    first = f'你好 "cat"{delimiter}\nsecond line'
    assert cells(sheet) == [{"prompt": first, "duration": "5"}, {"prompt": "dog", "a, b; c": "x"}]
    assert [row.line for row in sheet.rows] == [2, 5]


def test_excels_own_line_about_the_delimiter_is_no_row(tmp_path: Path) -> None:
    sheet = read(tmp_path, "a.csv", "sep=;\nprompt;mode\na, b, c, d;std\n")
    assert cells(sheet) == [{"prompt": "a, b, c, d", "mode": "std"}]
    assert sheet.rows[0].line == 3


def test_all_that_is_wrong_with_a_table_is_told(tmp_path: Path) -> None:
    text = "prompt,prompt,x\na,b,c\na,b,c,d\na,b,c,,\n"
    assert problems(tmp_path, "a.csv", text) == [
        ":1: prompt: stands twice in the header",
        ":3: has 4 cells, the header 3; a text with ',' needs quotes",
    ]
    assert problems(tmp_path, "b.csv", 'prompt\n"never closed\n')[0].startswith(":2: cannot be read:")
    assert problems(tmp_path, "c.csv", "") == [": has no rows"]
    assert problems(tmp_path, "d.csv", "prompt\nok\n\xff\xfe".encode("latin-1"))[0].startswith(
        ":3: is not UTF-8 text"
    )


def test_json_lines(tmp_path: Path) -> None:
    sheet = read(
        tmp_path, "a.jsonl", '{"prompt": "a", "camera_control": {"type": "simple"}, "n": 1.5}\n\n{"id": 7}'
    )
    assert cells(sheet) == [{"prompt": "a", "camera_control.type": "simple", "n": 1.5}, {"id": 7}]
    assert [row.line for row in sheet.rows] == [1, 3]
    assert problems(tmp_path, "b.jsonl", '{"a": 1}\n[]\n{"a": NaN}\n{"a"\n' + "[" * 100_000) == [
        ":2: must be a JSON object, {…}",
        ":3: NaN is no JSON number",
        ":4: not valid JSON at character 5: a colon is missing",
        ":5: not valid JSON: nested too deeply",
    ]


TOML = """\
[defaults]
account = "kling"
camera_control = { type = "simple" }

[variables]
subject = ["a cat", "a dog"]

[[rows]]
prompt = '''
one
[[rows-in-a-text]]
'''
[[rows]]
id = "b"   # a comment
prompt = "two"
[rows.camera_control.config]
zoom = 3
"""

YAML = """\
defaults: &d
  account: kling
  camera_control: {type: simple}
variables:
  subject: [a cat, a dog]
rows:
  - prompt: |
      one
    sound: on
  - id: b
    prompt: two
    camera_control:
      config:
        zoom: 3
"""


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.yaml", YAML)])
def test_documents_with_defaults_variables_and_rows(tmp_path: Path, name: str, text: str) -> None:
    sheet = read(tmp_path, name, text)
    assert sheet.defaults == {"account": "kling", "camera_control.type": "simple"}
    assert sheet.variables == {"subject": ["a cat", "a dog"]}
    first, second = sheet.rows
    assert first.cells["prompt"].startswith("one")
    assert second.cells == {"id": "b", "prompt": "two", "camera_control.config.zoom": 3}
    lines = text.splitlines()
    assert "zoom" in lines[second.line_of("camera_control.config.zoom") - 1]
    assert "two" in lines[second.line_of("prompt") - 1]
    if name == "a.yaml":
        assert first.cells["sound"] == "on", "YAML 1.2 has no booleans by that name"
        assert type(second.cells["camera_control.config.zoom"]) is int


def test_a_json_document_or_a_bare_list(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a.json", '{"rows": [{"prompt": "a"}]}')) == [{"prompt": "a"}]
    assert cells(read(tmp_path, "b.json", '[{"prompt": "a"}]')) == [{"prompt": "a"}]
    assert cells(read(tmp_path, "b.yml", "- prompt: a\n")) == [{"prompt": "a"}]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "x = }\n", ":1: column 5: not valid TOML"),
        ("a.toml", "[[rows]]\na = 1\n[row]\n", ": row: unknown; known here: defaults, variables, rows"),
        ("a.toml", "rows = 3", ": rows: must be a list"),
        ("a.toml", "variables = 3\n[[rows]]\na=1", ": variables: must be a table"),
        ("a.json", '{"rows": [\n 3]}', ": row 1: must be a table"),
        ("a.json", "[1,\n  ]", ":2: column 3: not valid JSON"),
        ("a.json", "3", ": must have defaults"),
        ("a.yaml", "rows:\n  - a: [1\n  - b", ":3: column"),
        ("a.yaml", "rows:\n- a: 2020-01-01\n", ": not valid YAML: "),
        ("a.yaml", "a: !!python/object/apply:os.system [id]\n", "unknown"),
    ],
)
def test_a_broken_document_is_told_by_place(tmp_path: Path, name: str, text: str, words: str) -> None:
    assert words in problems(tmp_path, name, text)[0]


def test_aliases_cannot_multiply_without_bound(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "too large" in problems(tmp_path, "bomb.yaml", "\n".join(levels))[0]


def test_files_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    assert "must end in one of .csv" in problems(tmp_path, "a.xlsx", "x")[0]
    assert "has more than 64 MB" in problems(tmp_path, "a.csv", b"x" * (LARGEST + 1))[0]
    with pytest.raises(BatchError, match="No such file"):
        read_sheet(tmp_path / "none.csv")
