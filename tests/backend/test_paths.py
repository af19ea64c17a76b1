"""The folders that reeltop makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.paths import make_private_folder


def test_what_is_missing_above_is_for_the_user_alone_too(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    deep = tmp_path / "data" / "sandbox" / "tokens"
    assert make_private_folder(make_private_folder(deep)) == deep
    assert [each.stat().st_mode & 0o777 for each in (tmp_path, *deep.parents[:2], deep)] == [
        0o755,
        *3 * [0o700],
    ]


def test_what_is_there_and_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_private_folder(tmp_path / "file" / "folder")
