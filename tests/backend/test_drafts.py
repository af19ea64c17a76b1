from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.drafts import Draft, DraftShelf, read_draft, save_draft

DRAFT = Draft(
    account="kling", operation="text2video", texts={"prompt": "雨夜\n[bold]\x1b[31m", "mode": "pro"}
)


def test_what_was_typed_comes_back_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "new" / "draft.json"
    save_draft(path, DRAFT)
    assert read_draft(path) == DRAFT
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["draft.json"]


def test_no_draft_is_none(tmp_path: Path) -> None:
    assert read_draft(tmp_path / "draft.json") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"account": 1}', '{"account":"a","operation":"b","texts":3}']
)
def test_a_broken_draft_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "draft.json"
    path.write_text(text)
    assert read_draft(path) is None


def test_half_a_character_from_a_broken_paste_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    save_draft(path, Draft(texts={"prompt": "\ud800"}))
    kept = read_draft(path)
    assert kept is not None
    assert kept.texts["prompt"] == "\ud800"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "draft.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        save_draft(tmp_path / "draft.json", DRAFT)
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft.json"]


def test_drafts_put_aside_are_there_once_newest_first_and_not_for_ever(tmp_path: Path) -> None:
    shelf = DraftShelf(tmp_path / "drafts")
    assert shelf.all() == []
    change = replace(DRAFT, task="t1")
    shelf.put(change)
    for number in range(DraftShelf.MOST + 3):
        shelf.put(replace(DRAFT, texts={"prompt": f"{number}"}))
        os.utime(next(_newest(tmp_path)), (number, number))
    shelf.put(DRAFT)
    shelf.put(DRAFT)
    shelf.put(Draft(texts={"prompt": " "}))
    shelf.put(replace(DRAFT, sent=True, texts={"prompt": "sent"}))
    found = [draft for _, draft in shelf.all()]
    assert len(found) == DraftShelf.MOST + 1
    assert set(map(repr, found[:2])) == {repr(DRAFT), repr(change)}
    assert found[-1].texts["prompt"] == "4"
    assert shelf.changes() == [change]
    assert shelf.change("t1") == change
    shelf.take(DRAFT)
    assert DRAFT not in [draft for _, draft in shelf.all()]
    shelf.drop("t1")
    shelf.drop("t1")
    assert shelf.changes() == []


def _newest(folder: Path) -> Iterator[Path]:
    yield max((folder / "drafts").iterdir(), key=lambda path: (path.stat().st_mtime_ns, path.name))
