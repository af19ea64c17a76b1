"""``reeltop sheet``: many first frames as one picture."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from backend.media.picture import MediaError, Picture
from backend.media.sheet import FRAME, MOST, Cell, columns_for, draw
from tests.backend.cli.conftest import Inside

CAT = ("submit", "--account", "kling", "--operation", "text2video", "--wait", "--json", "--set")


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image


def red(width: int, height: int) -> Picture:
    return Picture(width, height, bytes((255, 0, 0)) * (width * height))


def ground(part: Image.Image) -> bool:
    """Whether a part of a sheet is mostly the ground of a missing frame."""
    _, colour = max(part.getcolors(100_000) or [(0, None)])
    return colour == (39, 39, 42)


def test_a_sheet_of_real_clips(inside: Inside, tmp_path: Path) -> None:
    ids = [inside(*CAT, f"prompt=[ok] {name}").json()["id"] for name in ("a cat", "夕阳下的猫")]
    failed = inside(*CAT, "prompt=[fail] a dog").json()["id"]
    target = tmp_path / "sheet.png"
    done = inside("sheet", *ids, failed, "--output", str(target), "--columns", "3", "--json")
    assert done.code == 0, done.err
    assert done.json() == {"path": str(target), "clips": 2, "missing": 1}
    image = opened(target.read_bytes())
    assert image.width > 3 * FRAME.width
    left, middle, last = (
        image.crop((12 + place * 332, 12, 12 + place * 332 + 320, 192)) for place in range(3)
    )
    assert [ground(part) for part in (left, middle, last)] == [False, False, True]
    assert left.tobytes() != middle.tobytes()
    assert target.stat().st_mode & 0o777 == 0o600
    again = inside("sheet", *ids, "--output", str(target))
    assert (again.code, again.out) == (2, "")
    assert "--force" in again.err
    assert inside("sheet", ids[0], "--output", str(target), "--force").code == 0
    by_filter = inside("sheet", "--filter", "status:succeeded", "--output", str(tmp_path / "b.png"), "--json")
    assert by_filter.json()["clips"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a sheet of which tasks?"),
        (("x", "--filter", "cat"), "a sheet of which tasks?"),
        (("--filter", "nothing-fits"), "nothing to draw"),
        (("nonsense",), "no task with an id"),
    ],
)
def test_it_must_be_clear_of_which(inside: Inside, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = inside("sheet", *words, "--output", str(tmp_path / "x.png"))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_pictures_of_every_shape_fit() -> None:
    cells = [Cell("t", "p", red(*size)) for size in ((320, 180), (101, 180), (320, 3), (2048, 2048))]
    image = opened(draw(cells, 2))
    assert image.size == (2 * 332 + 12, 2 * 234 + 12)
    assert image.getpixel((12, 12)) == (255, 0, 0)
    assert image.getpixel((12 + 332 + 160, 100)) == (255, 0, 0)
    assert image.getpixel((12 + 332 + 2, 100)) != (255, 0, 0)


@pytest.mark.parametrize(
    "text", ["", "a" * 100_000, "猫" * 5000, "\x1b[2J\u202e\n\ud800", "[b]x[/b]", "🐈" * 500]
)
def test_whatever_the_prompt_says(text: str) -> None:
    opened(draw([Cell(text, text, None, text)], 1))


def test_no_sheet_of_nothing_or_of_everything() -> None:
    with pytest.raises(MediaError, match="1 to 400"):
        draw([], 1)
    with pytest.raises(MediaError, match="1 to 400"):
        draw([Cell("t", "p", None)] * (MOST + 1), 1)
    assert [columns_for(count) for count in (1, 2, 4, 5, 16, 400)] == [1, 2, 2, 3, 4, 8]
