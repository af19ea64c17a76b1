"""A task as a line of the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.models import ArtifactState, Failure, FailureKind, Status, Trouble
from tests.tui.fakes import BROKEN, NOW, UNREACHABLE, ahead, gallery, make_task, result
from tui.cells import COLUMNS, Sight, is_live, result_cell, row

ALL = [column.key for column in COLUMNS]
SIGHT = Sight(NOW, 130)


def test_one_cell_for_each_column() -> None:
    for task in gallery():
        assert len(row(task, SIGHT, ALL, ALL)) == len(COLUMNS)


def test_progress_is_a_bar_only_if_the_provider_tells_a_number() -> None:
    told = row(make_task(progress=0.45), SIGHT, ALL, ALL)[ALL.index("progress")]
    assert told.text == "████░░░░░░░  45%"
    guessed = row(make_task(), SIGHT, ALL, ALL)[ALL.index("progress")]
    assert guessed.text == "~40 s left (est.)"
    based = row(make_task(), Sight(NOW, 130, runs=14), ALL, ALL)[ALL.index("progress")]
    assert based.text == "~40 s left, 14 runs"
    assert row(make_task(), Sight(NOW), ALL, ALL)[ALL.index("progress")].text == ""


def test_progress_moves_into_the_result_where_its_column_has_no_room() -> None:
    narrow = [key for key in ALL if key != "progress"]
    assert row(make_task(), SIGHT, ALL, narrow)[-1].text == "~40 s left (est.)"
    failed = make_task(status=Status.FAILED, failure=BROKEN)
    assert row(failed, SIGHT, ALL, narrow)[-1].text.startswith("5003 Server internal error")


def test_trouble_comes_before_the_providers_silence() -> None:
    trouble = Trouble(failure=UNREACHABLE, since=NOW, count=2, next_try=ahead(8))
    assert result_cell(make_task(trouble=trouble), NOW).text == "retrying in 8 s: connection refused"
    resting = replace(trouble, next_try=None)
    waiting = make_task(status=Status.WAITING, trouble=resting)
    assert result_cell(waiting, NOW).text == "on hold: connection refused"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": ArtifactState.SAVED, "path": "/v/boat.mp4", "bytes_done": 46_100}, "saved, 46.1 kB"),
        ({"state": ArtifactState.DOWNLOADING, "bytes_done": 45, "bytes_total": 100}, "saving 45% of 100 B"),
        ({"state": ArtifactState.DOWNLOADING, "bytes_done": 1500}, "saving, 1.5 kB so far"),
        ({}, "2 h left to fetch"),
        (
            {
                "state": ArtifactState.FAILED,
                "failure": Failure(kind=FailureKind.NOT_FOUND, words="Gone", code="404"),
            },
            "not saved: 404 Gone",
        ),
    ],
)
def test_what_is_said_of_a_file(fields: dict[str, object], words: str) -> None:
    task = make_task(status=Status.SUCCEEDED, artifacts=(result(**fields),))
    assert result_cell(task, NOW).text == words


def test_the_least_finished_of_several_files_is_shown() -> None:
    saved = result(state=ArtifactState.SAVED, path="/v/a.mp4", bytes_done=2_000_000)
    both = make_task(status=Status.SUCCEEDED, artifacts=(saved, saved))
    assert result_cell(both, NOW).text == "saved, 2 files, 4.0 MB"
    half = make_task(status=Status.SUCCEEDED, artifacts=(saved, result()))
    assert result_cell(half, NOW).text == "2 h left to fetch"


def test_an_expired_link_is_said_to_be_expired() -> None:
    task = make_task(status=Status.SUCCEEDED, artifacts=(result(),))
    assert result_cell(task, ahead(7201)) == ("link expired", "bad")


def test_only_what_the_clock_moves_is_live() -> None:
    live = {task.status for task in gallery() if is_live(task)}
    assert Status.RUNNING in live
    assert live.isdisjoint({Status.FAILED, Status.REJECTED, Status.CANCELLED, Status.LOST})
    assert is_live(make_task(status=Status.SUCCEEDED, artifacts=(result(),)))
    saved = result(state=ArtifactState.SAVED, path="/v/a.mp4", bytes_done=2_000_000)
    assert not is_live(make_task(status=Status.SUCCEEDED, artifacts=(saved,)))
