"""What comes of a media file. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backend.errors import ReeltopError
from backend.language import N_, _

NEEDS = N_("Pictures need PyAV and Pillow: pip install 'reeltop[preview]'")
"""Said wherever a picture would be."""


class MediaError(ReeltopError):
    """A file cannot be shown, and why."""


class NoDecoderError(MediaError):
    """The programs that decode are not installed."""


@dataclass(frozen=True, slots=True)
class Box:
    """The room that a picture may take, in pixels. It keeps its proportions and is never enlarged."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: rows from the top, three bytes (red, green, blue) a pixel.

    With a `palette`, that has three bytes a colour, and a pixel has one: the place of its colour in there.
    """

    width: int
    height: int
    pixels: bytes
    seconds: float = 0.0
    """When it is shown, from the start of its clip."""
    palette: bytes = b""

    @property
    def rgb(self) -> bytes:
        """Three bytes a pixel, in any case."""
        if not self.palette:
            return self.pixels
        colours = [self.palette[place : place + 3] for place in range(0, len(self.palette), 3)]
        return b"".join(map(colours.__getitem__, self.pixels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a file without showing it. What is unknown is 0 or empty."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    fps: float = 0.0
    codec: str = ""
    """Of the picture, as people call it: ``H.264``, ``PNG``."""
    sound: str = ""
    """The codec of the sound: ``AAC``; empty if there is none."""
    length: int = 0
    """Bytes of the file."""

    def words(self) -> str:
        """Return it in one line: ``5.1 s · 1280×720 · 24 fps · H.264 · no sound``."""
        is_clip = self.seconds > 0 or self.fps > 0
        parts = [
            _("{seconds} s").format(seconds=f"{self.seconds:.4g}") if self.seconds else "",
            f"{self.width}×{self.height}" if self.width and self.height else "",
            _("{fps:.4g} fps").format(fps=self.fps) if self.fps else "",
            self.codec,
            (_("sound {sound}").format(sound=self.sound) if self.sound else _("no sound")) if is_clip else "",
        ]
        return " · ".join(part for part in parts if part)
