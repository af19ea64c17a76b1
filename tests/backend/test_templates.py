"""Templates are files that a person reads, git keeps, and ``reeltop batch`` takes."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from backend.batches.reading import read_sheet
from backend.drafts import Draft
from backend.errors import UsageError
from backend.templates import Templates

FOX = Draft(
    account="main",
    operation="text2video",
    texts={
        "prompt": '{{subject}} "x" \'\'\' """ \\ 雪 [/b]\nline two\x7f\n',
        "camera_control.type": "simple",
        "camera_control.config.pan": "3",
        "duration": "5",
        "@var:subject": "a fox\na crow",
    },
)


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    return Templates(tmp_path / "templates")


def test_what_is_saved_comes_back(templates: Templates) -> None:
    assert templates.all() == []
    assert not templates.has("my fox")
    path = templates.save("my fox", replace(FOX, texts={**FOX.texts, "@role:seed": "gone"}))
    assert templates.has("my fox")
    (found,) = templates.all()
    assert (found.name, found.draft, found.problem) == ("my fox", FOX, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    templates.save("my fox", Draft(account="a", operation="b", texts={"prompt": "new"}))
    assert [each.draft.texts for each in templates.all()] == [{"prompt": "new"}]


def test_a_file_is_readable_and_a_batch(templates: Templates) -> None:
    path = templates.save("fox", FOX)
    text = path.read_text(encoding="utf-8")
    assert 'account = "main"' in text
    assert "\nline two" in text, "what has lines is written in lines"
    sheet = read_sheet(path)
    assert sheet.variables == {"subject": ["a fox", "a crow"]}
    assert sheet.rows[0].cells["camera_control.config.pan"] == "3"


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "a\0b", "a" * 61, "a.", " a", "a\n", "~"])
def test_a_name_stays_within_the_folder(templates: Templates, name: str) -> None:
    with pytest.raises(UsageError):
        templates.save(name, FOX)
    assert not templates.folder.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"rows = 3",
        b"\xff\xfe",
        b"x = [",
        b"[[rows]]\n[[rows]]\n",
        b"a = " + b"[" * 100_000,
        b"[accounts.x]\nkey = 1",
    ],
)
def test_a_file_that_is_none_says_so_and_hides_no_other(templates: Templates, data: bytes) -> None:
    templates.save("good", FOX)
    (templates.folder / "bad.toml").write_bytes(data)
    (templates.folder / "notes.txt").write_text("no template")
    (templates.folder / "folder.toml").mkdir()
    bad, good = templates.all()
    assert bad.name == "bad"
    assert bad.problem
    assert good.draft == FOX


def test_what_a_person_wrote_with_numbers_and_defaults_is_taken(templates: Templates) -> None:
    templates.folder.mkdir()
    (templates.folder / "own.toml").write_text(
        'defaults.account = "main"\nvariables.n = [1, 2]\n[[rows]]\nduration = 5\nwatermark = true\n'
    )
    (found,) = templates.all()
    assert found.draft.account == "main"
    assert found.draft.texts == {"duration": "5", "watermark": "true", "@var:n": "1\n2"}
