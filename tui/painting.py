"""How pictures are drawn: in half cells on any terminal, or by the terminal itself where it can. Pure."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass

from backend.media.picture import Box, Picture
from tui.halfcells import Cells, half_cells, room


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """A picture that is ready to be drawn, and by what."""

    picture: Picture
    painter: Painter
    data: str = ""
    """What the terminal is to be sent of it, if it draws it itself."""


class Painter(ABC):
    """Draws pictures in one way. Whoever shows one is its owner, has one at a time, and lets it go."""

    colours = 0
    """To which pictures should be reduced; 0 for none."""
    clip_colours = 0
    """To which pictures of a playing clip should be."""
    scales: tuple[float, ...] = (1.0, 0.7, 0.5, 0.35)
    """By which the sides of a playing clip can be multiplied, to fit the line. Each has about half of the
    pixels of the one before."""

    starts_small = False
    """Whether a clip had better begin with its smallest pictures."""

    @abstractmethod
    def room(self, columns: int, rows: int, scale: float | None = None) -> Box:
        """Return the pixels wanted for so many cells; with a `scale`, for a picture of a playing clip."""

    @abstractmethod
    def extent(self, picture: Picture, columns: int, rows: int) -> tuple[int, int]:
        """Return the columns and rows that a picture takes where there is room for so many."""

    async def prepare(self, picture: Picture) -> Painting:
        """Make a picture ready, off the event loop."""
        return Painting(picture, self, await asyncio.to_thread(self.encode, picture))

    @abstractmethod
    def encode(self, picture: Picture) -> str:
        """Return what the terminal is sent of a picture. It takes a while."""

    @abstractmethod
    def draw(self, painting: Painting, owner: object, columns: int, rows: int) -> Cells:
        """Return the rows of a picture in the place of the owner's last one."""

    def let_go(self, owner: object) -> None:  # noqa: B027 - there may be nothing to let go of
        """Forget the picture of an owner, who shows it no more."""


class HalfCellPainter(Painter):
    """Draws two pixels a cell."""

    def room(self, columns: int, rows: int, scale: float | None = None) -> Box:
        factor = 1.0 if scale is None else scale
        return room(int(columns * factor), int(rows * factor))

    def extent(self, picture: Picture, columns: int, rows: int) -> tuple[int, int]:
        return picture.width, (picture.height + 1) // 2

    async def prepare(self, picture: Picture) -> Painting:
        return Painting(picture, self)

    def encode(self, picture: Picture) -> str:
        return ""

    def draw(self, painting: Painting, owner: object, columns: int, rows: int) -> Cells:
        return half_cells(painting.picture)


def fitted(picture: Picture, columns: int, rows: int, cell: tuple[int, int]) -> tuple[int, int]:
    """Return the columns and rows that a picture fills, enlarged as much as its proportions let it."""
    scale = min(columns * cell[0] / picture.width, rows * cell[1] / picture.height)
    across, down = picture.width * scale / cell[0], picture.height * scale / cell[1]
    return max(1, min(columns, round(across))), max(1, min(rows, round(down)))
