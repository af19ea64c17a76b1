"""Text as dots, 7 high: ASCII as on a dot matrix display, all else as the character's number. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

HEIGHT = 7
_GAP = 1
# Five columns a character from the space on, each a byte, the lowest bit on top.
_COLUMNS = bytes.fromhex(
    "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649552250 0005030000"
    "001c224100 0041221c00 14083e0814 08083e0808 0050300000 0808080808 0060600000 2010080402"
    "3e5149453e 00427f4000 4261514946 2141454b31 1814127f10 2745454539 3c4a494930 0171090503"
    "3649494936 064949291e 0036360000 0056360000 0814224100 1414141414 0041221408 0201510906"
    "324979413e 7e1111117e 7f49494936 3e41414122 7f4141221c 7f49494941 7f09090901 3e4149497a"
    "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f020c027f 7f0408107f 3e4141413e"
    "7f09090906 3e4151215e 7f09192946 4649494931 01017f0101 3f4040403f 1f2040201f 3f4038403f"
    "6314081463 0708700807 6151494543 007f414100 0204081020 0041417f00 0402010204 4040404040"
    "0001020400 2054545478 7f48444438 3844444420 384444487f 3854545418 087e090102 0c5252523e"
    "7f08040478 00447d4000 2040443d00 7f10284400 00417f4000 7c04180478 7c08040478 3844444438"
    "7c14141408 081414187c 7c08040408 4854545420 043f444020 3c4040207c 1c2040201c 3c4030403c"
    "4428102844 0c5050503c 4464544c44 0008364100 00007f0000 0041360800 1008081008"
)
# Three columns a hexadecimal digit, 5 high.
_DIGITS = bytes.fromhex(
    "1f111f 121f10 1d1517 15151f 07041f 17151d 1f151d 01011f 1f151f 17151f 1f051f 1f141c 1f1111 1c141f"
    "1f1515 1f0505"
)


def lines(text: str, width: int, most: int) -> list[str]:
    """Return `text` in at most `most` lines of at most `width` dots, broken at spaces if possible."""
    found: list[str] = []
    for word in text.split():
        joined = f"{found[-1]} {word}" if found else word
        if found and _width(joined) <= width:
            found[-1] = joined
            continue
        found += _pieces(word, width)
        if len(found) > most:
            break
    if len(found) <= most:
        return found
    kept = found[:most]
    while kept[-1] and _width(kept[-1] + "...") > width:
        kept[-1] = kept[-1][:-1]
    kept[-1] += "..."
    return kept


def dots(text: str) -> list[list[bool]]:
    """Return the rows of a line of text, each dot lit or not."""
    columns = [column for char in text for column in _char(char)]
    return [[bool(column >> row & 1) for column in columns] for row in range(HEIGHT)]


def _width(text: str) -> int:
    return sum(len(_char(char)) for char in text)


def _pieces(word: str, width: int) -> Iterator[str]:
    piece = ""
    for char in word:
        if piece and _width(piece + char) > width:
            yield piece
            piece = ""
        piece += char
    yield piece


@lru_cache(maxsize=1024)
def _char(char: str) -> bytes:
    """Return a character's columns, with the gap behind it."""
    base = unicodedata.normalize("NFKD", char)[:1]
    if " " <= base <= "~" and base:
        start = 5 * (ord(base) - 32)
        return _COLUMNS[start : start + 5] + bytes(_GAP)
    columns = bytearray([0])
    for digit in f"{ord(char):04x}":
        start = 3 * int(digit, 16)
        columns += _DIGITS[start : start + 3] + b"\0"
    # Dark on light: a number that stands for one character is not to be taken for text.
    return bytes(0x7F ^ (column << 1) for column in columns) + bytes(_GAP)
