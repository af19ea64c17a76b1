"""What painters send is what a terminal draws."""

from __future__ import annotations

import random

import pytest
from rich.console import Console
from textual.strip import Strip

from backend.media.picture import Box, Picture
from tests.tui.terminal.drawn import SIXEL, KittyTerminal, read_sixel
from tui.halfcells import shrunk
from tui.kitty import KittyPainter
from tui.painting import Painter, Painting
from tui.sixel import SixelPainter
from tui.terminal.frame import Frame, Piece, Stamp
from tui.terminal.placeholders import MOST, PLACEHOLDER, marks

CELL = (9, 18)
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=80)


def picture(width: int, height: int, colours: int = 0, seed: int = 1) -> Picture:
    """Return one in which no two neighbours are alike."""
    chance = random.Random(seed)
    if not colours:
        return Picture(width, height, chance.randbytes(3 * width * height))
    pixels = bytes(chance.randrange(colours) for _ in range(width * height))
    return Picture(width, height, pixels, palette=chance.randbytes(3 * colours))


def painted(painter: Painter, shown: Picture) -> Painting:
    return Painting(shown, painter, painter.encode(shown))


def pieces(painter: Painter, painting: Painting, owner: object, room: tuple[int, int]) -> list[Piece]:
    rows = painter.draw(painting, owner, *room)
    return [(3, 2 + y, Strip(row)) for y, row in enumerate(rows)]


@pytest.mark.parametrize("colours", [0, 2, 256])
def test_kitty_gets_the_very_pixels(colours: int) -> None:
    terminal, shown = KittyTerminal(), picture(97, 61, colours)
    painter = KittyPainter(terminal.read, lambda: CELL)
    painter.draw(painted(painter, shown), self_owner := object(), 20, 10)
    assert terminal.pictures == {16: (97, 61, shown.rgb)}
    assert terminal.places == {16: (20, 6)}
    painter.let_go(self_owner)
    assert not terminal.pictures


def test_kitty_has_no_more_pictures_than_are_shown() -> None:
    terminal, owners = KittyTerminal(), [object(), object()]
    painter = KittyPainter(terminal.read, lambda: CELL)
    for seed in range(600):
        painter.draw(painted(painter, picture(2, 2, seed=seed)), owners[seed % 2], 4, 2)
        assert len(terminal.pictures) == min(seed + 1, 2)
    for _ in range(300):  # numbers go round, past one that is in use
        painter.let_go(owners[0])
        painter.draw(painted(painter, picture(2, 2)), owners[0], 4, 2)
    assert len(terminal.pictures) == 2
    painter.suspend()
    assert not terminal.pictures
    painter.resume()
    assert len(terminal.places) == 2


def test_a_picture_is_sent_once_however_often_and_large_it_is_drawn() -> None:
    sent: list[str] = []
    painter, owner = KittyPainter(sent.append, lambda: CELL), object()
    painting = painted(painter, picture(64, 36))
    for room in ((30, 10), (30, 10), (10, 10)):
        painter.draw(painting, owner, *room)
    assert len(sent) == 2
    assert len(sent[1]) < 60


def test_a_lean_line_gets_smaller_pictures_of_few_colours_in_as_many_cells() -> None:
    lean = KittyPainter(str, lambda: CELL, lean=True)
    assert lean.room(20, 10) == Box(90, 90)
    assert (lean.colours, lean.starts_small) == (256, True)
    assert lean.extent(picture(90, 50), 20, 10) == KittyPainter(str, lambda: CELL).extent(
        picture(180, 100), 20, 10
    )


def test_placeholders_reach_the_terminal_with_row_column_and_number() -> None:
    painter, frame = KittyPainter(str, lambda: CELL), Frame()
    drawn = pieces(painter, painted(painter, picture(18, 36)), "owner", (2, 2))
    written = frame.draw(drawn, CONSOLE)
    zero, one = marks()[:2]
    first = f"{PLACEHOLDER}{zero}{zero}{PLACEHOLDER}{zero}{one}"
    assert f"\x1b[3;4H\x1b[38;5;16m{first}" in written
    assert f"{PLACEHOLDER}{one}{one}" in written
    assert len(set(marks())) == MOST
    assert frame.draw(drawn, CONSOLE) == ""


@pytest.mark.parametrize(("width", "height", "colours"), [(1, 1, 1), (50, 6, 2), (40, 13, 256), (7, 30, 16)])
def test_sixel_has_the_very_pixels_within_its_hundred_steps(width: int, height: int, colours: int) -> None:
    stamps: dict[int, Stamp] = {}
    shown = picture(width, height, colours)
    painter = SixelPainter(stamps, lambda: (1, 18))
    painter.draw(painted(painter, shown), "owner", 80, 24)
    (stamp,) = stamps.values()
    drawn = read_sixel(SIXEL.findall(stamp.data)[0])
    assert drawn[:2] == (width, height)
    assert all(abs(one - other) <= 2 for one, other in zip(drawn[2], shown.rgb, strict=True))
    painter.let_go("owner")
    assert not stamps


def test_sixel_stays_within_its_cells_and_what_the_terminal_can() -> None:
    painter = SixelPainter({}, lambda: (9, 19), colours=64, largest=(300, 1000))
    box = painter.room(80, 10)
    assert box == Box(300, 186)
    assert box.height % 6 == 0
    assert painter.extent(picture(300, 181), 80, 10) == (33, 10)
    assert (painter.colours, painter.clip_colours) == (64, 64)


def test_sixel_is_drawn_once_and_again_when_what_covered_it_is_gone() -> None:
    frame = Frame()
    painter = SixelPainter(frame.stamps, lambda: (10, 6))
    drawn = pieces(painter, painted(painter, picture(40, 18, 4)), "owner", (4, 3))
    written = frame.draw(drawn, CONSOLE)
    assert len(SIXEL.findall(written)) == 1
    assert "\x1b[3;4H\x1bP" in written
    assert PLACEHOLDER not in written
    assert frame.draw(drawn, CONSOLE) == ""
    covered = frame.draw([(5, 3, Strip.blank(30))], CONSOLE)
    assert covered.count(" ") >= 2  # blank cells, too, wipe it away
    assert not SIXEL.findall(covered)
    # Its last column comes back, and what still covers its third is drawn anew.
    frame.draw([(5, 3, Strip.blank(1))], CONSOLE)
    again = frame.draw([(6, 3, drawn[1][2].crop(3))], CONSOLE)
    assert len(SIXEL.findall(again)) == 1
    assert again.index("\x1b[4;6H") > again.index("\x1bP")


def test_another_picture_is_drawn_over_the_one_before_and_leaves_nothing_of_it() -> None:
    frame = Frame()
    painter = SixelPainter(frame.stamps, lambda: (10, 6))
    frame.draw(pieces(painter, painted(painter, picture(40, 18, 4)), "owner", (4, 3)), CONSOLE)
    written = frame.draw(pieces(painter, painted(painter, picture(31, 13, 4)), "owner", (4, 3)), CONSOLE)
    assert len(frame.stamps) == 1
    assert "\x1b[5;4H   \x1b" in written  # its last row may still have been the old one's
    (drawn,) = SIXEL.findall(written)
    assert read_sixel(drawn)[:2] == (30, 13)  # whole columns


def test_what_was_made_for_more_room_is_shown_in_half_cells_meanwhile() -> None:
    painter = SixelPainter({}, lambda: CELL)
    painting = painted(painter, picture(180, 180, 8))
    rows = painter.draw(painting, "owner", 10, 4)
    assert len(rows) == 4
    assert not any(PLACEHOLDER in segment.text for row in rows for segment in row)
    assert shrunk(painting.picture, Box(1000, 1000)) is painting.picture
