"""A contact sheet: first frames with their captions as one PNG. Needs Pillow; blocks."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from backend.language import _
from backend.media.picture import Box, MediaError, Picture
from backend.text import clean_line

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

FRAME = Box(320, 180)
"""The room of a frame, in pixels."""
MOST = 400
_MOST_COLUMNS = 8
_GAP = 12
_LINE = 18
_LETTERS = 13
_GROUND, _HOLE, _INK, _FAINT = (24, 24, 27), (39, 39, 42), (228, 228, 231), (161, 161, 170)
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)
"""Where systems keep a font that knows Chinese, the usual ones first; then one for most other letters."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One clip: its first frame, or why there is none."""

    title: str
    text: str
    picture: Picture | None
    missing: str = ""


def columns_for(count: int) -> int:
    """Return how many columns suit so many clips."""
    return min(_MOST_COLUMNS, max(1, math.ceil(math.sqrt(count))))


def draw(cells: Sequence[Cell], columns: int) -> bytes:
    """Return the sheet as PNG, the cells in rows. Raises MediaError for none or too many."""
    from PIL import Image, ImageDraw

    if not 0 < len(cells) <= MOST:
        raise MediaError(
            _("a sheet holds 1 to {most} clips, not {count}").format(most=MOST, count=len(cells))
        )
    columns = min(columns, len(cells))
    wide, high = FRAME.width + _GAP, FRAME.height + 2 * _LINE + _GAP + _GAP // 2
    rows = math.ceil(len(cells) / columns)
    image = Image.new("RGB", (columns * wide + _GAP, rows * high + _GAP), _GROUND)
    pen = ImageDraw.Draw(image)
    for place, cell in enumerate(cells):
        left, top = _GAP + place % columns * wide, _GAP + place // columns * high
        _draw_frame(image, pen, cell, left, top)
        below = top + FRAME.height + _GAP // 2
        _write(pen, cell.title, left, below, _FAINT)
        _write(pen, cell.text, left, below + _LINE, _INK)
    png = io.BytesIO()
    image.save(png, "PNG", optimize=False)
    return png.getvalue()


def _draw_frame(image: Image.Image, pen: ImageDraw.ImageDraw, cell: Cell, left: int, top: int) -> None:
    from PIL import Image

    pen.rectangle((left, top, left + FRAME.width - 1, top + FRAME.height - 1), _HOLE)
    picture = cell.picture
    if picture is None:
        _write(pen, cell.missing, left + _GAP, top + FRAME.height // 2 - _LINE // 2, _FAINT, 2 * _GAP)
        return
    frame = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    frame.thumbnail((FRAME.width, FRAME.height))
    spot = left + (FRAME.width - frame.width) // 2, top + (FRAME.height - frame.height) // 2
    image.paste(frame, spot)


def _write(
    pen: ImageDraw.ImageDraw, text: str, left: int, top: int, ink: tuple[int, int, int], less: int = 0
) -> None:
    font = _font()
    pen.text((left, top), _cut(text, font, FRAME.width - less), ink, font=font)


def _cut(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: int) -> str:
    """Return `text`, or its beginning and dots, in `room` pixels."""
    text = clean_line(text)[:400]
    if font.getlength(text) <= room:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        fits = font.getlength(text[:middle].rstrip() + "...") <= room
        short, long = (middle, long) if fits else (short, middle - 1)
    return text[:short].rstrip() + "..."


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    for path in _there(_FONTS):
        try:
            return ImageFont.truetype(path, _LETTERS)
        except OSError:
            continue
    return ImageFont.load_default(_LETTERS)


def _there(paths: Sequence[str]) -> Iterator[str]:
    return (path for path in paths if Path(path).is_file())
