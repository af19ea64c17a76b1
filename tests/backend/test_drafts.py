from __future__ import annotations

from pathlib import Path

import pytest

from backend.drafts import Draft, load_draft, save_draft

DRAFT = Draft(
    account="kling", operation="text2video", texts={"prompt": "雨夜\n[bold]\x1b[31m", "mode": "pro"}
)


def test_what_was_typed_comes_back_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "new" / "draft.json"
    save_draft(path, DRAFT)
    assert load_draft(path) == DRAFT
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["draft.json"]


def test_no_draft_is_an_empty_one(tmp_path: Path) -> None:
    assert load_draft(tmp_path / "draft.json") == Draft()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"account": 1}', '{"account":"a","operation":"b","texts":3}']
)
def test_a_broken_draft_is_an_empty_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "draft.json"
    path.write_text(text)
    assert load_draft(path) == Draft()


def test_half_a_character_from_a_broken_paste_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    save_draft(path, Draft(texts={"prompt": "\ud800"}))
    assert load_draft(path).texts["prompt"] == "\ud800"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "draft.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        save_draft(tmp_path / "draft.json", DRAFT)
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft.json"]
