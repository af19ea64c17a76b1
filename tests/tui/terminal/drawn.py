"""Reads back the pictures that a terminal is sent, as a terminal does."""

from __future__ import annotations

import io
import re
import zlib
from base64 import b64decode
from dataclasses import dataclass, field

from PIL import Image

GRAPHICS = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
SIXEL = re.compile(r"\x1bP[\d;]*q([^\x1b]*)\x1b\\")

Pixels = tuple[int, int, bytes]
"""Width, height and RGB rows."""


@dataclass
class KittyTerminal:
    """Keeps pictures by the Kitty graphics protocol."""

    pictures: dict[int, Pixels] = field(default_factory=dict)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Columns and rows of the virtual placement of each."""
    questions: int = 0
    _keys: dict[str, str] = field(default_factory=dict)
    _chunks: list[str] = field(default_factory=list)

    def read(self, written: str) -> None:
        """Do as `written` says."""
        for control, payload in GRAPHICS.findall(written):
            keys = dict(pair.split("=") for pair in control.split(","))
            match keys.get("a"):
                case "q":
                    self.questions += 1
                case "p":
                    assert keys["U"] == "1"
                    assert int(keys["i"]) in self.pictures
                    self.places[int(keys["i"])] = int(keys["c"]), int(keys["r"])
                case "d":
                    assert keys["d"] == "I"
                    self.pictures.pop(int(keys["i"]), None)
                    self.places.pop(int(keys["i"]), None)
                case _:
                    self._take(keys, payload)

    def _take(self, keys: dict[str, str], payload: str) -> None:
        assert len(payload) <= 4096
        assert keys["q"] == "2"
        self._keys = self._keys or keys
        self._chunks.append(payload)
        if keys["m"] == "1":
            assert len(payload) % 4 == 0
            return
        data, first = b64decode("".join(self._chunks), validate=True), self._keys
        self._keys, self._chunks = {}, []
        number = int(first["i"])
        self.places.pop(number, None)
        if first["f"] == "100":
            image = Image.open(io.BytesIO(data), formats=["PNG"]).convert("RGB")
            self.pictures[number] = image.width, image.height, image.tobytes()
        else:
            assert (first["f"], first["o"]) == ("24", "z")
            width, height, rgb = int(first["s"]), int(first["v"]), zlib.decompress(data)
            assert len(rgb) == 3 * width * height
            self.pictures[number] = width, height, rgb


def read_sixel(body: str) -> Pixels:
    """Return the picture that Sixel data draw; a pixel that they leave out is an error."""
    palette: dict[int, bytes] = {}
    raster = re.match(r'"1;1;(\d+);(\d+)', body)
    assert raster is not None
    width, height = int(raster[1]), int(raster[2])
    pixels: dict[tuple[int, int], bytes] = {}
    x = top = colour = 0
    for found in re.finditer(
        r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])", body[raster.end() :]
    ):
        number, red, green, blue, count, repeated, single, move = found.groups()
        if number is not None:
            colour = int(number)
            if red is not None:
                palette[colour] = bytes(round(int(part) * 2.55) for part in (red, green, blue))
        elif move is not None:
            x, top = 0, top + 6 * (move == "-")
        else:
            stop = x + int(count or 1)
            bits = ord(repeated or single) - 63
            pixels |= {
                (place, top + bit): palette[colour]
                for place in range(x, stop)
                for bit in range(6)
                if bits >> bit & 1
            }
            x = stop
    assert max(y for _, y in pixels) < height
    return width, height, b"".join(pixels[x, y] for y in range(height) for x in range(width))
