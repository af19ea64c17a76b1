"""Folders and files to choose a picture from, and what speaks against each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.picture_files import PictureFiles, list_folder, look, text_of
from backend.pictures import local_path
from backend.providers.fields import field_specs
from backend.providers.kling_fields import ImageToVideo
from tests.backend.media.test_media import png

TEN_MB = 10 * 2**20


def test_folders_come_first_and_numbers_are_in_order(tmp_path: Path) -> None:
    for name in ("shot 10.png", "shot 9.PNG", "b.txt", "狐[b].jpg", ".secret.png", "line\nbreak.png"):
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "z").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "broken.png").symlink_to(tmp_path / "gone")
    found = list_folder(tmp_path)
    assert found.problem == ""
    names = [entry.name for entry in found.entries]
    assert names == ["z", ".secret.png", "b.txt", "line\nbreak.png", "shot 9.PNG", "shot 10.png", "狐[b].jpg"]
    by_name = {entry.name: entry for entry in found.entries}
    assert by_name["z"].is_folder
    assert not by_name["z"].is_picture
    assert by_name["shot 9.PNG"].is_picture
    assert by_name["shot 9.PNG"].length == 5
    assert not by_name["b.txt"].is_picture
    assert by_name[".secret.png"].is_hidden


@pytest.mark.parametrize("name", ["gone", "file", "long" * 200])
def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    found = list_folder(tmp_path / name)
    assert not found.entries
    assert found.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_locked_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    assert "ermission" in list_folder(tmp_path / "locked").problem


@pytest.mark.parametrize(
    ("data", "kind", "problems"),
    [
        (png(400, 300), "PNG", []),
        (png(200, 300), "PNG", ["is 200 × 300 pixels; each side must have 300 or more"]),
        (png(300, 900), "PNG", ["proportions"]),
        (b"RIFF1234WEBPVP8 ", "WebP", ["no whole .jpg or .png picture"]),
        (b"\0\0\0\x20ftypavif", "AVIF", ["no whole .jpg or .png picture"]),
        (b"", "", ["no whole .jpg or .png picture"]),
        (png(400, 300) + bytes(TEN_MB), "PNG", ["at most 10 MB"]),
        (png(40, 40) + bytes(TEN_MB), "PNG", ["at most 10 MB", "each side"]),
    ],
)
def test_what_a_provider_would_refuse_is_known_before(
    tmp_path: Path, data: bytes, kind: str, problems: list[str]
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    seen = look(path, TEN_MB)
    assert seen.kind == kind
    assert len(seen.problems) == len(problems)
    for told, wanted in zip(seen.problems, problems, strict=True):
        assert wanted in told
    assert seen.length == len(data)


def test_a_size_behind_a_long_head_is_found(tmp_path: Path) -> None:
    """Cameras put megabytes of their own in front."""
    comment = b"\xff\xfe\xff\xff" + bytes(65533)
    frame = b"\xff\xc0\x00\x11\x08" + (600).to_bytes(2, "big") + (800).to_bytes(2, "big") + bytes(10)
    path = tmp_path / "camera.jpg"
    path.write_bytes(b"\xff\xd8" + comment * 20 + frame + b"\xff\xd9")
    seen = look(path, TEN_MB)
    assert (seen.width, seen.height, seen.kind, seen.problems) == (800, 600, "JPEG", ())


def test_a_pipe_a_folder_and_nothing_are_no_pictures(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "gone"):
        assert look(tmp_path / name, TEN_MB).problems


@pytest.mark.parametrize(
    "name", ["a b.png", "no-ending", "line\nbreak.png", "{{x}}.png", " edge.png", "雪.jpg", "50% #1.png"]
)
def test_the_text_of_a_path_names_that_very_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = text_of(path)
    assert "\n" not in text
    assert local_path(text) == path
    request = ImageToVideo.parse({"image": text})
    assert request.image == text


def test_a_name_that_is_no_utf8_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    assert local_path(text_of(path)) == path


def test_what_lies_at_home_is_named_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert text_of(tmp_path / "fox.png") == "~/fox.png"
    assert text_of(Path(f"{tmp_path}er/fox.png")) == f"{tmp_path}er/fox.png"


def test_the_last_folder_is_kept_until_it_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xe9 [b]\n")
    folder.mkdir()
    files = PictureFiles(tmp_path / "data" / "picture-folder")
    assert files.last_folder() is None
    files.remember(folder)
    assert files.last_folder() == folder
    folder.rmdir()
    assert files.last_folder() is None


def test_a_field_tells_whether_it_takes_a_file() -> None:
    limits = {spec.name: spec.largest_file for spec in field_specs(ImageToVideo)}
    assert limits["image"] == TEN_MB
    assert limits["prompt"] is None
