from __future__ import annotations

import os
from pathlib import Path

from backend.batches.folder import DONE, FAILED, Inbox


def names(inbox: Inbox) -> list[str]:
    return [path.name for path in inbox.complete()]


def test_a_file_is_taken_when_it_has_stopped_changing(tmp_path: Path) -> None:
    inbox, path = Inbox(tmp_path), tmp_path / "a.csv"
    path.write_text("prompt\n")
    assert names(inbox) == []
    path.write_text("prompt\na cat\n")
    assert names(inbox) == []
    assert names(inbox) == ["a.csv"]
    assert names(inbox) == ["a.csv"], "until it is put away"
    os.utime(path, (1, 1))
    assert names(inbox) == []


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in (".a.csv", "a.csv.part", "b.txt", "c.csv.results.jsonl", "empty.csv"):
        (tmp_path / name).write_text("" if name.startswith("empty") else "x")
    (tmp_path / "folder.csv").mkdir()
    inbox = Inbox(tmp_path)
    assert names(inbox) + names(inbox) == []


def test_files_are_put_away_with_what_belongs_to_them_and_replace_nothing(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    for number in (1, 2):
        (tmp_path / "a.csv").write_text(f"run {number}")
        (tmp_path / "a.csv.results.jsonl").write_text(f"results {number}")
        inbox.put_away(tmp_path / "a.csv", DONE)
    done = tmp_path / DONE
    assert {path.name: path.read_text() for path in done.iterdir()} == {
        "a.csv": "run 1",
        "a.csv.results.jsonl": "results 1",
        "a.2.csv": "run 2",
        "a.2.csv.results.jsonl": "results 2",
    }
    (tmp_path / "b.csv").write_text("bad")
    target = inbox.put_away(tmp_path / "b.csv", FAILED, "b.csv:1: wrong\n")
    assert target == tmp_path / FAILED / "b.csv"
    assert (tmp_path / FAILED / "b.csv.problems.txt").read_text() == "b.csv:1: wrong\n"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
