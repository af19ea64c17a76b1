"""Pictures named by path: checked, kept, and sent with the very bytes that they had."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from pathlib import Path

import pytest

from backend.errors import RequestError
from backend.pictures import PictureStore, check_picture, dimensions, local_files, references
from backend.providers import registry
from backend.providers.fields import RequestModel, check


def png(width: int = 400, height: int = 300, filling: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", filling) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, marker: int = 0xC0) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 18) + b"JFIF" + bytes(12)
    frame = b"\xff" + bytes([marker]) + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + app + b"\xff" + frame + b"\xff\xd9"


def request_of(operation: str = "image2video", **values: object) -> RequestModel:
    return registry.operation("kling", operation).model.parse(values)


@pytest.fixture
def store(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path / "pictures")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "my cat.png"
    path.write_bytes(png())
    return path


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xCF])
def test_a_jpeg_tells_its_size(marker: int) -> None:
    assert dimensions(jpeg(640, 480, marker)) == (640, 480)


def test_a_png_tells_its_size() -> None:
    assert dimensions(png(640, 480)) == (640, 480)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(50),
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(50),
        png()[:20],
        png(0, 400),
        jpeg(640, 480)[:24],
        jpeg(640, 480, 0xC4),
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(50),
        b"\xff\xd8" + b"\xff" * 1000,
    ],
)
def test_what_is_no_whole_picture_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no whole \.jpg or \.png"):
        dimensions(data)


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (300, 300, ""),
        (750, 300, ""),
        (300, 750, ""),
        (299, 400, "300 or more"),
        (751, 300, "proportions"),
        (300, 751, "proportions"),
    ],
)
def test_sizes_and_proportions(width: int, height: int, words: str) -> None:
    if not words:
        check_picture(png(width, height))
        return
    with pytest.raises(ValueError, match=words):
        check_picture(png(width, height))


@pytest.mark.parametrize(
    "text", ["photo.png", "./photo", "../a/b", "~/a.jpeg", "/home/me/my cat.png", "file:///home/a%20b"]
)
def test_what_a_path_looks_like(text: str) -> None:
    assert [found.field for found in local_files(request_of(image=text))] == ["image"]


@pytest.mark.parametrize("text", ["https://example.com/a.png", "{{frame}}", "/9j/4AAQSkZJRgABAQAA"])
def test_what_is_no_path(text: str) -> None:
    assert list(local_files(request_of(image=text))) == []


@pytest.mark.parametrize("text", ["ftp://example.com/a.png", "data:image/png;base64,a.png", "a\0.png"])
def test_what_is_nothing_at_all(text: str) -> None:
    checked = check(registry.operation("kling", "image2video").model, {"image": text})
    assert [issue.field for issue in checked.issues] == ["image"]


def test_a_picture_is_sent_with_the_bytes_it_had(store: PictureStore, picture: Path) -> None:
    before = picture.read_bytes()
    kept = store.keep(request_of(image=str(picture), image_tail="https://example.com/b.png"))
    (reference,) = references(kept.values())
    assert reference.startswith("file:///")
    assert len(str(kept.values())) < 1000
    picture.write_bytes(png(600, 600))
    for _ in range(2):
        sent = store.embed(type(kept).parse(kept.values())).to_body()
        assert base64.b64decode(sent["image"]) == before
        assert sent["image_tail"] == "https://example.com/b.png"
        picture.unlink(missing_ok=True)


def test_masks_and_lists_are_found_too(store: PictureStore, picture: Path) -> None:
    points = [{"x": 1, "y": 1}, {"x": 2, "y": 2}]
    masks = [{"mask": str(picture), "trajectories": points}]
    request = request_of(image=str(picture), static_mask=str(picture), dynamic_masks=masks)
    sent = store.embed(store.keep(request)).to_body()
    wanted = base64.b64encode(picture.read_bytes()).decode()
    assert (sent["image"], sent["static_mask"], sent["dynamic_masks"][0]["mask"]) == (wanted,) * 3
    omni = request_of("omni-video", prompt="x", aspect_ratio="1:1", image_list=[{"image_url": str(picture)}])
    assert store.embed(store.keep(omni)).to_body()["image_list"] == [{"image_url": wanted}]
    turbo = request_of("turbo-image2video", first_frame=str(picture))
    assert store.embed(store.keep(turbo)).to_body()["contents"] == [{"type": "first_frame", "url": wanted}]


def test_every_unusable_file_is_told_at_its_field(store: PictureStore, tmp_path: Path) -> None:
    (tmp_path / "small.png").write_bytes(png(10, 10))
    request = request_of(image=str(tmp_path / "gone.png"), image_tail=str(tmp_path / "small.png"))
    with pytest.raises(RequestError) as caught:
        store.keep(request)
    told = {issue.field: issue.message for issue in caught.value.issues}
    assert "No such file" in told["image"]
    assert "10 × 10" in told["image_tail"]


@pytest.mark.parametrize(
    ("operation", "field", "megabytes", "taken"),
    [
        ("image2video", "image", 9, True),
        ("image2video", "image", 11, False),
        ("turbo-image2video", "first_frame", 11, True),
        ("turbo-image2video", "first_frame", 51, False),
    ],
)
def test_a_file_may_be_so_large(
    store: PictureStore, tmp_path: Path, operation: str, field: str, megabytes: int, taken: bool
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png(filling=bytes(megabytes * 2**20)))
    request = request_of(operation, **{field: str(path)})
    if taken:
        assert len(str(store.embed(store.keep(request)).to_body())) > megabytes * 2**20
        return
    with pytest.raises(RequestError) as caught:
        store.keep(request)
    assert [issue.field for issue in caught.value.issues] == [field]
    assert "MB are taken" in caught.value.issues[0].message


def test_folders_and_devices_are_no_pictures(store: PictureStore, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    for path in (tmp_path / "folder.png", Path("/dev/null")):
        with pytest.raises(RequestError):
            store.keep(request_of(image=f"file://{path}"))


def test_a_damaged_copy_is_never_sent(store: PictureStore, picture: Path, tmp_path: Path) -> None:
    kept = store.keep(request_of(image=str(picture)))
    (copy,) = (tmp_path / "pictures").iterdir()
    copy.write_bytes(png(333, 333))
    assert base64.b64decode(store.embed(kept).to_body()["image"]) == picture.read_bytes(), "read anew"
    picture.write_bytes(png(444, 444))
    with pytest.raises(RequestError, match="not the picture any more"):
        store.embed(kept)


def test_a_task_taken_up_again_names_the_same_picture(store: PictureStore, picture: Path) -> None:
    kept = store.keep(request_of(image=str(picture)))
    picture.unlink()
    assert store.keep(type(kept).parse(kept.values())).values() == kept.values()


def test_copies_go_when_no_task_needs_them(store: PictureStore, picture: Path, tmp_path: Path) -> None:
    kept = store.keep(request_of(image=str(picture)))
    (copy,) = (tmp_path / "pictures").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    store.prune([])
    assert copy.exists(), "somebody may just be recording a task"
    os.utime(copy, (0, 0))
    store.prune(references(kept.values()))
    assert copy.exists()
    store.prune([])
    assert not copy.exists()
