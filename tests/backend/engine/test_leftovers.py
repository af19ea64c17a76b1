"""Partial files: kept while a task needs them, removed when nobody does, never somebody else's."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.engine.leftovers import KEPT, find_partial, remove_left_over
from backend.engine.part import FOLDER, PartFile
from backend.models import Artifact, ArtifactState, RemoteFile, Status, Task
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import Workshop, task

NOW = datetime.now(UTC)
OLD = KEPT + timedelta(hours=1)


def begun(folder: Path, task_id: str, age: timedelta = timedelta(0), index: int = 0) -> Path:
    """Leave a partial file behind whose last byte came so long ago."""
    part = PartFile(folder, task_id, index)
    part.open()
    part.restart('"v1"', 1000)
    part.write(b"0123456789")
    part.close()
    at = (NOW - age).timestamp()
    os.utime(part.path, (at, at))
    return part.path


def made(state: ArtifactState, task_id: str = "ours") -> Task:
    files = (Artifact(remote=RemoteFile(url="https://films.test/a.mp4"), state=state),)
    return replace(task(FakeClock(), status=Status.SUCCEEDED, artifacts=files), id=task_id)


@pytest.mark.parametrize("state", ArtifactState)
@pytest.mark.parametrize("task_id", ["ours", "../猫 [b]"])
def test_what_a_task_has_yet_to_fetch_is_kept_however_old(
    tmp_path: Path, state: ArtifactState, task_id: str
) -> None:
    path = begun(tmp_path, task_id, OLD)
    removed = remove_left_over(tmp_path, [made(state, task_id)], NOW)
    is_saved = state is ArtifactState.SAVED
    assert [each.path for each in removed] == ([path] if is_saved else [])
    assert path.exists() is not is_saved
    assert (tmp_path / FOLDER).exists() is not is_saved


def test_what_no_task_refers_to_goes_after_some_days(tmp_path: Path) -> None:
    """Until then it may be of another reeltop with the same folder, or of a task in the archive."""
    young, old = begun(tmp_path, "young", KEPT - timedelta(hours=1)), begun(tmp_path, "old", OLD)
    assert [each.path for each in remove_left_over(tmp_path, [], NOW)] == [old]
    assert sorted(path.name for path in young.parent.iterdir()) == [young.name, f"{young.name}.json"]


def test_what_is_being_written_and_what_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    folder = begun(tmp_path, "written", OLD).parent
    outside = tmp_path / "outside.txt"
    outside.write_text("kept")
    (folder / "linked-1.part").symlink_to(outside)
    (folder / "folder-1.part").mkdir()
    (folder / "notes.part").write_text("kept")
    os.mkfifo(folder / "pipe-1.part")
    for path in folder.iterdir():
        if not path.is_symlink():
            os.utime(path, (1, 1))
    before = sorted(folder.iterdir())
    writing = PartFile(tmp_path, "written", 0)
    writing.open()
    os.utime(writing.path, (1, 1))
    assert remove_left_over(tmp_path, [], NOW) == []
    writing.close()
    assert sorted(folder.iterdir()) == before
    assert [each.path.name for each in remove_left_over(tmp_path, [], NOW)] == ["written-1.part"]
    assert outside.read_text() == "kept"


def test_no_folder_is_no_trouble(tmp_path: Path) -> None:
    assert find_partial(tmp_path / "nowhere", []) == []


async def test_it_is_tidied_at_the_start_and_every_day(shop: Workshop) -> None:
    done = made(ArtifactState.SAVED)
    await shop.add(done)
    before = begun(shop.downloads, done.id)
    await shop.start()
    await shop.clock.until(lambda: not before.exists())
    again = begun(shop.downloads, done.id)
    await shop.clock.run(23 * 3600)
    assert again.exists()
    await shop.clock.run(2 * 3600)
    assert not again.exists()


def test_downloads_that_end_do_not_take_the_folder_from_those_that_begin(tmp_path: Path) -> None:
    def come_and_go(name: str) -> None:
        for _ in range(300):
            part = PartFile(tmp_path, name, 0)
            part.open()
            part.discard()
            part.close()

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(come_and_go, ("aaaa1111", "bbbb2222"))) == [None, None]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_stands_in_the_place_of_the_folder_is_an_error_and_no_wait(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / FOLDER).touch()
    else:
        (tmp_path / FOLDER).symlink_to(tmp_path / "nowhere" / "deep")
    with pytest.raises(OSError, match=FOLDER):
        PartFile(tmp_path, "aaaa1111", 0).open()
