"""A very small H.264 encoder (ITU-T H.264, constrained baseline): flat rows, drawn and moving blocks. Pure.

A picture is coded in macroblocks of 16 × 16 pixels. Two kinds are enough here: one that carries its pixels as
they are (I_PCM), and one that goes on with the right edge of its left neighbour (Intra 16x16, horizontal).
Later pictures copy the one before; blocks named in them copy it from further left or right. Nothing is
transformed, so that a clip costs little time and decodes to exactly what was drawn.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

BLOCK = 16
"""Pixels of a macroblock's side."""
_START_OF_CODE = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_FRAME_NUMBER_BITS = 8
_PCM_COEFFICIENTS = 16
"""That a PCM block counts as having, for the code of its neighbours."""
_HORIZONTAL_BLOCK = 2
"""mb_type of Intra 16x16, horizontal, without residual, in an I slice."""
_PCM_BLOCK = 25


@dataclass(frozen=True, slots=True)
class Size:
    """Of a film, in pixels; both even."""

    width: int
    height: int

    @property
    def columns(self) -> int:
        """In macroblocks."""
        return -(-self.width // BLOCK)

    @property
    def rows(self) -> int:
        """In macroblocks."""
        return -(-self.height // BLOCK)


Block = bytes
"""256 bytes of luma, then 64 of each chroma; none may be 0."""


@dataclass(frozen=True, slots=True)
class Move:
    """Blocks that show what lay `right` pixels further left one picture before. An even number."""

    columns: range
    rows: range
    right: int


class _Bits:
    """Bits in the order in which they are written."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._value, self._count = 0, 0

    def fixed(self, value: int, count: int) -> None:
        """Append `count` bits."""
        self._value, self._count = self._value << count | value, self._count + count
        if self._count >= 256:
            self._flush()

    def whole(self, value: int) -> None:
        """Append an Exp-Golomb code, ue(v)."""
        self.fixed(value + 1, 2 * (value + 1).bit_length() - 1)

    def signed(self, value: int) -> None:
        """Append a signed Exp-Golomb code, se(v)."""
        self.whole(2 * value - 1 if value > 0 else -2 * value)

    def raw(self, data: bytes) -> None:
        """Append whole bytes, after zeros up to the next."""
        self.fixed(0, -self._count % 8)
        self._flush()
        self._done += data

    def unit(self, head: int) -> bytes:
        """Return all as a NAL unit with this first byte."""
        self.fixed(1, 1)
        self.fixed(0, -self._count % 8)
        self._flush()
        return bytes([head]) + _START_OF_CODE.sub(b"\x00\x00\x03", bytes(self._done))

    def _flush(self) -> None:
        spare = self._count % 8
        self._done += (self._value >> spare).to_bytes(self._count // 8)
        self._value, self._count = self._value & ((1 << spare) - 1), spare


def parameters(size: Size) -> tuple[bytes, bytes]:
    """Return the sequence and the picture parameter set."""
    bits = _Bits()
    bits.fixed(66, 8)  # baseline
    bits.fixed(0xC0, 8)  # constrained
    bits.fixed(40 if size.columns * size.rows <= 8192 else 51, 8)  # level
    bits.whole(0)
    bits.whole(_FRAME_NUMBER_BITS - 4)
    bits.whole(2)  # pictures are shown in the order in which they come
    bits.whole(1)  # one reference picture
    bits.fixed(0, 1)
    bits.whole(size.columns - 1)
    bits.whole(size.rows - 1)
    bits.fixed(0b11, 2)  # frames only, direct 8x8
    right, below = size.columns * BLOCK - size.width, size.rows * BLOCK - size.height
    bits.fixed(1, 1)
    for cut in (0, right // 2, 0, below // 2):
        bits.whole(cut)
    bits.fixed(0, 1)  # no further information
    sequence = bits.unit(0x67)
    bits = _Bits()
    bits.whole(0)
    bits.whole(0)
    bits.fixed(0, 2)  # CAVLC, no fields
    for _ in range(3):
        bits.whole(0)  # one slice group, one reference in each list
    bits.fixed(0, 3)  # no weights
    for _ in range(3):
        bits.signed(0)  # quantisers, which nothing here uses
    bits.fixed(0b100, 3)  # each slice says whether it is smoothed
    return sequence, bits.unit(0x68)


def still_slice(size: Size, rows: range, drawn: Mapping[tuple[int, int], Block]) -> bytes:
    """Return a slice of a first picture: the blocks at (column, row) as `drawn`, each other as its left one.

    The first column must be drawn.
    """
    bits = _Bits()
    _slice_head(bits, rows.start * size.columns, 7, 0)
    bits.whole(0)  # idr_pic_id
    bits.fixed(0, 2)
    _slice_tail(bits)
    above: list[int | None] = [None] * size.columns
    for row in rows:
        left: int | None = None
        for column in range(size.columns):
            block = drawn.get((column, row))
            if block is not None:
                bits.whole(_PCM_BLOCK)
                bits.raw(block)
                left = above[column] = _PCM_COEFFICIENTS
                continue
            bits.whole(_HORIZONTAL_BLOCK)
            bits.whole(1)  # chroma, horizontally too
            bits.signed(0)
            near = [count for count in (left, above[column]) if count is not None]
            # How "no coefficients" is written depends on how many the neighbours have.
            few = sum(near) < _PCM_COEFFICIENTS
            bits.fixed(*((1, 1) if few else (0b000011, 6)))
            left = above[column] = 0
    return bits.unit(0x65)


def moved_picture(size: Size, number: int, move: Move) -> bytes:
    """Return picture `number` (the first has 0) as a slice: the one before, with some blocks moved."""
    bits = _Bits()
    _slice_head(bits, 0, 5, number % 2**_FRAME_NUMBER_BITS)
    bits.fixed(0, 3)  # references as they come
    _slice_tail(bits)
    skipped, vector = move.rows.start * size.columns if move.right else size.columns * size.rows, 0
    vectors: dict[tuple[int, int], int] = {}
    for column, row in _places(size, move):
        vector = -4 * move.right if column in move.columns else 0
        vectors[column, row] = vector
        guess = _guess(vectors, size, column, row)
        if vector == _guess_of_skipped(vectors, column, row, guess):
            skipped += 1
            continue
        bits.whole(skipped)
        skipped = 0
        bits.whole(0)  # one vector for the block
        bits.signed(vector - guess)
        bits.signed(0)
        bits.whole(0)  # nothing else
    if move.right:
        skipped += (size.rows - move.rows.stop) * size.columns
    if skipped:
        bits.whole(skipped)
    return bits.unit(0x41)


def _places(size: Size, move: Move) -> Iterator[tuple[int, int]]:
    if move.right:
        for row in move.rows:
            for column in range(size.columns):
                yield column, row


def _guess(vectors: Mapping[tuple[int, int], int], size: Size, column: int, row: int) -> int:
    """Return the vector that a decoder expects from the neighbours (8.4.1.3), below the first row."""
    left, above = vectors.get((column - 1, row)), vectors.get((column, row - 1), 0)
    corner = vectors.get((column + 1 if column + 1 < size.columns else column - 1, row - 1), 0)
    return sorted((left or 0, above, corner))[1]


def _guess_of_skipped(vectors: Mapping[tuple[int, int], int], column: int, row: int, guess: int) -> int:
    """Return the vector of a block that is left out (8.4.1.1)."""
    if column == 0 or vectors[column - 1, row] == 0 or vectors.get((column, row - 1), 0) == 0:
        return 0
    return guess


def _slice_head(bits: _Bits, first: int, kind: int, number: int) -> None:
    bits.whole(first)
    bits.whole(kind)
    bits.whole(0)
    bits.fixed(number, _FRAME_NUMBER_BITS)


def _slice_tail(bits: _Bits) -> None:
    bits.signed(0)
    bits.whole(1)  # edges of blocks are not smoothed


def sample(units: Sequence[bytes]) -> bytes:
    """Return a picture's slices as an MP4 keeps them: each after its length."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)
