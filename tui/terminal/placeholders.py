"""Cells that stand for a piece of a picture which the terminal itself draws. Pure.

As the Kitty graphics protocol has them: a character that no font has, with a combining mark for the row of
the piece within its picture and one for the column. A third mark is the picture's number: ``frame.py`` sends
that as the colour of the cell, whatever colours the cell was given on its way there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

PLACEHOLDER = "\U0010eeee"

FIRST, LAST = 16, 255
"""Numbers of pictures: colours of a terminal that has 256, without those that may be sent in another way."""

_RANGES = """
    305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9
    5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d
    73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87
    135d-135f 17dd 193a 1a17 1a75-1a7c 1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc
    1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d
    a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1 fe20-fe26 10a0f 10a38 1d185-1d189
    1d1aa-1d1ad 1d242-1d244
"""
"""The marks in their order: combining marks above a letter, of Unicode 6.0, that are never fused with one."""


MOST = 297
"""Rows or columns that a picture can have: as many as there are marks."""


@cache
def marks() -> Sequence[str]:
    """Return the marks for 0, 1, 2 and so on."""
    ranges = (each.partition("-") for each in _RANGES.split())
    return [
        chr(code) for first, _, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)
    ]


@cache
def _numbers() -> Mapping[str, int]:
    return {mark: number for number, mark in enumerate(marks())}


def placeholder(picture: int, row: int, column: int) -> str:
    """Return the text of a cell."""
    known = marks()
    return f"{PLACEHOLDER}{known[row]}{known[column]}{known[picture]}"


def picture_of(text: str) -> int:
    """Return the number of the picture that a cell belongs to."""
    return _numbers()[text[3]]


def place_of(text: str) -> tuple[int, int]:
    """Return row and column of a cell within its picture."""
    return _numbers()[text[1]], _numbers()[text[2]]
